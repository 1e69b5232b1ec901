// Each operation is run against a disk that fails at its first, second, third … write, until it
// gets through. What a crash leaves must be the state before or the state after, and going on from
// it must end where an undisturbed run ends.
#include "daemon/store/errors.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/crash_disk.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

namespace reviewd::test::test_faults {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;
using rules::Table;

constexpr Date next_day = some_day + std::chrono::days{1};

/// A database at a place of the caller's, opened as the daemon does.
struct Opened {
    InstanceLock lock;
    std::unique_ptr<Database> database;

    explicit Opened(const std::filesystem::path& directory)
        : lock(InstanceLock::acquire(directory).value()), database(Database::open(lock).value()) {}
};

struct Operation {
    std::string name;
    std::function<void(Database&)> prepare;
    std::function<void(Database&)> run; ///< also goes on after a crash in the middle of it
    std::string observe;                ///< a query for one text
    bool is_atomic = true;              ///< one transaction: nothing between before and after
};

std::string observe(Database& database, const std::string& sql) {
    Query query{database, sql};
    return query.step() ? query->text(0) : std::string{};
}

template <class Work>
void change(Database& database, const Work& work) {
    const Result<void> done = write(database, [&]() -> Result<void> {
        work();
        return {};
    });
    done.value();
}

std::vector<ImportRow> make_rows(int first, int last, const std::string& suffix = {}) {
    static const rules::Schema schema = rules::built_in_schema();
    std::vector<ImportRow> rows;
    for (int number = first; number <= last; ++number) {
        rows.push_back(account(
            schema, "A" + std::to_string(number), "Account " + std::to_string(number) + suffix
        ));
    }
    return rows;
}

void import_rows(Database& database, const std::vector<ImportRow>& rows, Date day) {
    static const rules::Schema schema = rules::built_in_schema();
    Imports{database}.resume(some_moment).value();
    Imports{database}.finish_all().value();
    ImportRequest request;
    request.source =
        write(database, [&] { return Sources{database}.declare("crm", Table::accounts); }).value();
    request.schema = &schema[Table::accounts];
    request.day = day;
    request.now = some_moment;
    ImportSession session = ImportSession::begin(database, request).value();
    static_cast<void>(session.add(rows).value());
    session.accept(some_moment).value();
    Imports{database}.finish_all().value();
}

Review make_review(int number) {
    Review review;
    review.account = AccountId{number};
    review.kind = "periodic";
    review.created = some_moment;
    return review;
}

ReminderPlan make_reminder() {
    return {ReminderKey{ReviewId{1}, 1, "due", 0, PersonId{1}, "mail"}, some_day};
}

void plan_delivery(Database& database) {
    DeliveryPlan plan;
    plan.channel = "mail";
    plan.person = PersonId{1};
    plan.not_before = some_moment;
    const std::vector<ReminderPlan> reminders{make_reminder()};
    change(database, [&] { Outbox{database}.plan(plan, reminders, some_moment); });
}

/// Sends what there is, as a dispatcher does; a crash before may have left it anywhere.
void send_all(Database& database) {
    Outbox outbox{database};
    change(database, [&] {
        for (const Delivery& each : outbox.recover(some_moment)) {
            outbox.resolve(each.id, DeliveryState::wait, some_moment, "resend", some_moment)
                .value();
        }
    });
    change(database, [&] {
        for (const Delivery& each : outbox.due_for_freezing(some_moment, "mail", 10)) {
            outbox.freeze(each.id, FrozenMessage{}, "", some_moment).value();
        }
    });
    for (const DeliveryId id : outbox.due(some_moment, "", 10)) {
        Claim claim;
        change(database, [&] { claim = claim_now(outbox, id, some_moment).value(); });
        change(database, [&] { outbox.commit_phase(id, claim.attempt).value(); });
        change(database, [&] {
            Settlement settlement;
            settlement.outcome = "accepted";
            static_cast<void>(outbox.settle(id, claim.attempt, settlement, minute(1)).value());
        });
    }
}

void finish_review(Database& database) {
    Reviews reviews{database};
    const std::optional<Review> open = reviews.open_of(AccountId{1});
    if (open && open->id != ReviewId{1}) {
        return; // done before
    }
    change(database, [&] {
        Review done = reviews.find(ReviewId{1}).value();
        done.state = ReviewState::done;
        done.held_on = some_day;
        done.closed_at = minute(1);
        reviews.update(done).value();
        static_cast<void>(reviews.insert(make_review(1)).value());
        static_cast<void>(
            Outbox{database}.cancel_review(ReviewId{1}, Outbox::Ending::cancelled, "", minute(1))
        );
        reviews.record({ReviewId{1}, some_moment, "ann", "socket", "done", "{}"});
    });
}

void prepare_review(Database& database) {
    import_rows(database, make_rows(1, 3), some_day);
    change(database, [&] { static_cast<void>(Reviews{database}.insert(make_review(1)).value()); });
    plan_delivery(database);
}

const std::string accounts_now =
    "SELECT group_concat(key || name || ifnull(retired, '') || recorded, '|') FROM"
    " (SELECT a.* FROM accounts a JOIN sources s ON s.id = a.source_id"
    " AND a.generation <= s.generation ORDER BY a.key)";

std::vector<Operation> operations() {
    return {
        {"open a new database", [](Database&) {}, [](Database&) {}, "PRAGMA user_version", false},
        {"import",
         [](Database& database) { import_rows(database, make_rows(1, 30), some_day); },
         [](Database& database) {
             std::vector<ImportRow> rows = make_rows(1, 10);
             const std::vector<ImportRow> renamed = make_rows(11, 20, " Ltd");
             const std::vector<ImportRow> added = make_rows(31, 40);
             rows.insert(rows.end(), renamed.begin(), renamed.end());
             rows.insert(rows.end(), added.begin(), added.end());
             import_rows(database, rows, next_day);
         },
         accounts_now,
         false},
        {"send",
         prepare_review,
         send_all,
         "SELECT state || (SELECT outcome FROM delivery_attempts ORDER BY number DESC LIMIT 1)"
         " FROM deliveries",
         false},
        {"finish a review",
         prepare_review,
         finish_review,
         "SELECT group_concat(r.state) || (SELECT group_concat(state) FROM deliveries)"
         " || (SELECT count(*) FROM review_events) FROM reviews r",
         true},
    };
}

/// A directory with the prepared database of an operation, and what an undisturbed run makes of it.
struct Prepared {
    TemporaryDirectory directory;
    std::string before;
    std::string after;

