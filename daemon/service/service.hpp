#pragma once

#include "daemon/service/account_desk.hpp"
#include "daemon/service/answer_desk.hpp"
#include "daemon/service/backtester.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/dispatcher.hpp"
#include "daemon/service/importer.hpp"
#include "daemon/service/leave_desk.hpp"
#include "daemon/service/occasion_watch.hpp"
#include "daemon/service/operator_digests.hpp"
#include "daemon/service/override_desk.hpp"
#include "daemon/service/portfolio_columns.hpp"
#include "daemon/service/reminder_planner.hpp"
#include "daemon/service/rescorer.hpp"
#include "daemon/service/resume.hpp"
#include "daemon/service/review_desk.hpp"
#include "daemon/service/route_view.hpp"
#include "daemon/service/rules_desk.hpp"
#include "daemon/service/rules_preview.hpp"
#include "daemon/service/rules_versions.hpp"
#include "daemon/service/scheduler.hpp"
#include "daemon/service/views.hpp"
#include "daemon/service/weekly_reports.hpp"
#include "daemon/service/workload.hpp"
#include "daemon/store/database.hpp"
#include "scoring/base/result.hpp"

#include <optional>

namespace reviewd::service {

/// What a tick leaves to its caller.
struct Tick {
    /// Call again then, or earlier if anything happened. `now` itself: more work is waiting, call
    /// again as soon as other things had their turn. Absent: nothing to wait for.
    std::optional<TimePoint> wake;
    bool has_claimable = false; ///< outbox().claim would find something
    Notices notices;            ///< for the log, in order
};

/// All use cases over one database. Synchronous; every call belongs to the thread that owns the
/// database and takes bounded time. Failures that the next tick may overcome (disk full) come back
/// as errors; store::StorageLost goes through: the process has to end.
///
/// The daemon's loop: open, start(now), READY, then for ever: tick(now); for each channel claim,
/// send, settle; sleep until the wake.
class Service {
public:
    /// @param database outlives the service
    /// @param configuration as loaded; the rules in force may be others, from the database
    /// @throws Failure when neither the files' rules nor those in force can be read
    Service(store::Database& database, config::Configuration configuration, ServiceOptions options);
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    /// Recovers what an earlier process left, before anything else and before READY.
    /// @errors `conflict` when the database has seen a later day than `now`'s; `try_later`
    [[nodiscard]] Result<void> start(TimePoint now);

    /// Does a bounded piece of what is to be done: import, rescore, plan, remind, freeze.
    [[nodiscard]] Result<Tick> tick(TimePoint now);

    /// Does a bounded piece of reading the portfolio into its columns, so that a preview finds them
    /// there; for a caller to whom tick() left nothing to do. @returns whether more is to be read
    [[nodiscard]] bool read_ahead(TimePoint now);

    /// Puts another configuration in force. Rules that would move too many accounts are held
    /// (status shows it); until a person confirms them, the rules accepted last stay in force.
    [[nodiscard]] Result<void> reload(
        config::Configuration configuration, const Actor& actor, TimePoint now
    );
    [[nodiscard]] const config::Configuration& configuration() const;

    /// Lets deliveries go that a restored backup holds; see resume_after_restore().
    [[nodiscard]] Result<int> resume(Backlog backlog, const Actor& actor, TimePoint now);
    /// Whether a restored backup holds deliveries.
    [[nodiscard]] bool is_held() const { return context_.restored.has_value(); }
    /// Keeps in the audit who was given so much of the portfolio at once, and by which command.
    [[nodiscard]] Result<void> note_export(
        std::string_view command, std::int64_t rows, const Actor& actor, TimePoint now
    );
    /// Remembers that a backup of that moment has its name and is durable, if it is the newest.
    /// @param directory in which a series of them is kept; empty: it belongs to none
    void note_backup(TimePoint taken, const std::string& directory, TimePoint now);
    /// Where the series of backups is kept; empty: nobody said so.
    [[nodiscard]] std::string backup_directory() const;
    /// Remembers how a restore drill of the newest backup ended.
    /// @param problem why the backup would not serve; empty: it would
    [[nodiscard]] Result<void> note_drill(const std::string& problem, TimePoint now);

