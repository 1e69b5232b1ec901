// A run reads its sources one after the other, then finishes what the store has left to do, then
// connects rows with accounts and accounts with owners, then learns anew who the people are, then
// counts the rows that name what no source has. Every start goes through the last four, so a crash
// anywhere in between is made good.

#include "daemon/service/importer.hpp"

#include "daemon/service/owners.hpp"
#include "daemon/service/review_changes.hpp"
#include "daemon/service/unknown_keys.hpp"
#include "daemon/service/zone_changes.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/transaction.hpp"
#include "daemon/store/uncounted_products.hpp"
#include "daemon/store/unknown_keys.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace reviewd::service {
namespace {

using std::chrono::milliseconds;

/// How often a source without `every:` is looked at for a change.
constexpr milliseconds look_every = std::chrono::minutes{5};

intake::ImportJobRequest::Mode job_mode(Importer::Mode mode) {
    switch (mode) {
    case Importer::Mode::when_changed:
        return intake::ImportJobRequest::Mode::when_changed;
    case Importer::Mode::always:
        return intake::ImportJobRequest::Mode::always;
    case Importer::Mode::dry_run:
        break;
    }
    return intake::ImportJobRequest::Mode::dry_run;
}

} // namespace

struct Importer::State {
    explicit State(Context& shared) : context(shared) {}

    enum class Stage { idle, reading, finishing, linking, counting };

    Context& context;
    Stage stage = Stage::idle;
    Mode mode = Mode::when_changed;
    config::Configuration configuration; ///< of the run: a reload must not pull it away
    std::deque<const config::SourceSettings*> queue;
    Files files;
    const config::SourceSettings* current = nullptr;
    std::unique_ptr<intake::ImportJob> job;
    std::vector<ImportReport> reports;
    std::vector<ImportReport> requested_reports;
    std::vector<std::string> decided_sources;
    bool is_requested = false; ///< the run, by a person and not by the clock
    bool has_changes = false;
    AccountId linked;
    std::optional<store::UnlinkedRows> unlinked;
    std::optional<store::UncountedProducts> uncounted;
    std::map<std::string, TimePoint, std::less<>> next_look; ///< by source
    std::map<std::string, std::string, std::less<>> last_error;

    void begin(TimePoint now);
    void finish_job(TimePoint now);
    void schedule(const config::SourceSettings& source, milliseconds after, TimePoint now);
    [[nodiscard]] Result<bool> link(TimePoint now);
    [[nodiscard]] Result<void> keep_counted();
    [[nodiscard]] Result<bool> count();
    void report(const config::SourceSettings& source, const intake::ImportJobOutcome& outcome);
};

void Importer::State::begin(TimePoint now) {
    current = queue.front();
    queue.pop_front();
    if (mode != Mode::dry_run) {
        // A trial puts nothing off.
        schedule(*current, current->every.value_or(look_every), now);
    }
    intake::ImportJobRequest request;
    request.source = current;
    request.schema = &configuration.rules->schema[current->table];
    request.company = &configuration.settings->company;
    request.data_directory = configuration.settings->data_directory;
    request.hold_share = current->hold_share.value_or(configuration.settings->hold_share);
    request.day = context.company_day(now);
    request.mode = job_mode(mode);
    const auto file = files.find(current->name);
    if (file != files.end()) {
        request.file = std::move(file->second);
        files.erase(file);
    }
    job = std::make_unique<intake::ImportJob>(context.database, std::move(request));
}

void Importer::State::schedule(
    const config::SourceSettings& source, milliseconds after, TimePoint now
) {
    // What a run reads with settings that a reload has replaced meanwhile is looked at again.
    if (configuration.settings == context.configuration.settings) {
        next_look[source.name] = now + after;
    }
}

void Importer::State::finish_job(TimePoint now) {
    const intake::ImportJobOutcome& outcome = job->outcome();
    if (outcome.kind == intake::ImportJobOutcome::Kind::failed && mode != Mode::dry_run) {
        // Whoever mends the file need not wait until its next turn.
        schedule(*current, std::min(current->every.value_or(look_every), look_every), now);
    }
    has_changes = has_changes || outcome.kind == intake::ImportJobOutcome::Kind::accepted;
    report(*current, outcome);
    reports.push_back({current->name, current->file, outcome});
    if (is_requested) {
        requested_reports.push_back(reports.back());
    }
    job.reset();
    current = nullptr;
}

