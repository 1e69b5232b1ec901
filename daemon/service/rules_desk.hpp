#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/idle_overrides.hpp"
#include "daemon/service/rescorer.hpp"
#include "daemon/service/scheduler.hpp"
#include "daemon/store/rules_versions.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::service {

/// How many accounts would move, by the level they have and the one they would get.
using LevelMoves = std::map<std::pair<std::string, std::string>, std::int64_t>;

/// Rules that are not in force yet.
struct WaitingRules {
    store::RulesCandidate candidate;
    bool is_counted = false;   ///< the numbers below are complete
    std::int64_t accounts = 0; ///< that have a level now
    std::int64_t moving = 0;   ///< of them, how many would get another one
    LevelMoves moves;
    std::vector<IdleOverride> idle; ///< levels set by people that these rules do not have
};

/// How a file of the folder of rules differs from the rules in force.
struct RulesDrift {
    enum class Kind { differs, missing, additional };
    std::string file;
    Kind kind = Kind::differs;
};

/// Versions of the rules: which one is in force, which one waits, and the ways from one to the
/// other. What is in force changes in one transaction, together with the mark that makes the scores
/// follow; a crash before it changes nothing, after it nothing is lost.
///
/// Rules that a reload, a start, a publication or a rollback brings are counted first: more than
/// `hold_share` of the accounts to another level, and they are held until a person confirms or
/// drops them. What was accepted last stays in force meanwhile, after a restart too.
class RulesDesk {
public:
    /// All outlive this.
    RulesDesk(Context& context, Rescorer& rescorer, Scheduler& scheduler);

    /// Takes note of a configuration just loaded, after choose_rules has put the rules in force
    /// into the context: the files' rules wait if they are others. Inside a transaction; call
    /// `refresh` after it.
    void note_files(const Actor& actor, TimePoint now);
    /// Reads what waits from the database, and counts it anew.
    void refresh();

    /// Whether something is being counted.
    [[nodiscard]] bool is_busy() const { return waiting_ && !waiting_->is_counted; }
    /// Counts one batch; at the end puts the rules in force, or holds them.
    [[nodiscard]] Result<void> step(TimePoint now);

    [[nodiscard]] const std::optional<WaitingRules>& waiting() const { return waiting_; }
    /// The same with the levels that people have set by now, not as of when the rules came.
    [[nodiscard]] std::optional<WaitingRules> waiting_now() const;

    /// Lets files take places among those in force (config::find_places), or join them.
    /// They come into force once it is known how many accounts they move.
    /// @errors `conflict` when the files are the truth, when other rules wait, and when nothing
    /// changes; `bad_data` with all findings
    [[nodiscard]] Result<store::RulesVersionId> publish(
        const std::vector<config::RulesFile>& files,
        const std::string& note,
        const Actor& actor,
        TimePoint now
    );
    /// Lets an earlier version come into force again.
    /// @errors as publish; `not_found`
    [[nodiscard]] Result<store::RulesVersionId> roll_back(
        store::RulesVersionId version, const std::string& note, const Actor& actor, TimePoint now
    );
    /// Puts the rules that are held in force.
    /// @errors `not_found` when none are; `try_later` while they are being counted
    [[nodiscard]] Result<store::RulesVersionId> confirm(const Actor& actor, TimePoint now);
    /// Gives the rules that wait up. Those of the files are passed over until the files change.
    /// @errors `not_found`
    [[nodiscard]] Result<store::RulesVersionId> drop(const Actor& actor, TimePoint now);

    /// The version that the files hold and a person dropped, as long as they hold it.
    [[nodiscard]] std::optional<store::RulesVersionId> passed_over() const;

    /// Newest first.
    [[nodiscard]] std::vector<store::RulesVersion> history(int limit) const;
    [[nodiscard]] std::vector<store::RulesVersionFile> file_names(store::RulesVersionId version
    ) const;
    /// Oldest first.
    [[nodiscard]] std::vector<store::RulesEvent> events(store::RulesVersionId version) const;
    /// How the folder of rules differs from what is in force; reads its files.
    [[nodiscard]] std::vector<RulesDrift> drift() const;
    /// The files behind a name: "v3" or "3", "files" (the folder), "held" (what waits), "current"
    /// (in force). @errors `not_found`, `usage`
    [[nodiscard]] Result<std::vector<config::RulesFile>> find_files(const std::string& name) const;
    /// The version behind "v3", "3" or "current". @errors `not_found`, `usage`
    [[nodiscard]] Result<store::RulesVersion> find_version(const std::string& name) const;

private:
    [[nodiscard]] Result<void> require_published(std::string_view what) const;
    [[nodiscard]] Result<void> require_none_waiting() const;
    [[nodiscard]] Result<store::RulesVersionId> propose(
        config::Configuration configuration,
        store::RulesCandidate candidate,
        store::RulesEventKind what
    );
    void wait_for(config::Configuration configuration, const store::RulesCandidate& candidate);
    [[nodiscard]] Result<void> count_batch(TimePoint now);
    [[nodiscard]] Result<void> hold(TimePoint now);
    [[nodiscard]] Result<void> put_in_force(
        const Actor& actor, store::RulesEventKind what, TimePoint now
    );

    Context& context_;
    Rescorer& rescorer_;
    Scheduler& scheduler_;
    std::optional<WaitingRules> waiting_;
    config::Configuration waiting_configuration_; ///< with the rules that wait
    AccountId after_;
};

} // namespace reviewd::service
