// What waits is one row of the database, so that it is there after a crash; what was not counted to
// its end is counted anew then. Once held, it stays held until a person decides.
#include "daemon/service/rules_desk.hpp"

#include "config/loader/rules_places.hpp"
#include "daemon/service/judge_account.hpp"
#include "daemon/service/level_guard.hpp"
#include "daemon/service/rules_versions.hpp"
#include "daemon/store/account_reader.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/overrides.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/text.hpp"
#include "scoring/engine/fact_deriver.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace reviewd::service {
namespace {

namespace json = boost::json;
using Authority = config::RulesSettings::Authority;
using Origin = store::RulesCandidate::Origin;

constexpr std::size_t counted_batch = 500;
/// The marker with the version that a person dropped, while the files still hold it.
constexpr std::string_view dropped_marker = "rules.dropped";

Error unreadable(const config::Report& report) {
    return fail(ErrorCode::bad_data, render(report.diagnostics()));
}

/// What is wrong with drafts, by the names that their author knows.
Error findings_in_drafts(
    const config::Configuration& configuration,
    std::vector<config::RulesFile> all,
    const std::vector<config::RulesFile>& drafts
) {
    const auto places = config::find_places(all, drafts);
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        if (places[i]) {
            all[*places[i]] = drafts[i];
        } else {
            all.push_back(drafts[i]);
        }
    }
    config::Report report;
    static_cast<void>(config::with_rules(configuration, all, config::AgendaFit::required, report));
    return unreadable(report);
}

/// `{"accounts", "moving", "moves": [[from, to, accounts]]}`
std::string effect_text(const WaitingRules& waiting) {
    json::array moves;
    for (const auto& [levels, accounts] : waiting.moves) {
        moves.push_back(json::array{levels.first, levels.second, accounts});
    }
    return json::serialize(json::object{
        {"accounts", waiting.accounts}, {"moving", waiting.moving}, {"moves", std::move(moves)}});
}

void read_effect(const std::string& text, WaitingRules& waiting) {
    const json::value effect = json::parse(text);
    waiting.accounts = effect.at("accounts").as_int64();
    waiting.moving = effect.at("moving").as_int64();
    for (const json::value& move : effect.at("moves").as_array()) {
        const std::string from{move.at(0).as_string()};
        const std::string to{move.at(1).as_string()};
        waiting.moves[{from, to}] = move.at(2).as_int64();
    }
    waiting.is_counted = true;
}

} // namespace

RulesDesk::RulesDesk(Context& context, Rescorer& rescorer, Scheduler& scheduler)
    : context_(context), rescorer_(rescorer), scheduler_(scheduler) {}

void RulesDesk::note_files(const Actor& actor, TimePoint now) {
    store::RulesVersions versions{context_.database};
    const std::optional<store::RulesCandidate> candidate = versions.candidate();
    const bool is_of_files = candidate && candidate->origin == Origin::files;
    const bool are_files_the_truth = context_.settings().rules.authority == Authority::files;
    const rules::RuleSet* const files = context_.files_rules.get();
    const bool are_in_force =
        files == nullptr || files->content_hash == context_.rules().content_hash;
    if (!are_files_the_truth || are_in_force || !versions.active()) {
        store::Markers{context_.database}.erase(dropped_marker);
        // What the files brought, they have taken back; or nobody asks them any more. Where they
        // are the truth, nothing else may wait.
        if (candidate && (is_of_files || are_files_the_truth)) {
            versions.record({candidate->version, now, actor.who, store::RulesEventKind::dropped, ""}
            );
            versions.clear_candidate();
        }
        return;
    }
    const store::RulesVersionId version = versions.remember(to_version(*files, actor.who, ""), now);
    if (passed_over() == version || (is_of_files && candidate->version == version)) {
        return;
    }
    store::Markers{context_.database}.erase(dropped_marker);
    versions.record({version, now, actor.who, store::RulesEventKind::loaded, ""});
    versions.set_candidate({version, Origin::files, actor.who, "", now, false, {}});
}

void RulesDesk::refresh() {
    waiting_.reset();
    after_ = {};
    const std::optional<store::RulesCandidate> candidate =
        store::RulesVersions{context_.database}.candidate();
    if (!candidate) {
        return;
    }
    config::Report report;
    const auto files = files_of(context_.database, candidate->version);
    auto configuration =
        config::with_rules(context_.configuration, files, config::AgendaFit::required, report);
    if (!configuration) {
        context_.note(
            LogEvent::rules_unreadable,
            fmt::format(
                "rules v{} wait, but cannot be read with these settings: {}",
                candidate->version.value,
                render(report.diagnostics())
            )
        );
        return;
    }
    wait_for(std::move(*configuration), *candidate);
    if (candidate->is_held) {
        read_effect(candidate->effect, *waiting_);
    }
}

