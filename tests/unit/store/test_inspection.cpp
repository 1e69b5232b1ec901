// What the simulator asks of every database: that it keeps silent about one that is whole, and
// names what is wrong with one that is not.
#include "daemon/store/audit.hpp"
#include "daemon/store/inspection.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace reviewd::test::test_inspection {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;

/// Two open reviews with their history, one message that waits and one that is being sent.
struct InspectionFixture : StoreFixture {
    InspectionFixture() {
        load(
            source("crm", rules::Table::accounts),
            rules::Table::accounts,
            {account(schema, "A", "A"), account(schema, "B", "B")}
        );
        change([&] {
            for (const int number : {1, 2}) {
                add_review(number);
                Audit{*database}.record(
                    {.at = some_moment,
                     .who = "it",
                     .from = "socket",
                     .what = "paused",
                     .details = "{}"}
                );
            }
        });
        const DeliveryId sent = plan(1);
        plan(2);
        change([&] {
            Outbox{*database}.freeze(sent, message("<1@reviewd>"), "", some_moment).value();
        });
        change([&] { static_cast<void>(claim_now(Outbox{*database}, sent, some_moment).value()); });
    }

    template <class Work>
    void change(const Work& work) {
        write(*database, [&]() -> Result<void> {
            work();
            return {};
        }).value();
    }

    void add_review(int account_number) {
        Review review;
        review.account = AccountId{account_number};
        review.kind = "periodic";
        review.created = some_moment;
        Reviews reviews{*database};
        const ReviewId id = reviews.insert(review).value();
        reviews.record({id, some_moment, "reviewd", "schedule", "moved", "{}"});
        reviews.record({id, some_moment, "reviewd", "schedule", "planned", "{}"});
    }

    DeliveryId plan(int review_number) {
        DeliveryPlan delivery;
        delivery.channel = "mail";
        delivery.person = PersonId{1};
        delivery.not_before = some_moment;
        const std::vector<ReminderPlan> reminders{
            {ReminderKey{ReviewId{review_number}, 1, "due", 0, PersonId{1}, "mail"}, some_day}};
        std::optional<DeliveryId> planned;
        change([&] { planned = Outbox{*database}.plan(delivery, reminders, some_moment); });
        return planned.value();
    }

    static FrozenMessage message(std::string id) {
        FrozenMessage frozen;
        frozen.address = "ann@example.com";
        frozen.message_id = std::move(id);
        frozen.date = some_moment;
        return frozen;
    }

    /// The promises that are broken after `sabotage`, which is undone again.
    std::vector<std::string> broken_by(const std::string& sabotage, InspectionDepth depth) {
        REQUIRE(try_sql("BEGIN").empty());
        REQUIRE(try_sql(sabotage).empty());
        std::vector<std::string> broken;
        for (const Inconsistency& each : inspect(*database, depth)) {
            CHECK_FALSE(each.found.empty());
            broken.push_back(each.promise);
        }
        REQUIRE(try_sql("ROLLBACK").empty());
        return broken;
    }
};

struct Sabotage {
    std::string sql;
    std::string promise;
    bool is_seen_every_time; ///< not only by the look at everything
};

const std::vector<Sabotage> sabotages{
    {"DELETE FROM review_events WHERE id = 2",
     "none of the latest lines of the history of reviews is missing",
     true},
    {"DELETE FROM review_events WHERE id = 2",
     "no line of the history of reviews is missing",
     false},
    {"DELETE FROM review_events WHERE id = 4",
     "every review begins with one event `planned`",
     false},
    {"UPDATE review_events SET what = 'planned'",
     "every review begins with one event `planned`",
     false},
    {"DELETE FROM audit WHERE id = 1", "none of the latest lines of the audit is missing", true},
    {"DELETE FROM audit WHERE id = 1", "no line of the audit is missing", false},
    {"UPDATE reviews SET state = 'done', held_on = 1, closed_at_ms = 1 WHERE id = 2",
     "every closed review has the event of its state",
     false},
    {"UPDATE reviews SET state = 'done', held_on = 1, closed_at_ms = 1 WHERE id = 2",
     "no message waits that reminds of a closed review",
     true},
    {"UPDATE reminders SET is_cancelled = 1 WHERE review_id = 2",
     "a message of reminders that waits carries at least one that stands",
     true},
    {"UPDATE delivery_attempts SET ended_ms = 1",
     "a message under way has exactly one attempt without an end",
     true},
    {"UPDATE deliveries SET state = 'accepted', phase = NULL, lease = NULL WHERE state = 'sending'",
     "an attempt that is not under way has ended",
     false},
    {"UPDATE reminders SET review_id = 1",
     "a person is reminded of a review once a day on a channel",
     false},
};

} // namespace

TEST_CASE_METHOD(
    InspectionFixture, "a database that is whole breaks no promise", "[store][inspection][I18]"
) {
    for (const auto depth : {InspectionDepth::open, InspectionDepth::all}) {
        const auto found = inspect(*database, depth);
        CHECK(found.empty());
    }
}

TEST_CASE_METHOD(
    InspectionFixture, "each broken promise is named, with a row", "[store][inspection][I18]"
) {
    for (const Sabotage& each : sabotages) {
        CAPTURE(each.sql, each.promise);
        const auto all = broken_by(each.sql, InspectionDepth::all);
        CHECK(std::count(all.begin(), all.end(), each.promise) == 1);
        const auto open = broken_by(each.sql, InspectionDepth::open);
        CHECK(
            std::count(open.begin(), open.end(), each.promise) == (each.is_seen_every_time ? 1 : 0)
        );
    }
}

TEST_CASE_METHOD(
    InspectionFixture, "two messages with one Message-ID are named", "[store][inspection][I15][I18]"
) {
    change([&] {
        Outbox{*database}.freeze(DeliveryId{2}, message("<1@reviewd>"), "", some_moment).value();
    });
    const auto found = inspect(*database, InspectionDepth::all);
    REQUIRE(found.size() == 1);
    REVIEWD_CHECK_CONTAINS(found.front().promise, "no two messages share a Message-ID");
    CHECK(found.front().found == "<1@reviewd>");
}

} // namespace reviewd::test::test_inspection
