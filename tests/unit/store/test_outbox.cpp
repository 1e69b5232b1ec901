#include "daemon/store/errors.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/outbox_health.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/store/store_fixture.hpp"

namespace reviewd::test::test_outbox {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;
using enum DeliveryState;

/// An account with an open review, and short words for what the outbox does.
struct OutboxFixture : StoreFixture {
    ReviewId review;
    PersonId person{1};

    OutboxFixture() {
        load(
            source("crm", rules::Table::accounts),
            rules::Table::accounts,
            {account(schema, "A", "A")}
        );
        review = add_review(AccountId{1});
    }

    ReviewId add_review(AccountId account_id) {
        Review planned_review;
        planned_review.account = account_id;
        planned_review.kind = "periodic";
        planned_review.created = some_moment;
        return write(*database, [&] { return Reviews{*database}.insert(planned_review); }).value();
    }

    Outbox outbox() { return Outbox{*database}; }

    /// When there is something to do again.
    std::optional<TimePoint> next_wake() {
        std::optional<TimePoint> wake;
        for (const auto& one :
             {outbox().next_housekeeping(),
              outbox().next_due("mail"),
              outbox().next_planned("mail")}) {
            wake = wake && (!one || *wake < *one) ? wake : one;
        }
        return wake;
    }

    template <class Work>
    auto change(const Work& work) {
        return write(*database, [&] { return work(Outbox{*database}); });
    }

    ReminderPlan reminder(std::string step, int repeat = 0, ReviewId of = {}) const {
        return {
            ReminderKey{of ? of : review, 1, std::move(step), repeat, person, "mail"}, some_day};
    }