    explicit Prepared(const Operation& operation) {
        if (operation.name != "open a new database") {
            Opened opened{directory.path()};
            operation.prepare(*opened.database);
            before = observe(*opened.database, operation.observe);
        }
        const TemporaryDirectory undisturbed;
        copy_to(undisturbed.path());
        Opened opened{undisturbed.path()};
        operation.run(*opened.database);
        after = observe(*opened.database, operation.observe);
    }

    /// Puts a copy of the prepared database into `place`.
    void copy_to(const std::filesystem::path& place) const {
        const std::filesystem::path file = directory.path() / "reviewd.db";
        if (std::filesystem::exists(file)) {
            std::filesystem::copy_file(file, place / "reviewd.db");
        }
    }
};

/// What in_child returns when the disk ended the process, as a shell would say it.
constexpr int crash_status = 128 + SIGKILL;

/// Runs `work` in a process of its own. @returns its exit status
int in_child(const std::function<int()>& work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        int status = 1;
        try {
            status = work();
        } catch (const StorageLost&) {
            status = 74;
        } catch (const std::exception& problem) {
            std::fprintf(stderr, "child: %s\n", problem.what());
        }
        ::_exit(status);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
        return crash_status;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

void check_after_crash(
    const Operation& operation, const Prepared& prepared, const std::filesystem::path& directory
) {
    Opened opened{directory};
    Database& database = *opened.database;
    CHECK(database.check_integrity() == "ok");
    CHECK(database.check_settings().empty());
    const std::string found = observe(database, operation.observe);
    if (operation.is_atomic) {
        CHECK((found == prepared.before || found == prepared.after));
    }
    operation.run(database);
    CHECK(observe(database, operation.observe) == prepared.after);
    CHECK(database.check_integrity() == "ok");
}

// Each process takes ten times as long under a sanitizer, which looks for other faults than these:
// there every ninth point does; without it, every one.
#ifdef __SANITIZE_ADDRESS__
constexpr int step = 9;
#else
constexpr int step = 1;
#endif

/// The operation against a disk that fails at each point in turn.
void run_through(const Operation& operation, DiskFaultPlan plan, int status_of_fault) {
    const Prepared prepared{operation};
    int faults = 0;
    for (plan.at = 1;; plan.at += step) {
        const TemporaryDirectory directory;
        prepared.copy_to(directory.path());
        const int status = in_child([&] {
            install_crash_disk(plan);
            Opened opened{directory.path()};
            operation.run(*opened.database);
            disarm_crash_disk();
            return 0;
        });
        CAPTURE(operation.name, plan.at);
        REQUIRE((status == 0 || status == status_of_fault));
        check_after_crash(operation, prepared, directory.path());
        if (status == 0) {
            break;
        }
        ++faults;
    }
    CHECK(faults > 3);
}

} // namespace

TEST_CASE("a crash at any write leaves before or after", "[store][F1][F51]") {
    const auto all = operations();
    const std::size_t index = GENERATE(0U, 1U, 2U, 3U);
    run_through(all[index], {DiskFault::crash}, crash_status);
}

TEST_CASE("a torn write leaves before or after", "[store][F1]") {
    const std::size_t index = GENERATE(1U, 3U);
    run_through(operations()[index], {DiskFault::torn_write}, crash_status);
}

TEST_CASE("a power loss leaves before or after", "[store][F3]") {
    const std::size_t index = GENERATE(1U, 2U, 3U);
    const std::uint64_t seed = GENERATE(0U, 7U);
    run_through(operations()[index], {DiskFault::power_loss, 1, seed}, crash_status);
}

namespace {

/// Commits one row after the other until the power goes; the number of those acknowledged.
bool loses_acknowledged_commits(const char* synchronous) {
    const TemporaryDirectory origin;
    { const Opened opened{origin.path()}; }
    void* const shared =
        ::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(shared != MAP_FAILED);
    auto* const acknowledged = static_cast<volatile int*>(shared);
    bool loses = false;
    for (std::int64_t at = 4; at <= 40; at += 4) {
        const TemporaryDirectory directory;
        std::filesystem::copy_file(origin.path() / "reviewd.db", directory.path() / "reviewd.db");
        *acknowledged = 0;
        static_cast<void>(in_child([&] {
            install_crash_disk({DiskFault::power_loss, at});
            Opened opened{directory.path()};
            opened.database->implementation().execute(synchronous);
            for (int number = 1; number <= 12; ++number) {
                change(*opened.database, [&] {
                    static_cast<void>(Sources{*opened.database}
                                          .declare(std::to_string(number), Table::people)
                                          .value());
                });
                *acknowledged = number;
            }
            ::_exit(0); // without closing: a checkpoint would hide what was lost
            return 0;
        }));
        Opened opened{directory.path()};
        const auto kept = static_cast<int>(Sources{*opened.database}.list().size());
        CHECK(opened.database->check_integrity() == "ok");
        loses = loses || kept < *acknowledged;
    }
    ::munmap(shared, sizeof(int));
    return loses;
}

} // namespace

TEST_CASE("an acknowledged commit survives a power loss", "[store][F3]") {
    CHECK_FALSE(loses_acknowledged_commits("PRAGMA synchronous = FULL"));
}

TEST_CASE("the test can see a loss: synchronous=NORMAL loses commits", "[store][F4]") {
    CHECK(loses_acknowledged_commits("PRAGMA synchronous = NORMAL"));
}

namespace {

/// The operation against a fault after which the connection may not be used any more: it ends, and
/// so does whatever comes after it, until a restart finds before or after.
void check_ends_everything(const Operation& operation, DiskFault fault) {
    const Prepared prepared{operation};
    int failures = 0;
    for (std::int64_t at = 1;; ++at) {
        const TemporaryDirectory directory;
        prepared.copy_to(directory.path());
        const int ended = in_child([&] {
            install_crash_disk({fault, 1'000'000});
            Opened opened{directory.path()};
            install_crash_disk({fault, at});
            try {
                operation.run(*opened.database);
            } catch (const StorageLost&) {
                try {
                    plan_delivery(*opened.database);
                } catch (const StorageLost&) {
                    return 74; // and nothing else is possible: no claim, nothing is sent
                }
                return 1;
            }
            disarm_crash_disk();
            return 0;
        });
        CAPTURE(at);
        REQUIRE((ended == 0 || ended == 74));
        check_after_crash(operation, prepared, directory.path());
        if (ended == 0) {
            break;
        }
        ++failures;
    }
    CHECK(failures > 0);
}

} // namespace

TEST_CASE("a failed sync ends everything until a restart", "[store][F8]") {
    check_ends_everything(operations()[GENERATE(2U, 3U)], DiskFault::sync_error);
}

TEST_CASE("a file system that turns read-only ends everything until a restart", "[store][F6]") {
    check_ends_everything(operations()[GENERATE(2U, 3U)], DiskFault::read_only);
}

TEST_CASE("a full disk rolls back, and all goes on when there is room", "[store][F5]") {
    const Operation operation = operations()[GENERATE(2U, 3U)];
    const Prepared prepared{operation};
    int refusals = 0;
    for (std::int64_t at = 1;; ++at) {
        const TemporaryDirectory directory;
        prepared.copy_to(directory.path());
        install_crash_disk({DiskFault::disk_full, 1'000'000});
        Opened opened{directory.path()};
        install_crash_disk({DiskFault::disk_full, at});
        bool is_refused = false;
        try {
            operation.run(*opened.database);
        } catch (const Failure& refusal) {
            is_refused = true;
            CHECK(refusal.error().code == ErrorCode::try_later);
        }
        disarm_crash_disk();
        CAPTURE(at);
        CHECK_FALSE(opened.database->is_in_transaction());
        operation.run(*opened.database);
        // The send that was cut off is still under way for this process: a restart recovers it.
        if (operation.is_atomic) {
            CHECK(observe(*opened.database, operation.observe) == prepared.after);
        }
        CHECK(opened.database->check_integrity() == "ok");
        if (!is_refused) {
            break;
        }
        ++refusals;
    }
    CHECK(refusals > 2);
}

TEST_CASE("plans of faults are read", "[store][crash]") {
    CHECK(parse_disk_fault("12")->at == 12);
    CHECK(parse_disk_fault("sync_error:2")->fault == DiskFault::sync_error);
    CHECK(parse_disk_fault("power_loss:7:42")->seed == 42);
    CHECK(parse_disk_fault("read_only:3")->fault == DiskFault::read_only);
    for (const char* wrong : {"", "0", "crash", "crash:", "flood:3", "crash:1:", "crash:1x"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_disk_fault(wrong));
    }
}

} // namespace reviewd::test::test_faults
