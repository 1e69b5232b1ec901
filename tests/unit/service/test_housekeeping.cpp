// What time alone does to the outbox: it ends what nobody took, and releases what was held.
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/statement.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <fmt/format.h>

#include <sqlite3.h>

namespace reviewd::test::test_housekeeping {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using store::DeliveryState;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor somebody{"it", "socket"};

/// Notices that are held, for good or until a moment.
void hold_notices(
    test::World& world, int count, TimePoint expires, std::optional<TimePoint> until, TimePoint now
) {
    const auto work = [&]() -> Result<void> {
        store::Outbox outbox{world.database()};
        for (int i = 0; i < count; ++i) {
            store::NoticePlan plan;
            plan.kind = "notice";
            plan.dedupe = fmt::format("notice {}", i);
            plan.content =
                R"({"what": "not-mine", "account": "A", "owner": "B", "note": "", "review": "1"})";
            plan.channel = "desk";
            plan.person = world.open_review("a1").owner;
            plan.not_before = now;
            plan.expires_at = expires;
            const auto id = outbox.plan_notice(plan, now);
            const Result<void> held = outbox.hold(id.value(), "by hand", until, now);
            if (!held.has_value()) {
                return held;
            }
        }
        return {};
    };
    REQUIRE(store::write(world.database(), work).has_value());
}

std::size_t count(test::World& world, DeliveryState state) {
    store::DeliveryFilter filter;
    filter.state = state;
    filter.limit = 10'000;
    return store::Outbox{world.database()}.list(filter).size();
}

/// Somebody else writes to the database: whoever comes is refused at once.
class Writer {
public:
    explicit Writer(test::World& world) {
        store::Connection::Implementation& own = world.database().implementation();
        own.execute("PRAGMA busy_timeout = 0");
        store::Query file{own, "SELECT file FROM pragma_database_list WHERE name = 'main'"};
        REQUIRE(file.step());
        REQUIRE(sqlite3_open(file->text(0).c_str(), &other_) == SQLITE_OK);
        REQUIRE(sqlite3_exec(other_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    }
    ~Writer() { sqlite3_close(other_); }
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

private:
    sqlite3* other_ = nullptr;
};

} // namespace

TEST_CASE("however many expire at one moment, all of them do", "[service][outbox]") {
    test::World world;
    world.open(at(monday, 5));
    world.run(at(monday, 12));
    hold_notices(world, 1100, at(monday, 13), std::nullopt, at(monday, 12));
    world.run(at(monday, 12));
    CHECK(count(world, DeliveryState::held) == 1100);
    world.run(at(monday, 13));
    CHECK(count(world, DeliveryState::held) == 0);
    CHECK(count(world, DeliveryState::expired) == 1100);
}

TEST_CASE("what the store refused to release is released a moment later", "[service][outbox][F5]") {
    test::World world;
    world.open(at(monday, 5));
    world.run(at(monday, 12));
    world.sent.clear();
    hold_notices(world, 1, at(monday + days{3}, 0), at(monday, 13), at(monday, 12));
    world.run(at(monday, 12));
    {
        const Writer other{world};
        const auto tick = world.service().tick(at(monday, 13));
        REQUIRE(tick.has_error());
        CHECK(tick.error().code == ErrorCode::try_later);
    }
    world.run(at(monday, 13, 1));
    CHECK(count(world, DeliveryState::held) == 0);
}

} // namespace reviewd::test::test_housekeeping