void RulesDesk::wait_for(
    config::Configuration configuration, const store::RulesCandidate& candidate
) {
    waiting_configuration_ = std::move(configuration);
    waiting_.emplace();
    waiting_->candidate = candidate;
    waiting_->idle = find_idle_overrides(context_, *waiting_configuration_.rules);
}

std::optional<WaitingRules> RulesDesk::waiting_now() const {
    std::optional<WaitingRules> waiting = waiting_;
    if (waiting) {
        waiting->idle = find_idle_overrides(context_, *waiting_configuration_.rules);
    }
    return waiting;
}

Result<void> RulesDesk::step(TimePoint now) {
    const Result<void> counted = count_batch(now);
    if (!counted.has_value() || !waiting_->is_counted || waiting_->candidate.is_held) {
        return counted;
    }
    if (are_too_many(context_.settings(), waiting_->accounts, waiting_->moving)) {
        return hold(now);
    }
    const Actor actor{waiting_->candidate.who, "schedule"};
    return put_in_force(actor, store::RulesEventKind::in_force, now);
}

Result<void> RulesDesk::count_batch(TimePoint now) {
    const rules::RuleSet& rules = *waiting_configuration_.rules;
    const Date today = context_.company_day(now);
    store::AccountReader reader{
        context_.database, rules.schema, context_.settings().company.minor_digits};
    const engine::PortfolioContext portfolio = reader.read_context(today);
    const engine::FactDeriver deriver{rules, portfolio};
    const auto entries = reader.read_after(after_, counted_batch);
    store::Scores scores{context_.database};
    const auto overrides = store::Overrides{context_.database}.open();
    for (const store::AccountEntry& entry : entries) {
        std::optional<store::AccountScore> kept = scores.find(entry.id);
        waiting_->accounts += kept ? 1 : 0;
        if (!kept || is_level_set(overrides, entry.id, rules)) {
            continue; // a level that a person set stays
        }
        // The days of keep_level hold back facts that flap, not rules that people change.
        kept->level_since = Date{};
        const Judged judged = judge_account(rules, deriver.derive(entry.records), kept, today);
        const std::string& level = rules.levels[judged.level.level].name;
        if (level != kept->level) {
            ++waiting_->moving;
            ++waiting_->moves[{kept->level, level}];
        }
    }
    if (entries.size() == counted_batch) {
        after_ = entries.back().id;
    } else {
        waiting_->is_counted = true;
    }
    return {};
}

Result<void> RulesDesk::hold(TimePoint now) {
    store::RulesCandidate candidate = waiting_->candidate;
    candidate.is_held = true;
    candidate.effect = effect_text(*waiting_);
    const Result<void> held = store::write(context_.database, [&]() -> Result<void> {
        store::RulesVersions versions{context_.database};
        versions.set_candidate(candidate);
        versions.record(
            {candidate.version,
             now,
             "reviewd",
             store::RulesEventKind::held,
             fmt::format("{} of {} accounts", waiting_->moving, waiting_->accounts)}
        );
        return {};
    });
    if (!held.has_value()) {
        return held;
    }
    waiting_->candidate = candidate;
    context_.note(
        LogEvent::rules_held,
        fmt::format(
            "rules v{} would move {} of {} accounts to another level, more than {:.0f} %: held "
            "until confirmed",
            candidate.version.value,
            waiting_->moving,
            waiting_->accounts,
            100 * context_.settings().hold_share
        )
    );
    return {};
}

Result<void> RulesDesk::put_in_force(
    const Actor& actor, store::RulesEventKind what, TimePoint now
) {
    const store::RulesCandidate& candidate = waiting_->candidate;
    const Result<void> done = store::write(context_.database, [&]() -> Result<void> {
        store::RulesVersions versions{context_.database};
        versions.activate(candidate.version);
        versions.clear_candidate();
        versions.record({candidate.version, now, actor.who, what, candidate.note});
        store::Audit{context_.database}.record(
            {0,
             now,
             actor.who,
             actor.from,
             "rules.in_force",
             fmt::format(R"({{"version":{}}})", candidate.version.value)}
        );
        rescorer_.mark_accepted(waiting_configuration_.rules->content_hash);
        return {};
    });
    if (!done.has_value()) {
        return done;
    }
    context_.configuration = std::move(waiting_configuration_);
    note_rules_in_force(context_, candidate.version);
    waiting_configuration_ = {};
    waiting_.reset();
    rescorer_.begin_accepted();
    scheduler_.request();
    return {};
}

