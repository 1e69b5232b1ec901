#include "daemon/store/outbox.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/store/store_fixture.hpp"

namespace reviewd::test::test_outbox_joining {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;
using enum DeliveryState;

/// One review, and digests of several days for one person.
struct JoiningFixture : StoreFixture {
    ReviewId review;
    PersonId person{1};

    JoiningFixture() {
        load(
            source("crm", rules::Table::accounts),
            rules::Table::accounts,
            {account(schema, "A", "A")}
        );
        Review planned_review;
        planned_review.account = AccountId{1};
        planned_review.kind = "periodic";
        planned_review.created = some_moment;
        review =
            write(*database, [&] { return Reviews{*database}.insert(planned_review); }).value();
    }

    template <class Work>
    auto change(const Work& work) {
        return write(*database, [&] { return work(Outbox{*database}); });
    }

    DeliveryPlan plan_of(const std::string& digest) const {
        DeliveryPlan plan;
        plan.channel = "mail";
        plan.person = person;
        plan.digest = digest;
        plan.not_before = some_moment;
        return plan;
    }

    DeliveryId digest(const std::string& day, const std::string& step, int repeat = 0) {
        const std::vector<ReminderPlan> reminders{
            {ReminderKey{review, 1, step, repeat, person, "mail"}, some_day}};
        return change([&](Outbox box) -> Result<std::optional<DeliveryId>> {
                   return box.plan(plan_of(day), reminders, some_moment);
               })
            .value()
            .value();
    }

    void freeze(DeliveryId id, std::vector<LinkGrant> links = {}) {
        FrozenMessage message;
        message.address = "ann@example.com";
        message.subject = "Today 1";
        message.text = "text";
        message.message_id = "<1@reviewd>";
        message.calendar = "BEGIN:VCALENDAR";
        message.links = std::move(links);
        REQUIRE(change([&](Outbox box) { return box.freeze(id, message, "", some_moment); }
        ).has_value());
    }

    int join(DeliveryId into) {
        return change(
                   [&](Outbox box) -> Result<int> { return box.join_earlier(into, some_moment); }
        ).value();
    }

    void attempt(DeliveryId id, const std::string& outcome, SendPhase phase) {
        const Claim claim =
            change([&](Outbox box) { return claim_now(box, id, some_moment); }).value();
        if (phase == SendPhase::commit) {
            REQUIRE(change([&](Outbox box) { return box.commit_phase(id, claim.attempt); }
            ).has_value());
        }
        Settlement settlement;
        settlement.next = wait;
        settlement.next_at = some_moment;
        settlement.outcome = outcome;
        REQUIRE(change([&](Outbox box) {
                    return box.settle(id, claim.attempt, settlement, some_moment);
                }).has_value());
    }

    Delivery found(DeliveryId id) { return Outbox{*database}.find(id).value(); }
};

} // namespace

TEST_CASE_METHOD(
    JoiningFixture, "digests that nobody received become part of the latest", "[store][outbox][F21]"
) {
    const DeliveryId monday = digest("2026-11-23", "ahead");
    freeze(monday);
    const DeliveryId tuesday = digest("2026-11-24", "on-day");
    freeze(tuesday);
    attempt(tuesday, "temporary", SendPhase::begin);
    const DeliveryId thursday = digest("2026-11-26", "overdue", 1);
    CHECK(join(thursday) == 2);
    CHECK(found(monday).state == superseded);
    CHECK(found(tuesday).state == cancelled);
    CHECK(Outbox{*database}.reminders(thursday).size() == 3);
    CHECK(join(thursday) == 0);
}

TEST_CASE_METHOD(
    JoiningFixture,
    "what may have been received, or is held back by a person, joins nothing",
    "[store][outbox][I3]"
) {
    const DeliveryId maybe = digest("2026-11-23", "ahead");
    freeze(maybe);
    attempt(maybe, "temporary", SendPhase::commit);
    const DeliveryId kept = digest("2026-11-24", "on-day");
    REQUIRE(change([&](Outbox box) { return box.hold(kept, "by hand", std::nullopt, some_moment); }
    ).has_value());
    const DeliveryId today = digest("2026-11-25", "overdue", 1);
    CHECK(join(today) == 0);
    CHECK(found(maybe).state == wait);
    CHECK(found(kept).state == held);
    CHECK_FALSE(change([&](Outbox box) -> Result<std::optional<DeliveryId>> {
                    return box.renew(maybe, plan_of("2026-11-25"), some_moment);
                }).value());
}

TEST_CASE_METHOD(JoiningFixture, "a stale digest is made anew for another day", "[store][outbox]") {
    const DeliveryId old = digest("2026-11-23", "ahead");
    freeze(old);
    const auto renewed = change([&](Outbox box) -> Result<std::optional<DeliveryId>> {
                             return box.renew(old, plan_of("2026-11-26"), some_moment);
                         }).value();
    REQUIRE(renewed);
    CHECK(found(old).state == superseded);
    CHECK(found(*renewed).state == planned);
    CHECK(found(*renewed).digest == "2026-11-26");
    CHECK(Outbox{*database}.reminders(*renewed).size() == 1);
}

TEST_CASE_METHOD(JoiningFixture, "a notice is planned once for ever", "[store][outbox][I3]") {
    NoticePlan plan;
    plan.kind = "event";
    plan.dedupe = "event/1";
    plan.content = R"({"event": "review.done"})";
    plan.channel = "crm";
    plan.not_before = some_moment;
    const auto planned_once = [&] {
        return change(
                   [&](Outbox box) -> Result<std::optional<DeliveryId>> {
                       return box.plan_notice(plan, some_moment);
                   }
        ).value();
    };
    const auto first = planned_once();
    REQUIRE(first);
    CHECK(found(*first).kind == "event");
    CHECK(found(*first).content == plan.content);
    CHECK_FALSE(planned_once());
}

TEST_CASE_METHOD(JoiningFixture, "links and calendars are kept with a message", "[store][outbox]") {
    const DeliveryId id = digest("2026-11-23", "ahead");
    const LinkGrant grant{"p0-abc", "answer", review, 3, 1, person, some_moment};
    freeze(id, {grant});
    REQUIRE(found(id).message);
    CHECK(found(id).message->links == std::vector<LinkGrant>{grant});
    CHECK(found(id).message->calendar == "BEGIN:VCALENDAR");
}

} // namespace reviewd::test::test_outbox_joining