    std::optional<DeliveryId> plan(
        const std::vector<ReminderPlan>& reminders, std::string digest = "", int minutes = 0
    ) {
        DeliveryPlan wanted;
        wanted.channel = "mail";
        wanted.person = person;
        wanted.digest = std::move(digest);
        wanted.not_before = minute(minutes);
        wanted.expires_at = minute(10'000);
        return change(
                   [&](Outbox box) -> Result<std::optional<DeliveryId>> {
                       return box.plan(wanted, reminders, some_moment);
                   }
        ).value();
    }

    static FrozenMessage message() {
        FrozenMessage frozen;
        frozen.address = "ann@example.com";
        frozen.subject = "Today 1: হার্টলি";
        frozen.text = "text";
        frozen.message_id = "<1@reviewd>";
        frozen.date = some_moment;
        return frozen;
    }

    DeliveryId make_ready(std::string step = "due") {
        const DeliveryId id = plan({reminder(std::move(step))}).value();
        REQUIRE(change([&](Outbox box) { return box.freeze(id, message(), "", some_moment); }
        ).has_value());
        return id;
    }

    Claim make_sending(SendPhase phase = SendPhase::begin) {
        const DeliveryId id = make_ready();
        Claim claim = change([&](Outbox box) { return claim_now(box, id, some_moment); }).value();
        if (phase == SendPhase::commit) {
            REQUIRE(change([&](Outbox box) { return box.commit_phase(id, claim.attempt); }
            ).has_value());
        }
        return claim;
    }

    Result<bool> settle(const Claim& claim, Settlement settlement, int minutes = 1) {
        return change([&](Outbox box) {
            return box.settle(claim.delivery.id, claim.attempt, settlement, minute(minutes));
        });
    }

    DeliveryState state(DeliveryId id) { return outbox().find(id).value().state; }
};

} // namespace

TEST_CASE("the table of moves is that of the state machine", "[store][outbox]") {
    for (const DeliveryState last : {accepted, failed, expired, cancelled, superseded}) {
        CHECK(is_final(last));
    }
    CHECK_FALSE(may_become(sending, cancelled));
    CHECK_FALSE(may_become(accepted, wait));
    CHECK_FALSE(may_become(planned, sending));
    CHECK_FALSE(may_become(uncertain, sending));
    CHECK(may_become(wait, sending));
    CHECK_FALSE(may_become(wait, planned));
    CHECK(find_delivery_state("uncertain") == uncertain);
    CHECK_FALSE(find_delivery_state("lost"));
}

TEST_CASE_METHOD(OutboxFixture, "a reminder is planned once for ever", "[store][outbox][I3]") {
    const auto first = plan({reminder("due"), reminder("due")});
    REQUIRE(first);
    CHECK_FALSE(plan({reminder("due")}));
    CHECK(outbox().reminders(*first).size() == 1);
    CHECK(plan({reminder("overdue", 0), reminder("due")}) != first);

    SECTION("also after it was sent and its review stayed open") {
        CHECK(change([&](Outbox box) { return box.freeze(*first, message(), "", some_moment); }
        ).has_value());
        const Claim claim =
            change([&](Outbox box) { return claim_now(box, *first, some_moment); }).value();
        CHECK(settle(claim, {.next = accepted}).value());
        CHECK_FALSE(plan({reminder("due")}));
        CHECK(
            change([&](Outbox box) -> Result<int> {
                return box.cancel_review(review, Outbox::Ending::cancelled, "done", minute(2));
            }).value()
            == 1
        );
        CHECK_FALSE(plan({reminder("due")}));
    }
}

TEST_CASE_METHOD(OutboxFixture, "a cancelled reminder revives", "[store][outbox]") {
    const DeliveryId first = plan({reminder("due")}).value();
    CHECK(
        change([&](Outbox box) -> Result<int> {
            return box.cancel_review(review, Outbox::Ending::cancelled, "moved", minute(1));
        }).value()
        == 1
    );
    CHECK(state(first) == cancelled);
    const auto second = plan({reminder("due")});
    REQUIRE(second);
    CHECK(second != first);
    CHECK(outbox().reminders(*second).size() == 1);
}

TEST_CASE_METHOD(OutboxFixture, "a digest collects until it is frozen", "[store][outbox]") {
    const DeliveryId morning = plan({reminder("due")}, "2026-11-20", 60).value();
    CHECK(plan({reminder("ahead")}, "2026-11-20", 30) == morning);
    CHECK(outbox().find(morning)->not_before == minute(30));
    CHECK(plan({reminder("invite")}, "2026-11-21") != morning);
    CHECK(outbox().due_for_freezing(minute(29), "mail", 10).size() == 1);
    CHECK(change([&](Outbox box) { return box.freeze(morning, message(), "", minute(30)); }
    ).has_value());
    CHECK(plan({reminder("overdue")}, "2026-11-20") != morning);

    SECTION("and is planned anew when one of its reminders goes") {
        ReviewId other;
        load(
            source("more", rules::Table::accounts),
            rules::Table::accounts,
            {account(schema, "B", "B")}
        );
        other = add_review(AccountId{2});
        const DeliveryId both = plan({reminder("due", 5), reminder("due", 0, other)}, "d").value();
        REQUIRE(change([&](Outbox box) { return box.freeze(both, message(), "", minute(1)); }
        ).has_value());
        CHECK(
            change([&](Outbox box) -> Result<int> {
                return box.cancel_review(other, Outbox::Ending::superseded, "done", minute(2));
            }).value()
            == 1
        );
        CHECK(state(both) == planned);
        CHECK_FALSE(outbox().find(both)->message);
        CHECK(outbox().reminders(both).size() == 1);
    }
}

TEST_CASE_METHOD(OutboxFixture, "what no receiver has seen is written anew", "[store][outbox]") {
    load(
        source("more", rules::Table::accounts), rules::Table::accounts, {account(schema, "B", "B")}
    );
    const ReviewId other = add_review(AccountId{2});
    const DeliveryId both = plan({reminder("due"), reminder("due", 0, other)}, "d").value();
    REQUIRE(change([&](Outbox box) { return box.freeze(both, message(), "", some_moment); }
    ).has_value());
    const Claim claim =
        change([&](Outbox box) { return claim_now(box, both, some_moment); }).value();
    const auto finish_other = [&] {
        const int cancelled =
            change([&](Outbox box) -> Result<int> {
                return box.cancel_review(other, Outbox::Ending::superseded, "done", minute(2));
            }).value();
        CHECK(cancelled == 1);
    };

    SECTION("when the try reached nobody, and not before the next one is due") {
        REQUIRE(settle(claim, {.next = wait, .next_at = minute(30)}).value());
        finish_other();
        CHECK(state(both) == cancelled);
        CHECK(outbox().reminders(both).empty());
        CHECK(outbox().due_for_freezing(minute(29), "mail", 10).empty());
        const std::vector<Delivery> made = outbox().due_for_freezing(minute(30), "mail", 10);
        REQUIRE(made.size() == 1);
        CHECK(made[0].id != both);
        CHECK(made[0].key != claim.delivery.key);
        CHECK(made[0].digest == "d");
        CHECK(made[0].expires_at == claim.delivery.expires_at);
        CHECK(outbox().reminders(made[0].id).size() == 1);
    }
    SECTION("but never under the key that a person's second try has taken over") {
        SECTION("when the first one reached nobody") {
            REQUIRE(settle(claim, {.next = failed, .reason = "refused"}).value());
            const auto again =
                change([&](Outbox box) { return box.retry(both, minute(900), minute(1)); });
            finish_other();
            CHECK(state(again.value()) == superseded);
            const std::vector<Delivery> made = outbox().due_for_freezing(minute(30), "mail", 10);
            REQUIRE(made.size() == 1);
            CHECK(made[0].key != claim.delivery.key);
        }
        SECTION("when it may have been read") {
            REQUIRE(change([&](Outbox box) { return box.commit_phase(both, claim.attempt); }
            ).has_value());
            REQUIRE(settle(claim, {.next = failed, .reason = "refused"}).value());
            const auto again =
                change([&](Outbox box) { return box.retry(both, minute(900), minute(1)); });
            finish_other();
            CHECK(state(again.value()) == ready);
            CHECK(outbox().find(again.value())->key == claim.delivery.key);
            CHECK(outbox().find(again.value())->message);
        }
    }
    SECTION("and stays held back by whom it was") {
        REQUIRE(settle(claim, {.next = wait, .next_at = minute(30)}).value());
        REQUIRE(change([&](Outbox box) { return box.hold(both, "ask me", std::nullopt, minute(2)); }
        ).has_value());
        finish_other();
        CHECK(state(both) == cancelled);
        DeliveryFilter filter;
        filter.state = held;
        const std::vector<Delivery> made = outbox().list(filter);
        REQUIRE(made.size() == 1);
        CHECK(made[0].reason == "ask me");
        CHECK_FALSE(made[0].held_until);
        REQUIRE(change([&](Outbox box) { return box.release(made[0].id, minute(3)); }).has_value());
        CHECK(state(made[0].id) == planned);
    }
    SECTION("but not after a try that may have been read") {
        REQUIRE(change([&](Outbox box) { return box.commit_phase(both, claim.attempt); }
        ).has_value());
        REQUIRE(settle(claim, {.next = wait, .next_at = minute(30)}).value());
        finish_other();
        CHECK(state(both) == wait);
        CHECK(outbox().find(both)->message.has_value());
        CHECK(outbox().reminders(both).size() == 1);
    }
}

TEST_CASE_METHOD(OutboxFixture, "a message is frozen once", "[store][outbox]") {
    const DeliveryId id = make_ready();
    const Delivery kept = outbox().find(id).value();
    CHECK(kept.state == ready);
    CHECK(kept.message->subject == "Today 1: হার্টলি");
    CHECK(kept.key.size() == 32);
    const auto again =
        change([&](Outbox box) { return box.freeze(id, message(), "", some_moment); });
    CHECK(again.error().code == ErrorCode::conflict);
}

TEST_CASE_METHOD(OutboxFixture, "an attempt goes from claim to acceptance", "[store][outbox]") {
    const Claim claim = make_sending(SendPhase::commit);
    CHECK(claim.attempt == 1);
    CHECK(claim.reminders.size() == 1);
    CHECK(outbox().find(claim.delivery.id)->phase == SendPhase::commit);
    CHECK(
        settle(
            claim,
            {.next = accepted, .outcome = "accepted", .code = 250, .reply = std::string(3000, 'x')}
        )
            .value()
    );
    CHECK(state(claim.delivery.id) == accepted);
    const auto attempts = outbox().attempts(claim.delivery.id);
    REQUIRE(attempts.size() == 1);
    CHECK(attempts[0].code == 250);
    CHECK(attempts[0].ended == minute(1));
    CHECK(attempts[0].reply.size() == 1024);
}

TEST_CASE_METHOD(OutboxFixture, "what may not be claimed is not", "[store][outbox]") {
    const auto claim = [&](DeliveryId id, int minutes) {
        return change([&](Outbox box) { return claim_now(box, id, minute(minutes)); });
    };
    CHECK(claim(plan({reminder("ahead")}).value(), 0).error().code == ErrorCode::conflict);
    const DeliveryId id = make_ready();
    CHECK(claim(id, -1).error().code == ErrorCode::conflict);
    CHECK(claim(id, 10'000).error().code == ErrorCode::conflict);
    CHECK(claim(id, 0).has_value());
    CHECK(claim(id, 0).error().code == ErrorCode::conflict);
}

TEST_CASE_METHOD(OutboxFixture, "a temporary failure waits and is due again", "[store][outbox]") {
    const Claim claim = make_sending();
    CHECK(settle(claim, {.next = wait, .next_at = minute(30), .reason = "deferred"}).value());
    CHECK(outbox().due(minute(29), "mail", 10).empty());
    CHECK(outbox().due(minute(30), "mail", 10).size() == 1);
    CHECK(outbox().due(minute(30), "", 10).size() == 1);
    CHECK(outbox().due(minute(30), "other", 10).empty());
    CHECK(next_wake() == minute(30));
    const Claim second =
        change([&](Outbox box) { return claim_now(box, claim.delivery.id, minute(30)); }).value();
    CHECK(second.attempt == 2);
    CHECK(second.delivery.attempts == 2);
    CHECK(second.delivery.message->message_id == claim.delivery.message->message_id);
    CHECK(
        settle(second, {.next = wait, .next_at = minute(40), .counts = Settlement::Counts::no}, 31)
            .value()
    );
    CHECK(outbox().find(claim.delivery.id)->attempts == 1);
}

TEST_CASE_METHOD(OutboxFixture, "illegal settlements are refused", "[store][outbox]") {
    const Claim claim = make_sending();
    CHECK(settle(claim, {.next = cancelled}).error().code == ErrorCode::conflict);
    CHECK(state(claim.delivery.id) == sending);
    CHECK(settle(claim, {.next = failed}).value());
    CHECK(settle(claim, {.next = accepted}).has_error());
    CHECK(state(claim.delivery.id) == failed);
    const auto late = change([&](Outbox box) { return box.commit_phase(claim.delivery.id, 1); });
    CHECK(late.error().code == ErrorCode::conflict);
}

TEST_CASE_METHOD(OutboxFixture, "recovery tells what may have been sent", "[store][outbox][F2]") {
    const SendPhase phase = GENERATE(SendPhase::begin, SendPhase::commit);
    const Claim claim = make_sending(phase);
    restart();
    const auto uncertain_ones = change([&](Outbox box) -> Result<std::vector<Delivery>> {
                                    return box.recover(minute(5));
                                }).value();
    const Delivery kept = outbox().find(claim.delivery.id).value();
    if (phase == SendPhase::begin) {
        CHECK(uncertain_ones.empty());
        CHECK(kept.state == wait);
        CHECK(kept.next_at == minute(5));
        CHECK(kept.attempts == 0);
    } else {
        REQUIRE(uncertain_ones.size() == 1);
        CHECK(kept.state == uncertain);
        CHECK(change([&](Outbox box) {
                  return box.resolve(kept.id, wait, minute(20), "resend", minute(5));
              }).has_value());
        CHECK(outbox().due(minute(20), "mail", 1).size() == 1);
        CHECK(
            change([&](Outbox box) { return box.resolve(kept.id, accepted, {}, "", minute(6)); })
                .error()
                .code
            == ErrorCode::conflict
        );
    }
    // A result that comes late is kept, and moves nothing.
    CHECK_FALSE(settle(claim, {.next = accepted, .outcome = "accepted", .code = 250}, 6).value());
    CHECK(state(kept.id) == wait);
    CHECK(outbox().attempts(kept.id)[0].code == 250);
}

TEST_CASE_METHOD(OutboxFixture, "time expires and releases", "[store][outbox]") {
    const DeliveryId id = make_ready();
    CHECK(change([&](Outbox box) { return box.hold(id, "quiet hours", minute(60), minute(1)); }
    ).has_value());
    CHECK(next_wake() == minute(60));
    const auto pass = [&](int minutes) {
        return change(
                   [&](Outbox box) -> Result<std::vector<DeliveryId>> {
                       return box.pass_time(minute(minutes), 100).expired;
                   }
        ).value();
    };
    CHECK(pass(59).empty());
    CHECK(state(id) == held);
    CHECK(pass(60).empty());
    CHECK(state(id) == ready);
    CHECK(pass(10'000) == std::vector<DeliveryId>{id});
    CHECK(state(id) == expired);
    CHECK_FALSE(next_wake());
}

TEST_CASE_METHOD(OutboxFixture, "people hold, release, retry and cancel", "[store][outbox]") {
    SECTION("an unfrozen one is planned again") {
        const DeliveryId id = plan({reminder("due")}, "d").value();
        CHECK(change([&](Outbox box) { return box.hold(id, "stop", {}, minute(1)); }).has_value());
        const DeliveryId other = plan({reminder("ahead")}, "d").value();
        CHECK(other != id);
        CHECK(change([&](Outbox box) { return box.release(id, minute(2)); }).has_value());
        CHECK(state(id) == planned);
        CHECK(state(other) == planned);
    }
    SECTION("a failed one is sent again under a new number, once") {
        const Claim claim = make_sending();
        CHECK(settle(claim, {.next = failed, .reason = "rejected"}).value());
        const auto retry = [&] {
            return change([&](Outbox box) { return box.retry(claim.delivery.id, {}, minute(9)); });
        };
        const DeliveryId again = retry().value();
        const Delivery made = outbox().find(again).value();
        CHECK(made.state == ready);
        CHECK(made.requeued_from == claim.delivery.id);
        CHECK(made.message->message_id == claim.delivery.message->message_id);
        CHECK(made.key == claim.delivery.key);
        CHECK(outbox().find(claim.delivery.id)->key != made.key);
        CHECK(outbox().reminders(again).size() == 1);
        CHECK(outbox().reminders(claim.delivery.id).empty());
        CHECK(retry().error().code == ErrorCode::conflict);
    }
    SECTION("one under way is left alone") {
        const Claim claim = make_sending();
        const DeliveryId id = claim.delivery.id;
        CHECK(change([&](Outbox box) { return box.cancel(id, "", minute(1)); }).has_error());
        CHECK(change([&](Outbox box) { return box.hold(id, "", {}, minute(1)); }).has_error());
        CHECK(change([&](Outbox box) { return box.retry(id, {}, minute(1)); }).has_error());
        CHECK(
            change([&](Outbox box) -> Result<int> {
                return box.cancel_review(review, Outbox::Ending::cancelled, "", minute(1));
            }).value()
            == 0
        );
        CHECK(state(id) == sending);
    }
    SECTION("a superseded one says so") {
        const DeliveryId id = make_ready();
        CHECK(
            change([&](Outbox box) -> Result<int> {
                return box.cancel_review(review, Outbox::Ending::superseded, "moved", minute(1));
            }).value()
            == 1
        );
        CHECK(state(id) == superseded);
    }
}

TEST_CASE_METHOD(OutboxFixture, "lists and counts show what there is", "[store][outbox]") {
    const DeliveryId first = make_ready("due");
    const DeliveryId second = plan({reminder("ahead")}).value();
    CHECK(outbox().list({}).size() == 2);
    CHECK(outbox().list({.state = ready}).at(0).id == first);
    CHECK(outbox().list({.after = first}).at(0).id == second);
    CHECK(outbox().list({.channel = "other"}).empty());
    CHECK(outbox().list({.person = person, .review = review}).size() == 2);
    CHECK_FALSE(outbox().list({})[0].message);
    CHECK(count_deliveries(*database).size() == 2);
    CHECK(outbox().list({.state = failed}).empty());
}

TEST_CASE_METHOD(OutboxFixture, "few among many are found by their state", "[store][outbox]") {
    std::vector<DeliveryId> given_up;
    for (const char* const step : {"one", "two", "three"}) {
        const DeliveryId id = make_ready(step);
        const Claim claim =
            change([&](Outbox box) { return claim_now(box, id, some_moment); }).value();
        REQUIRE(settle(claim, {.next = failed, .reason = "rejected"}).value());
        given_up.push_back(claim.delivery.id);
    }
    static_cast<void>(make_ready("due"));
    const auto listed = outbox().list({.state = failed});
    REQUIRE(listed.size() == 3);
    for (std::size_t i = 0; i < listed.size(); ++i) {
        CHECK(listed[i].id == given_up[i]);
    }
    CHECK(
        outbox().list({.state = failed, .after = given_up[0], .limit = 1}).at(0).id == given_up[1]
    );
    CHECK(outbox().list({.state = failed, .person = PersonId{999}}).empty());
}

TEST_CASE_METHOD(
    OutboxFixture, "what is due is found without a scan or a sort", "[store][outbox]"
) {
    for (int repeat = 0; repeat < 20; ++repeat) {
        const DeliveryId id = plan({reminder("due", repeat)}, "", repeat).value();
        if (repeat % 2 == 0) {
            REQUIRE(change([&](Outbox box) { return box.freeze(id, message(), "", some_moment); }
            ).has_value());
        }
    }
    sqlite3* const handle = database->implementation().handle();
    CHECK(outbox().due(minute(60), "", 5).size() == 5);
    CHECK(outbox().due(minute(60), "mail", 5).size() == 5);
    CHECK(outbox().due_for_freezing(minute(60), "mail", 5).size() == 5);
    CHECK(next_wake() == minute(0));
    CHECK_FALSE(Reviews{*database}.earliest_step());
    CHECK(Reviews{*database}.step_days(some_day, 5).empty());
    for (sqlite3_stmt* each = sqlite3_next_stmt(handle, nullptr); each != nullptr;
         each = sqlite3_next_stmt(handle, each)) {
        const std::string sql = sqlite3_sql(each);
        if (sql.find("INDEXED BY") != std::string::npos) {
            CAPTURE(sql);
            CHECK(sqlite3_stmt_status(each, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) == 0);
            const bool sorts_few = sql.find("d.id IN") != std::string::npos;
            CHECK((sorts_few || sqlite3_stmt_status(each, SQLITE_STMTSTATUS_SORT, 0) == 0));
        }
    }
}

TEST_CASE_METHOD(
    OutboxFixture, "a message that cannot be read is in nobody's way", "[store][outbox][isolation]"
) {
    const Claim claim = make_sending(SendPhase::commit);
    const DeliveryId other = make_ready("overdue");
    REQUIRE(try_sql("UPDATE messages SET links = 'torn' WHERE delivery_id = 1").empty());
    restart();
    const auto uncertain_ones =
        change([&](Outbox box) -> Result<std::vector<Delivery>> { return box.recover(minute(5)); });
    REQUIRE(uncertain_ones.value().size() == 1);
    CHECK(change([&](Outbox box) {
              return box.resolve(claim.delivery.id, wait, minute(6), "resend", minute(5));
          }).has_value());
    CHECK(change([&](Outbox box) {
              return box.hold(claim.delivery.id, "it cannot be read", minute(7), minute(6));
          }).has_value());
    const auto pass = [&](int minutes) {
        return change(
                   [&](Outbox box) -> Result<std::vector<DeliveryId>> {
                       return box.pass_time(minute(minutes), 10).expired;
                   }
        ).value();
    };
    CHECK(pass(7).empty());
    CHECK(outbox().find_without_message(claim.delivery.id)->state == ready);
    CHECK(pass(10'000).size() == 2);
    CHECK(outbox().find_without_message(claim.delivery.id)->state == expired);
    CHECK(state(other) == expired);
}

} // namespace reviewd::test::test_outbox