Result<void> RulesDesk::require_published(std::string_view what) const {
    const config::RulesSettings& settings = context_.settings().rules;
    if (settings.authority == Authority::published) {
        return {};
    }
    return fail(
        ErrorCode::conflict,
        fmt::format(
            "the files in {} are the truth (`rules: {{ authority: files }}`), so nothing is {} "
            "beside them: change the files and run `reviewctl reload`, or let IT set `authority: "
            "published`",
            settings.directory,
            what
        )
    );
}

Result<void> RulesDesk::require_none_waiting() const {
    if (!waiting_) {
        return {};
    }
    const std::int64_t version = waiting_->candidate.version.value;
    if (!waiting_->is_counted) {
        return fail(
            ErrorCode::try_later,
            fmt::format("the effect of rules v{} is being counted; try again in a moment", version)
        );
    }
    return fail(
        ErrorCode::conflict,
        fmt::format(
            "rules v{} are held; first decide with `reviewctl rules confirm` or `reviewctl rules "
            "drop`",
            version
        )
    );
}

Result<store::RulesVersionId> RulesDesk::propose(
    config::Configuration configuration, store::RulesCandidate candidate, store::RulesEventKind what
) {
    const rules::RuleSet& rules = *configuration.rules;
    if (rules.content_hash == context_.rules().content_hash) {
        return fail(
            ErrorCode::conflict, "these are the rules in force already: nothing would change"
        );
    }
    const Result<void> kept = store::write(context_.database, [&]() -> Result<void> {
        store::RulesVersions versions{context_.database};
        candidate.version =
            versions.remember(to_version(rules, candidate.who, candidate.note), candidate.at);
        versions.record({candidate.version, candidate.at, candidate.who, what, candidate.note});
        versions.set_candidate(candidate);
        return {};
    });
    if (!kept.has_value()) {
        return kept.error();
    }
    wait_for(std::move(configuration), candidate);
    after_ = {};
    return candidate.version;
}

Result<store::RulesVersionId> RulesDesk::publish(
    const std::vector<config::RulesFile>& files,
    const std::string& note,
    const Actor& actor,
    TimePoint now
) {
    const Result<void> allowed = require_published("published");
    const Result<void> free = require_none_waiting();
    if (!allowed.has_value() || !free.has_value()) {
        return allowed.has_value() ? free.error() : allowed.error();
    }
    const std::vector<config::RulesFile> current = find_files("current").value();
    std::vector<config::RulesFile> all = current;
    replace_files(all, files);
    config::Report report;
    auto configuration =
        config::with_rules(context_.configuration, all, config::AgendaFit::required, report);
    if (!configuration) {
        return findings_in_drafts(context_.configuration, current, files);
    }
    return propose(
        std::move(*configuration),
        {{}, Origin::published, actor.who, note, now, false, {}},
        store::RulesEventKind::published
    );
}

Result<store::RulesVersionId> RulesDesk::roll_back(
    store::RulesVersionId version, const std::string& note, const Actor& actor, TimePoint now
) {
    const Result<void> allowed = require_published("rolled back");
    const Result<void> free = require_none_waiting();
    if (!allowed.has_value() || !free.has_value()) {
        return allowed.has_value() ? free.error() : allowed.error();
    }
    const auto files = files_of(context_.database, version);
    config::Report report;
    auto configuration =
        config::with_rules(context_.configuration, files, config::AgendaFit::required, report);
    if (!configuration) {
        return unreadable(report);
    }
    return propose(
        std::move(*configuration),
        {{}, Origin::rolled_back, actor.who, note, now, false, {}},
        store::RulesEventKind::rolled_back
    );
}

Result<store::RulesVersionId> RulesDesk::confirm(const Actor& actor, TimePoint now) {
    if (!waiting_) {
        return fail(ErrorCode::not_found, "no rules are held");
    }
    if (!waiting_->candidate.is_held) {
        return fail(
            ErrorCode::try_later,
            fmt::format(
                "the effect of rules v{} is being counted; they come into force by themselves, or "
                "are held",
                waiting_->candidate.version.value
            )
        );
    }
    const store::RulesVersionId version = waiting_->candidate.version;
    const Result<void> done = put_in_force(actor, store::RulesEventKind::confirmed, now);
    return done.has_value() ? Result<store::RulesVersionId>{version} : done.error();
}

