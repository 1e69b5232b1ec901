// While a pass over the database is under way, accounts that it has read already may change: they
// are remembered as touched and read once more at its end. A transaction that touches an account
// and fails costs one needless reading.
#include "daemon/service/portfolio_columns.hpp"

#include "daemon/service/in_parallel.hpp"
#include "daemon/store/account_reader.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/engine/fact_deriver.hpp"
#include "scoring/engine/fact_horizon.hpp"
#include "scoring/rules/equal_facts.hpp"

#include <algorithm>

namespace reviewd::service {
namespace {

namespace columnar = engine::columnar;

constexpr std::size_t touched_at_once = 500;
/// Where more of the accounts have to be read again, all are: a walk reads them faster.
constexpr std::size_t most_read_again = 4; // one in so many
constexpr std::size_t few_read_again = 20; // these are read quickly, however few there are

/// Reads accounts and derives their facts.
class Derivation {
public:
    Derivation(Context& context, Date day)
        : reader_(
            context.database, context.rules().schema, context.settings().company.minor_digits
        ),
          portfolio_(reader_.read_context(day)),
          deriver_(context.rules(), portfolio_),
          horizon_(context.rules(), engine::slots_in_use(context.rules()), day) {
        reader_.leave_out_past(day);
    }

    [[nodiscard]] store::AccountReader& reader() { return reader_; }
    [[nodiscard]] engine::FactRow facts(const store::AccountEntry& entry) const {
        return deriver_.derive(entry.records);
    }
    /// The number of the day.
    [[nodiscard]] std::int32_t stands_until(const store::AccountEntry& entry) const {
        return to_day_number(horizon_.stands_until(entry.records));
    }

private:
    store::AccountReader reader_;
    engine::PortfolioContext portfolio_;
    engine::FactDeriver deriver_;
    engine::FactHorizon horizon_;
};

} // namespace

PortfolioColumns::PortfolioColumns(Context& context) : context_(context) {}

void PortfolioColumns::forget() {
    drop();
    ++epoch_;
    changed_.clear();
}

void PortfolioColumns::forget_changed(std::span<const AccountId> accounts) {
    for (const AccountId account : accounts) {
        changed_.erase(account);
    }
}

/// Facts that are read again in the same epoch: what is known of the accounts stays known.
void PortfolioColumns::drop() {
    reading_.reset();
    day_.reset();
    all_day_.reset();
    stand_until_.clear();
    rules_.reset();
    scored_by_.reset();
    program_.reset();
    facts_ = {};
    scores_ = {};
    sums_ = {};
    are_sums_made_ = false;
    owner_numbers_.clear();
    owners_.clear();
    numbers_of_owners_.clear();
    touched_.clear();
    gone_.clear();
}

void PortfolioColumns::touch(AccountId account) {
    if (day_ || reading_) {
        touched_.insert(account);
    }
}

bool PortfolioColumns::are_too_many(std::size_t accounts) const {
    return accounts > few_read_again && accounts > facts_.rows() / most_read_again;
}

bool PortfolioColumns::is_loaded(Date day, Need need) const {
    return day_ == day && (need == Need::facts_in_use || all_day_ == day)
           && rules_ == context_.configuration.rules
           && minor_digits_ == context_.settings().company.minor_digits;
}

bool PortfolioColumns::are_current(Date day, Need need) const {
    return is_loaded(day, need) && touched_.empty() && scored_by_ == rules_;
}

std::optional<std::size_t> PortfolioColumns::accounts_read() const {
    return reading_ ? std::optional{reading_->accounts_read()} : std::nullopt;
}

void PortfolioColumns::adopt_rules() {
    const auto& rules = context_.configuration.rules;
    const bool are_all_of_a_day = day_ == all_day_;
    if (rules_ != nullptr && rules_ != rules && are_all_of_a_day
        && rules::have_equal_facts(*rules_, *rules)) {
        rules_ = rules;
        stand_until_.clear(); // these may read other facts
        ++epoch_;
        changed_.clear();
    }
}

/// Makes the facts in use those of a later day: accounts whose facts change by then are read again
/// as if somebody had touched them. @returns false when all have to be read
bool PortfolioColumns::follow(Date day) {
    const bool can_follow = day_ && *day_ < day && !reading_ && !stand_until_.empty()
                            && rules_ == context_.configuration.rules && scored_by_ == rules_
                            && minor_digits_ == context_.settings().company.minor_digits;
    if (!can_follow) {
        return false;
    }
    const std::int32_t number = to_day_number(day);
    std::vector<AccountId> again;
    for (std::size_t row = 0; row < stand_until_.size(); ++row) {
        if (stand_until_[row] < number) {
            again.push_back(facts_.accounts()[row]);
        }
    }
    if (again.size() > facts_.rows() / most_read_again) {
        return false;
    }
    touched_.insert(again.begin(), again.end());
    day_ = day;
    return true;
}

bool PortfolioColumns::load_some(Date day, Need need) {
    adopt_rules();
    if (!is_loaded(day, need)) {
        if (need == Need::all_facts || !follow(day)) {
            load_batch(day);
        }
    } else if (!touched_.empty()) {
        try {
            read_touched(day);
        } catch (...) {
            forget(); // half of it may be done
            throw;
        }
    } else if (scored_by_ != rules_) {
        score_all();
    }
    return are_current(day, need);
}

void PortfolioColumns::load_batch(Date day) {
    const int minor_digits = context_.settings().company.minor_digits;
    const auto& rules = context_.configuration.rules;
    if (!reading_ || !reading_->is_for(rules, minor_digits, day)) {
        const bool are_same = day_ == day && rules_ == rules && minor_digits_ == minor_digits;
        if (are_same) {
            changed_.insert(touched_.begin(), touched_.end());
            drop(); // the facts in use will be the same
        } else {
            forget();
        }
        reading_.emplace(rules, minor_digits, day);
    }
    const std::size_t before = reading_->accounts_read();
    const bool is_end = reading_->read_some(context_.database);
    read_ever_ += reading_->accounts_read() - before;
    if (!is_end) {
        return;
    }
    day_ = day;
    all_day_ = day;
    rules_ = rules;
    minor_digits_ = minor_digits;
    facts_ = reading_->take_facts();
    stand_until_ = reading_->take_horizons();
    owner_numbers_.reserve(facts_.rows());
    for (const PersonId owner : reading_->owners()) {
        owner_numbers_.push_back(owner_number(owner));
    }
    reading_.reset();
}

void PortfolioColumns::read_touched(Date day) {
    std::vector<AccountId> batch;
    for (const AccountId account : touched_) {
        if (batch.size() == touched_at_once) {
            break;
        }
        batch.push_back(account);
    }
    Derivation derivation{context_, day};
    const auto entries = derivation.reader().read(batch);
    read_ever_ += entries.size();
    NewRows added;
    auto next = entries.begin();
    for (const AccountId account : batch) {
        touched_.erase(account);
        const std::optional<std::size_t> row = find_row(account);
        if (next == entries.end() || next->id != account) {
            if (row) {
                gone_.insert(account);
            }
            continue;
        }
        const store::AccountEntry& entry = *next++;
        gone_.erase(account);
        changed_.insert(account);
        if (!row) {
            added.accounts.push_back(account);
            added.facts.push_back(derivation.facts(entry));
            added.stand_until.push_back(derivation.stands_until(entry));
            added.owners.push_back(entry.owner);
            continue;
        }
        facts_.update(*row, derivation.facts(entry));
        if (!stand_until_.empty()) {
            stand_until_[*row] = derivation.stands_until(entry);
        }
        owner_numbers_[*row] = owner_number(entry.owner);
    }
    add_rows(added);
    if (touched_.empty()) {
        remove_gone();
    }
    score_again(batch);
}

void PortfolioColumns::add_rows(const NewRows& added) {
    if (!added.accounts.empty()) {
        move_rows({facts_.accounts(), {}, added.accounts}, added);
    }
}

/// Once for all that were touched: each time moves most of the columns.
void PortfolioColumns::remove_gone() {
    if (!gone_.empty()) {
        const std::vector<AccountId> leaving(gone_.begin(), gone_.end());
        gone_.clear();
        move_rows({facts_.accounts(), leaving, {}}, {});
    }
}

void PortfolioColumns::move_rows(const columnar::RowMoves& moves, const NewRows& added) {
    const bool are_horizons_known = stand_until_.size() == facts_.rows();
    const bool are_scored = scores_.points.size() == columnar::padded(facts_.rows());
    facts_.move_rows(moves, added.accounts, added.facts);
    moves.apply(owner_numbers_, 1, moves.rows());
    if (are_horizons_known) {
        moves.apply(stand_until_, 1, moves.rows());
    }
    if (are_scored) {
        const std::size_t size = columnar::padded(moves.rows());
        moves.apply(scores_.points, 1, size);
        moves.apply(scores_.levels, 1, size);
        moves.apply(scores_.is_judged, 1, size);
    }
    for (std::size_t i = 0; i < added.accounts.size(); ++i) {
        const std::size_t row = moves.places()[i];
        owner_numbers_[row] = owner_number(added.owners[i]);
        if (are_horizons_known) {
            stand_until_[row] = added.stand_until[i];
        }
    }
    are_sums_made_ = false;
}

/// The chunks in which these accounts have rows, each once.
void PortfolioColumns::score_again(std::span<const AccountId> accounts) {
    are_sums_made_ = false;
    if (scored_by_ != rules_ || !program_ || !program_->fits(facts_)) {
        scored_by_.reset();
        return;
    }
    std::size_t done = 0; // up to this row
    for (const AccountId account : accounts) {
        const std::optional<std::size_t> row = find_row(account);
        if (!row || *row < done) {
            continue;
        }
        const std::size_t begin = *row / columnar::chunk_rows * columnar::chunk_rows;
        done = std::min(facts_.rows(), begin + columnar::chunk_rows);
        columnar::evaluate(*program_, facts_, {begin, done}, scores_);
    }
}

void PortfolioColumns::score_all() {
    program_ = columnar::compile(*rules_, facts_);
    scores_.resize(facts_.rows());
    in_parallel(facts_.rows(), [this](columnar::RowRange range) {
        columnar::evaluate(*program_, facts_, range, scores_);
    });
    scored_by_ = rules_;
    are_sums_made_ = false;
}

const columnar::SumColumns& PortfolioColumns::sums() {
    if (!are_sums_made_) {
        const columnar::Program program = columnar::compile_sums(*rules_, facts_);
        sums_.resize(facts_.rows(), rules_->groups.size());
        in_parallel(facts_.rows(), [&](columnar::RowRange range) {
            columnar::evaluate_sums(program, facts_, range, sums_);
        });
        are_sums_made_ = true;
    }
    return sums_;
}

std::uint32_t PortfolioColumns::owner_number(PersonId owner) {
    const auto next = static_cast<std::uint32_t>(owners_.size());
    const auto [known, is_new] = numbers_of_owners_.emplace(owner, next);
    if (is_new) {
        owners_.push_back(owner);
    }
    return known->second;
}

std::size_t PortfolioColumns::row_after(AccountId account) const {
    const std::vector<AccountId>& accounts = facts_.accounts();
    return static_cast<std::size_t>(
        std::upper_bound(accounts.begin(), accounts.end(), account) - accounts.begin()
    );
}

std::optional<std::size_t> PortfolioColumns::find_row(AccountId account) const {
    const std::vector<AccountId>& accounts = facts_.accounts();
    const auto found = std::lower_bound(accounts.begin(), accounts.end(), account);
    return found != accounts.end() && *found == account
               ? std::optional{static_cast<std::size_t>(found - accounts.begin())}
               : std::nullopt;
}

PersonId PortfolioColumns::owner(std::size_t row) const {
    REVIEWD_ASSERT(row < owner_numbers_.size());
    return owners_[owner_numbers_[row]];
}

std::size_t PortfolioColumns::bytes() const {
    std::size_t bytes = facts_.bytes() + stand_until_.capacity() * sizeof(std::int32_t)
                        + owner_numbers_.capacity() * sizeof(std::uint32_t)
                        + scores_.points.capacity() * sizeof(std::int32_t)
                        + scores_.levels.capacity() + scores_.is_judged.capacity();
    for (const std::vector<std::int64_t>& sums : sums_.sums) {
        bytes += sums.capacity() * sizeof(std::int64_t);
    }
    return bytes;
}

} // namespace reviewd::service