    [[nodiscard]] Importer& importer() { return importer_; }
    [[nodiscard]] Rescorer& rescorer() { return rescorer_; }
    [[nodiscard]] RulesDesk& rules() { return rules_; }
    [[nodiscard]] OverrideDesk& overrides() { return overrides_; }
    [[nodiscard]] Backtester& backtests() { return backtests_; }
    [[nodiscard]] Dispatcher& outbox() { return dispatcher_; }
    [[nodiscard]] ReviewDesk& reviews() { return desk_; }
    [[nodiscard]] AccountDesk& accounts() { return accounts_; }
    [[nodiscard]] LeaveDesk& leave() { return leave_; }
    [[nodiscard]] Workload workload() const { return Workload{context_}; }
    [[nodiscard]] AnswerDesk& answers() { return answers_; }
    [[nodiscard]] const Views& views() const { return views_; }
    /// The calendar of a person's reviews; an empty one for somebody unknown.
    [[nodiscard]] std::string feed(PersonId person, TimePoint now);
    /// The address to subscribe to a person's calendar, good for a year.
    /// @errors `not_found`, `conflict` for the person; `unavailable` without `links:`
    [[nodiscard]] Result<std::string> feed_address(const std::string& person, TimePoint now);
    /// See explain_route.
    [[nodiscard]] Result<RouteView> route(const std::string& account, int limit, TimePoint now) {
        return explain_route(context_, account, limit, now);
    }
    [[nodiscard]] PortfolioColumns& columns() { return columns_; }
    /// See RulesPreviewJob::begin; the job must not outlive the service.
    [[nodiscard]] Result<std::unique_ptr<RulesPreviewJob>> preview(const config::RulesFile& file) {
        return RulesPreviewJob::begin(context_, columns_, file);
    }

    /// Whether imports, scores or the plan are being worked on.
    [[nodiscard]] bool is_busy() const;

private:
    Service(
        store::Database& database,
        ChosenRules chosen,
        const config::Configuration& loaded,
        ServiceOptions options
    );

    /// Nothing to do from a moment to another, unless something changes.
    struct Rest {
        TimePoint from{};
        std::optional<TimePoint> until;
        std::int64_t changes = 0; ///< of the database, so far
        std::uint64_t rounds = 0; ///< of the outbox, so far
    };

    void note_problem(const std::string& problem);
    [[nodiscard]] Result<void> read_missing_zones(TimePoint now);
    [[nodiscard]] bool is_resting(TimePoint now) const;
    [[nodiscard]] Result<bool> work(TimePoint now);
    [[nodiscard]] Result<bool> work_on_messages(TimePoint now);
    [[nodiscard]] Result<void> begin_day(Date today, TimePoint now);
    void plan_again();
    void note_lost_channels(const std::vector<std::string>& lines);
    [[nodiscard]] Result<void> mark_pending();
    [[nodiscard]] Result<void> clear_pending();
    [[nodiscard]] std::optional<TimePoint> next_wake(TimePoint now);

    Context context_;
    PortfolioColumns columns_;
    Importer importer_;
    Rescorer rescorer_;
    OccasionWatch watch_;
    Scheduler scheduler_;
    ReminderPlanner reminders_;
    Dispatcher dispatcher_;
    WeeklyReports weekly_;
    OperatorDigests operators_;
    RulesDesk rules_;
    OverrideDesk overrides_;
    Backtester backtests_;
    ReviewDesk desk_;
    AccountDesk accounts_;
    LeaveDesk leave_;
    AnswerDesk answers_;
    Views views_;
    std::optional<Date> day_; ///< company day that was worked on
    std::optional<Rest> rest_;
};

} // namespace reviewd::service