Result<store::RulesVersionId> RulesDesk::drop(const Actor& actor, TimePoint now) {
    store::RulesVersions versions{context_.database};
    const std::optional<store::RulesCandidate> candidate = versions.candidate();
    if (!candidate) {
        return fail(ErrorCode::not_found, "no rules are held");
    }
    const Result<void> done = store::write(context_.database, [&]() -> Result<void> {
        versions.clear_candidate();
        if (candidate->origin == Origin::files) {
            store::Markers{context_.database}.set(
                dropped_marker, std::to_string(candidate->version.value)
            );
        }
        versions.record({candidate->version, now, actor.who, store::RulesEventKind::dropped, ""});
        store::Audit{context_.database}.record(
            {0,
             now,
             actor.who,
             actor.from,
             "rules.dropped",
             fmt::format(R"({{"version":{}}})", candidate->version.value)}
        );
        return {};
    });
    if (!done.has_value()) {
        return done.error();
    }
    waiting_.reset();
    waiting_configuration_ = {};
    return candidate->version;
}

std::optional<store::RulesVersionId> RulesDesk::passed_over() const {
    const auto written = store::Markers{context_.database}.find(dropped_marker);
    return written ? std::optional{store::RulesVersionId{std::stoll(*written)}} : std::nullopt;
}

std::vector<store::RulesVersion> RulesDesk::history(int limit) const {
    return store::RulesVersions{context_.database}.history(limit);
}

std::vector<store::RulesVersionFile> RulesDesk::file_names(store::RulesVersionId version) const {
    return store::RulesVersions{context_.database}.files(version);
}

std::vector<store::RulesEvent> RulesDesk::events(store::RulesVersionId version) const {
    return store::RulesVersions{context_.database}.events(version);
}

std::vector<RulesDrift> RulesDesk::drift() const {
    const auto files = config::read_rules_folder(context_.settings().rules.directory);
    const Result<std::vector<config::RulesFile>> known = find_files("current");
    std::vector<RulesDrift> drift;
    if (!known.has_value()) {
        return drift;
    }
    const auto text_in = [](const std::vector<config::RulesFile>& all, const std::string& name) {
        const auto found = std::find_if(all.begin(), all.end(), [&](const config::RulesFile& file) {
            return file.name == name;
        });
        return found == all.end() ? nullptr : &found->text;
    };
    const auto are_same = [](const std::string& a, const std::string& b) {
        // Several files are kept with a line feed at the end of each.
        const auto end = [](const std::string& text) {
            return text.find_last_not_of('\n') + 1;
        };
        return a.compare(0, end(a), b, 0, end(b)) == 0;
    };
    for (const config::RulesFile& file : *known) {
        const std::string* const text = text_in(files, file.name);
        if (text == nullptr || !are_same(*text, file.text)) {
            drift.push_back(
                {file.name, text == nullptr ? RulesDrift::Kind::missing : RulesDrift::Kind::differs}
            );
        }
    }
    for (const config::RulesFile& file : files) {
        if (text_in(*known, file.name) == nullptr) {
            drift.push_back({file.name, RulesDrift::Kind::additional});
        }
    }
    return drift;
}

Result<std::vector<config::RulesFile>> RulesDesk::find_files(const std::string& name) const {
    if (name == "files") {
        return config::read_rules_folder(context_.settings().rules.directory);
    }
    if (name == "held") {
        const auto candidate = store::RulesVersions{context_.database}.candidate();
        if (!candidate) {
            return fail(ErrorCode::not_found, "no rules are held");
        }
        return files_of(context_.database, candidate->version);
    }
    const Result<store::RulesVersion> version = find_version(name);
    if (!version.has_value()) {
        return version.error();
    }
    return files_of(context_.database, version->id);
}

Result<store::RulesVersion> RulesDesk::find_version(const std::string& name) const {
    store::RulesVersions versions{context_.database};
    if (name == "current") {
        const auto active = versions.active();
        return active ? Result<store::RulesVersion>{*active}
                      : fail(ErrorCode::not_found, "no rules are in force yet");
    }
    const std::string_view digits =
        name.starts_with('v') ? std::string_view{name}.substr(1) : std::string_view{name};
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        return fail(
            ErrorCode::usage,
            fmt::format(
                "`{}` is no version of the rules; write v3 or 3, `current`, `held` or `files`",
                escape_controls(name)
            )
        );
    }
    const auto version = versions.find(store::RulesVersionId{number});
    return version ? Result<store::RulesVersion>{*version}
                   : fail(
                       ErrorCode::not_found,
                       fmt::format(
                           "there are no rules v{}; `reviewctl rules history` shows them", number
                       )
                   );
}

} // namespace reviewd::service