void Importer::State::report(
    const config::SourceSettings& source, const intake::ImportJobOutcome& outcome
) {
    using Kind = intake::ImportJobOutcome::Kind;
    const store::ImportCounts& counts = outcome.counts;
    if (outcome.kind == Kind::accepted) {
        context.note(
            counts.bad > 0 ? LogEvent::import_bad_rows : LogEvent::import_accepted,
            fmt::format(
                "{}: {} added, {} changed, {} unchanged, {} vanished, {} bad",
                source.name,
                counts.added,
                counts.changed,
                counts.unchanged,
                counts.vanished,
                counts.bad
            )
        );
    }
    const bool is_failed = outcome.kind == Kind::failed;
    const bool is_held_anew = outcome.kind == Kind::held && !outcome.is_held_still;
    if (is_held_anew || (is_failed && last_error[source.name] != outcome.reason)) {
        context.note(
            is_failed ? LogEvent::import_failed : LogEvent::import_held,
            fmt::format("{}: {}", source.name, escape_controls(outcome.reason))
        );
    }
    last_error[source.name] = is_failed ? outcome.reason : std::string{};
}

Result<bool> Importer::State::link(TimePoint now) {
    store::Portfolio portfolio{context.database, configuration.rules->schema};
    const Result<std::optional<AccountId>> next =
        portfolio.link_some(owner_column_of(*configuration.settings), linked);
    if (!next.has_value()) {
        return next.error();
    }
    if (*next) {
        linked = **next;
        return false;
    }
    const Result<void> resolved = resolve_people(context, {"reviewd", "schedule"}, now);
    if (!resolved.has_value()) {
        return resolved.error();
    }
    stage = Stage::counting;
    unlinked.emplace(context.database);
    uncounted.emplace(context.database);
    return count();
}

Result<void> Importer::State::keep_counted() {
    if (!uncounted->has_counted()) {
        return {};
    }
    return store::write(context.database, [&]() -> Result<void> {
        uncounted->keep();
        return {};
    });
}

Result<bool> Importer::State::count() {
    if (unlinked->look_on() || uncounted->look_on()) {
        return false;
    }
    if (const Result<void> kept = keep_counted(); !kept.has_value()) {
        return kept.error();
    }
    const Result<void> noted =
        note_unknown_keys(context, *configuration.settings, unlinked->found());
    if (!noted.has_value()) {
        return noted.error();
    }
    unlinked.reset();
    uncounted.reset();
    stage = Stage::idle;
    return true;
}

Importer::Importer(Context& context) : state_(std::make_unique<State>(context)) {}

Importer::~Importer() = default;

Result<void> Importer::request(const std::vector<std::string>& names, Mode mode, Files files) {
    Result<void> begun = begin_run(names, mode, std::move(files));
    if (begun.has_value()) {
        forget_requested();
        state_->is_requested = true;
    }
    return begun;
}

Result<void> Importer::begin_run(const std::vector<std::string>& names, Mode mode, Files files) {
    if (is_busy()) {
        return fail(ErrorCode::conflict, "an import is under way: try again when it has ended");
    }
    const config::Configuration& configuration = state_->context.configuration;
    std::vector<const config::SourceSettings*> wanted;
    std::vector<std::string> known;
    for (const config::SourceSettings& source : configuration.settings->sources) {
        known.push_back(source.name);
        if (names.empty() || std::find(names.begin(), names.end(), source.name) != names.end()) {
            wanted.push_back(&source);
        }
    }
    for (const std::string& name : names) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            const std::string hint = did_you_mean(name, known);
            return fail(
                ErrorCode::not_found,
                fmt::format(
                    "no source is called `{}`; {}",
                    escape_controls(name),
                    hint.empty() ? fmt::format("there are {}", fmt::join(known, ", ")) : hint
                )
            );
        }
    }
    std::stable_sort(wanted.begin(), wanted.end(), [](const auto* a, const auto* b) {
        return a->table < b->table;
    });
    state_->configuration = configuration;
    state_->queue.assign(wanted.begin(), wanted.end());
    state_->files = std::move(files);
    state_->mode = mode;
    state_->reports.clear();
    state_->is_requested = false;
    state_->has_changes = false;
    state_->stage = State::Stage::reading;
    return {};
}

bool Importer::request_due(TimePoint now) {
    if (is_busy()) {
        return true;
    }
    std::vector<std::string> due;
    for (const config::SourceSettings& source : state_->context.settings().sources) {
        const auto look = state_->next_look.find(source.name);
        if (look == state_->next_look.end() || look->second <= now) {
            due.push_back(source.name);
        }
    }
    return !due.empty() && begin_run(due, Mode::when_changed, {}).has_value();
}

void Importer::look_again() {
    state_->next_look.clear();
}

bool Importer::is_busy() const {
    return state_->stage != State::Stage::idle;
}

Result<bool> Importer::step(TimePoint now) {
    State& state = *state_;
    switch (state.stage) {
    case State::Stage::idle:
        return false;
    case State::Stage::reading:
        if (state.job) {
            if (state.job->advance(now) == intake::ImportJob::Step::done) {
                state.finish_job(now);
            }
        } else if (!state.queue.empty()) {
            state.begin(now);
        } else if (state.has_changes) {
            state.stage = State::Stage::finishing;
        } else {
            state.stage = State::Stage::idle;
        }
        return false;
    case State::Stage::finishing: {
        const Result<bool> is_more = store::Imports{state.context.database}.continue_some();
        if (!is_more.has_value()) {
            return is_more.error();
        }
        if (!*is_more) {
            state.linked = {};
            state.stage = State::Stage::linking;
        }
        return false;
    }
    case State::Stage::linking:
        return state.link(now);
    case State::Stage::counting:
        break;
    }
    return state.count();
}

std::optional<ImportProgress> Importer::progress() const {
    if (!state_->job) {
        return std::nullopt;
    }
    const intake::ImportJobProgress progress = state_->job->progress();
    const double total = static_cast<double>(std::max<std::uint64_t>(progress.total_bytes, 1));
    return ImportProgress{
        state_->current->name, progress.rows, static_cast<double>(progress.bytes) / total};
}

const std::vector<ImportReport>& Importer::reports() const {
    return state_->reports;
}

const std::vector<ImportReport>& Importer::requested_reports() const {
    return state_->requested_reports;
}

const std::vector<std::string>& Importer::decided_sources() const {
    return state_->decided_sources;
}

void Importer::forget_requested() {
    state_->requested_reports.clear();
    state_->decided_sources.clear();
}

void Importer::finish_later() {
    state_->configuration = state_->context.configuration;
    state_->stage = State::Stage::finishing;
}

Result<void> Importer::decide(
    const std::vector<store::Import>& held, Decision decision, const Actor& actor, TimePoint now
) {
    if (is_busy()) {
        return fail(ErrorCode::conflict, "an import is under way: try again when it has ended");
    }
    const bool is_confirmed = decision == Decision::confirm;
    store::Database& database = state_->context.database;
    const Result<void> decided = store::write(database, [&]() -> Result<void> {
        store::Imports imports{database};
        for (const store::Import& import : held) {
            const Result<void> result =
                is_confirmed ? imports.confirm(import.id, now) : imports.drop(import.id, now);
            if (!result.has_value()) {
                return result;
            }
            store::Audit{database}.record(
                {0,
                 now,
                 actor.who,
                 actor.from,
                 is_confirmed ? "import.confirmed" : "import.dropped",
                 to_json({{"import", std::to_string(import.id.value)}})}
            );
        }
        return {};
    });
    if (decided.has_value()) {
        forget_requested();
        for (const store::Import& import : held) {
            state_->decided_sources.push_back(import.source_name);
        }
        finish_later();
    }
    return decided;
}

Result<void> Importer::resume(TimePoint now) {
    const Result<void> resumed = store::Imports{state_->context.database}.resume(now);
    if (resumed.has_value()) {
        finish_later();
    }
    return resumed;
}

std::optional<TimePoint> Importer::next_wake() const {
    std::optional<TimePoint> wake;
    for (const config::SourceSettings& source : state_->context.settings().sources) {
        const auto look = state_->next_look.find(source.name);
        const TimePoint when = look == state_->next_look.end() ? TimePoint::min() : look->second;
        wake = std::min(wake.value_or(when), when);
    }
    return wake;
}

} // namespace reviewd::service
