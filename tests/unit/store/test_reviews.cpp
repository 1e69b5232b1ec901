#include "daemon/store/audit.hpp"
#include "daemon/store/health.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/markers.hpp"
#include "daemon/store/outcomes.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/rules_versions.hpp"
#include "daemon/store/scores.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/store/store_fixture.hpp"

namespace reviewd::test::test_reviews {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;

struct ReviewFixture : StoreFixture {
    ReviewFixture() {
        load(
            source("crm", rules::Table::accounts),
            rules::Table::accounts,
            {account(schema, "A", "A"), account(schema, "B", "B"), account(schema, "C", "C")}
        );
    }

    template <class Work>
    auto change(const Work& work) {
        return write(*database, [&] { return work(Reviews{*database}); });
    }
    template <class Work>
    void in_transaction(const Work& work) {
        write(*database, [&]() -> Result<void> {
            work();
            return {};
        }).value();
    }

    static Review planned(AccountId account, int due_in_days = 10) {
        Review review;
        review.account = account;
        review.owner = PersonId{7};
        review.kind = "periodic";
        review.earliest = some_day;
        review.target = review.due = some_day + std::chrono::days{due_in_days};
        review.latest = some_day + std::chrono::days{30};
        review.next_step = review.due - std::chrono::days{2};
        review.level = "high";
        review.cadence = "high";
        review.created = some_moment;
        return review;
    }

    Review insert(const Review& review) {
        const ReviewId id = change([&](Reviews reviews) { return reviews.insert(review); }).value();
        return Reviews{*database}.find(id).value();
    }

    static Review closed(Review review) {
        review.state = ReviewState::done;
        review.held_on = some_day;
        review.closed_at = minute(1);
        review.next_step.reset();
        return review;
    }
};

} // namespace

TEST_CASE_METHOD(ReviewFixture, "an account has at most one open review", "[store][reviews][I1]") {
    const Review first = insert(planned(AccountId{1}));
    CHECK(first.reasons == "[]");
    const auto second =
        change([&](Reviews reviews) { return reviews.insert(planned(AccountId{1})); });
    CHECK(second.error().code == ErrorCode::conflict);
    // The database refuses it too, whoever writes.
    REVIEWD_CHECK_CONTAINS(
        try_sql("INSERT INTO reviews (account_id, state, occurrence, version, kind, earliest,"
                " target, due, latest, level, cadence, reasons, created_ms) VALUES"
                " (1, 'invited', 1, 1, '', 1, 1, 1, 1, '', '', '[]', 1)"),
        "UNIQUE constraint failed"
    );
    CHECK(change([&](Reviews reviews) { return reviews.update(closed(first)); }).has_value());
    CHECK(change([&](Reviews reviews) { return reviews.insert(planned(AccountId{1})); }).has_value()
    );
}

TEST_CASE_METHOD(ReviewFixture, "a review comes back as it was written", "[store][reviews]") {
    Review review = planned(AccountId{1});
    review.reasons = R"(["renewal on 15 Jan"])";
    review.note = "ø";
    review.appointment = minute(90);
    const Review kept = insert(review);
    CHECK(kept.owner == PersonId{7});
    CHECK(kept.reasons == review.reasons);
    CHECK(kept.appointment == minute(90));
    CHECK(kept.next_step == review.next_step);
    CHECK(kept.latest == review.latest);
    CHECK_FALSE(kept.held_on);
}

TEST_CASE_METHOD(ReviewFixture, "an update needs the version it knows", "[store][reviews]") {
    Review review = insert(planned(AccountId{1}));
    review.state = ReviewState::invited;
    REQUIRE(change([&](Reviews reviews) { return reviews.update(review); }).has_value());
    CHECK(Reviews{*database}.find(review.id)->version == 2);
    CHECK(
        change([&](Reviews reviews) { return reviews.update(review); }).error().code
        == ErrorCode::conflict
    );
    review.id = ReviewId{99};
    CHECK(
        change([&](Reviews reviews) { return reviews.update(review); }).error().code
        == ErrorCode::not_found
    );
}

TEST_CASE_METHOD(ReviewFixture, "a closed review opens only by reopening", "[store][reviews]") {
    const Review first = insert(planned(AccountId{1}));
    REQUIRE(change([&](Reviews reviews) { return reviews.update(closed(first)); }).has_value());
    Review again = Reviews{*database}.find(first.id).value();
    CHECK(Reviews{*database}.last_held(AccountId{1})->id == first.id);
    again.state = ReviewState::planned;
    again.held_on.reset();
    again.closed_at.reset();
    CHECK(change([&](Reviews reviews) { return reviews.update(again); }).has_error());
    SECTION("alone") {
        again.occurrence = 2;
        CHECK(change([&](Reviews reviews) { return reviews.reopen(again); }).has_value());
        CHECK(Reviews{*database}.open_of(AccountId{1})->occurrence == 2);
    }
    SECTION("but not beside another one") {
        static_cast<void>(insert(planned(AccountId{1})));
        CHECK(change([&](Reviews reviews) { return reviews.reopen(again); }).has_error());
    }
}

TEST_CASE_METHOD(ReviewFixture, "a state needs its days", "[store][reviews][schema]") {
    static_cast<void>(insert(planned(AccountId{1})));
    REVIEWD_CHECK_CONTAINS(try_sql("UPDATE reviews SET state = 'done'"), "CHECK constraint failed");
    REVIEWD_CHECK_CONTAINS(try_sql("UPDATE reviews SET state = 'gone'"), "CHECK constraint failed");
    REVIEWD_CHECK_CONTAINS(try_sql("UPDATE reviews SET account_id = 77"), "FOREIGN KEY");
}

TEST_CASE_METHOD(ReviewFixture, "steps come in the order of their days", "[store][reviews]") {
    const Review late = insert(planned(AccountId{1}, 20));
    const Review soon = insert(planned(AccountId{2}, 10));
    Reviews reviews{*database};
    CHECK(reviews.earliest_step() == soon.next_step);
    CHECK(reviews.step_days(some_day, 10).empty());
    CHECK(reviews.step_days(*soon.next_step, 10).size() == 1);
    const auto all = reviews.step_days(late.due, 10);
    REQUIRE(all.size() == 2);
    CHECK(all[0].review == soon.id);
    const auto rest = reviews.step_days(late.due, 10, *soon.next_step, soon.id);
    REQUIRE(rest.size() == 1);
    CHECK(rest[0].review == late.id);
    // A page may end within a day.
    const Review same = insert(planned(AccountId{3}, 10));
    std::vector<ReviewId> seen;
    Date day = Date::min();
    ReviewId last;
    for (auto page = reviews.step_days(late.due, 1, day, last); !page.empty();
         page = reviews.step_days(late.due, 1, day, last)) {
        seen.push_back(page.front().review);
        day = page.front().next_step;
        last = page.front().review;
    }
    CHECK(seen == std::vector<ReviewId>{soon.id, same.id, late.id});
}

TEST_CASE_METHOD(ReviewFixture, "lists are filtered and ordered by due day", "[store][reviews]") {
    const Review late = insert(planned(AccountId{1}, 20));
    const Review soon = insert(planned(AccountId{2}, 10));
    REQUIRE(change([&](Reviews reviews) { return reviews.update(closed(late)); }).has_value());
    Reviews reviews{*database};
    using Which = ReviewFilter::Which;
    CHECK(reviews.list({}).size() == 1);
    CHECK(reviews.list({.which = Which::closed}).at(0).id == late.id);
    CHECK(reviews.list({.which = Which::all}).at(0).id == soon.id);
    CHECK(reviews.list({.owner = PersonId{8}}).empty());
    CHECK(reviews.list({.owner = PersonId{7}, .due_until = soon.due}).size() == 1);
    CHECK(reviews.list({.account = AccountId{1}, .which = Which::all}).size() == 1);
    const auto load = reviews.load(some_day, late.due);
    REQUIRE(load.size() == 1);
    CHECK(load[0].reviews == 1);
    CHECK(load[0].due == soon.due);
}

TEST_CASE_METHOD(
    ReviewFixture, "reviews of some accounts are those of no others", "[store][reviews]"
) {
    load(
        source("crm", rules::Table::accounts),
        rules::Table::accounts,
        {account(schema, "A", "A"),
         account(schema, "B", "B"),
         account(schema, "C", "C"),
         account(schema, "D", "D"),
         account(schema, "E", "E"),
         account(schema, "F", "F")}
    );
    for (int id = 1; id <= 6; ++id) {
        const Review past = insert(planned(AccountId{id}));
        REQUIRE(change([&](Reviews reviews) { return reviews.update(closed(past)); }).has_value());
        static_cast<void>(insert(planned(AccountId{id}, 20 + id)));
    }
    Reviews reviews{*database};
    // Neighbours are read as a range, and those far apart one by one.
    for (const std::vector<AccountId>& wanted :
         {std::vector<AccountId>{},
          std::vector<AccountId>{AccountId{2}},
          std::vector<AccountId>{AccountId{1}, AccountId{2}, AccountId{4}},
          std::vector<AccountId>{AccountId{1}, AccountId{6}}}) {
        std::vector<AccountId> open;
        std::vector<AccountId> held;
        for (const Review& review : reviews.open_of(wanted)) {
            open.push_back(review.account);
        }
        for (const DaysHeld& days : reviews.days_held(wanted)) {
            held.push_back(days.account);
            CHECK(days.days == std::vector<Date>{some_day});
        }
        CHECK(open == wanted);
        CHECK(held == wanted);
    }
    const std::optional<Review> last = reviews.last_held(AccountId{3});
    REQUIRE(last);
    CHECK(last->account == AccountId{3});
    CHECK(last->state == ReviewState::done);
    CHECK_FALSE(reviews.last_held(AccountId{7}));
}

TEST_CASE_METHOD(ReviewFixture, "what a tick has to mend is found", "[store][reviews][I1][I2]") {
    static_cast<void>(insert(planned(AccountId{1})));
    Reviews reviews{*database};
    CHECK(
        reviews.accounts_without_review({}, 10)
        == std::vector<AccountId>{AccountId{2}, AccountId{3}}
    );
    CHECK(
        reviews.accounts_without_review(AccountId{2}, 10) == std::vector<AccountId>{AccountId{3}}
    );
    CHECK(reviews.of_inactive_accounts({}, 10).empty());
    CHECK(reviews.with_former_owner({}, 10).size() == 1);
    CHECK(reviews.with_former_owner({AccountId{0}, AccountId{1}}, 10).size() == 1);
    CHECK(reviews.with_former_owner({AccountId{1}, AccountId{9}}, 10).empty());
    CHECK(reviews.last_account_with_open() == AccountId{1});
    load(
        source("crm", rules::Table::accounts), rules::Table::accounts, {account(schema, "B", "B")}
    );
    CHECK(reviews.of_inactive_accounts({}, 10).size() == 1);
    CHECK(reviews.of_inactive_accounts({AccountId{0}, AccountId{1}}, 10).size() == 1);
    CHECK(reviews.of_inactive_accounts({AccountId{1}, AccountId{9}}, 10).empty());
    CHECK(reviews.accounts_without_review({}, 10) == std::vector<AccountId>{AccountId{2}});
}

TEST_CASE_METHOD(ReviewFixture, "outcomes are kept with their types", "[store][outcomes]") {
    const Review review = insert(planned(AccountId{1}));
    Outcomes outcomes{*database};
    in_transaction([&] {
        for (const auto& [question, value] : std::vector<std::pair<std::string, cel::Value>>{
                 {"satisfaction", cel::Value::of(9.0)},
                 {"effort", cel::Value::of(std::int64_t{3})},
                 {"needs", cel::Value::of(std::string{"a \"feeder\"\n"})},
                 {"referral", cel::Value::of(true)},
                 {"value", cel::Value{}}}) {
            outcomes.add_answer(review.id, review.account, {question, value, some_day});
        }
        outcomes.add_attempt({review.id, some_day, "no-answer", "ann", ""});
    });
    const auto answers = outcomes.answers(review.id);
    REQUIRE(answers.size() == 5);
    CHECK(*answers[0].value.get_if<double>() == 9.0);
    CHECK(*answers[1].value.get_if<std::int64_t>() == 3);
    CHECK(*answers[2].value.get_if<std::string>() == "a \"feeder\"\n");
    CHECK(*answers[3].value.get_if<bool>());
    CHECK(answers[4].value.is_null());
    CHECK(outcomes.answers(AccountId{1})[0].question == "value");
    CHECK(outcomes.attempts(review.id).at(0).result == "no-answer");

    std::int64_t promise = 0;
    in_transaction([&] {
        promise =
            outcomes.add_promise({0, review.id, review.account, "prices", some_day, {}, some_day});
    });
    CHECK(outcomes.open_promises(AccountId{1}).at(0).text == "prices");
    in_transaction([&] { outcomes.keep_promise(promise, some_day); });
    CHECK(outcomes.open_promises(AccountId{1}).empty());
}

TEST_CASE_METHOD(
    ReviewFixture, "what a report brought is taken back, and nothing else", "[store][outcomes]"
) {
    const Review one = insert(planned(AccountId{1}));
    const Review other = insert(planned(AccountId{2}));
    Outcomes outcomes{*database};
    const auto promise = [&](const Review& review, const char* text) {
        return outcomes.add_promise({0, review.id, AccountId{1}, text, {}, {}, some_day});
    };
    Outcomes::TakenBack taken;
    in_transaction([&] {
        for (const Review& review : {one, other}) {
            outcomes.add_answer(
                review.id, AccountId{1}, {"effort", cel::Value::of(std::int64_t{3}), some_day}
            );
        }
        const std::int64_t earlier = promise(other, "a visit");
        promise(one, "prices");
        outcomes.keep_promise(promise(other, "a sample"), some_day);
        outcomes.keep_promise(earlier, some_day, one.id);
        taken = outcomes.take_back(one.id);
    });
    CHECK(taken.answers == std::vector<std::string>{"effort: 3"});
    CHECK(taken.promises == std::vector<std::string>{"prices"});
    CHECK(taken.kept == std::vector<std::string>{"a visit"});
    CHECK(outcomes.answers(one.id).empty());
    CHECK(outcomes.answers(other.id).size() == 1);
    const auto open = outcomes.open_promises(AccountId{1});
    REQUIRE(open.size() == 1);
    CHECK(open.front().text == "a visit");
}

TEST_CASE_METHOD(ReviewFixture, "open reviews are numbered by their day", "[store][reviews]") {
    const Review late = insert(planned(AccountId{1}, 20));
    const Review soon = insert(planned(AccountId{2}, 10));
    Review of_nobody = planned(AccountId{3}, 10);
    of_nobody.owner = {};
    of_nobody = insert(of_nobody);
    const auto ids = [&](std::optional<PersonId> owner, Date until) {
        std::vector<ReviewId> numbers;
        for (const Reviews::DueDay& day : Reviews{*database}.due_days_until(owner, until)) {
            numbers.push_back(day.review);
        }
        return numbers;
    };
    CHECK(ids({}, late.due) == std::vector{soon.id, of_nobody.id, late.id});
    CHECK(ids({}, soon.due) == std::vector{soon.id, of_nobody.id});
    CHECK(ids(PersonId{7}, late.due) == std::vector{soon.id, late.id});
    CHECK(ids(PersonId{}, late.due) == std::vector{of_nobody.id});
    REQUIRE(change([&](Reviews reviews) { return reviews.update(closed(soon)); }).has_value());
    CHECK(ids(PersonId{7}, late.due) == std::vector{late.id});
}

TEST_CASE_METHOD(
    ReviewFixture, "the highest scores are those of active accounts", "[store][scores]"
) {
    RulesVersions versions{*database};
    in_transaction([&] {
        const RulesVersionId version =
            versions.remember({"hash", "r", {{"a.yaml", "a1"}}, "ann", ""}, some_moment);
        std::vector<AccountScore> scores(3);
        for (std::size_t index = 0; index < scores.size(); ++index) {
            scores[index].account = AccountId{static_cast<std::int64_t>(index) + 1};
            scores[index].points = index == 0 ? 20'000 : 40'000;
            scores[index].level = scores[index].raw_level = "high";
            scores[index].level_since = scores[index].as_of = some_day;
            scores[index].rules_version = version;
        }
        Scores{*database}.save(scores);
    });
    CHECK(Scores{*database}.highest(9) == std::vector{AccountId{2}, AccountId{3}, AccountId{1}});
    CHECK(Scores{*database}.highest(2) == std::vector{AccountId{2}, AccountId{3}});
    load(
        source("crm", rules::Table::accounts),
        rules::Table::accounts,
        {account(schema, "A", "A"), account(schema, "C", "C")}
    );
    CHECK(Scores{*database}.highest(9) == std::vector{AccountId{3}, AccountId{1}});
}

TEST_CASE_METHOD(ReviewFixture, "scores that are the same are not written", "[store][scores]") {
    RulesVersions versions{*database};
    RulesVersionId version;
    std::string text(1'200'000, 'r');
    text.replace(499'999, 3, "ব");
    in_transaction([&] {
        version = versions.remember(
            {"hash", text, {{"a.yaml", "a1"}, {"b.yaml", "b1"}}, "ann", "first"}, some_moment
        );
        CHECK(versions.remember({"hash", text, {}, "ann", "again"}, some_moment) == version);
        versions.activate(version);
    });
    CHECK(versions.active()->id == version);
    CHECK(versions.content(version) == text);
    CHECK(versions.history().size() == 1);
    REQUIRE(versions.files(version).size() == 2);
    CHECK(versions.files(version).back().name == "b.yaml");
    const RulesCandidate candidate{
        version, RulesCandidate::Origin::rolled_back, "ann", "too soon", some_moment, true, "{}"};
    in_transaction([&] {
        versions.set_candidate({version, {}, "bob", "", some_moment, false, {}});
        versions.set_candidate(candidate);
        versions.record({version, some_moment, "ann", RulesEventKind::held, "too soon"});
    });
    CHECK(versions.candidate() == candidate);
    REQUIRE(versions.events(version).size() == 1);
    CHECK(versions.events(version).front().what == RulesEventKind::held);
    in_transaction([&] { versions.clear_candidate(); });
    CHECK_FALSE(versions.candidate().has_value());

    Scores scores{*database};
    AccountScore score{
        AccountId{1}, 73'000, "high", some_day, "high", true, version, some_day, "made", {}};
    const auto save = [&] {
        std::size_t written = 0;
        in_transaction([&] { written = scores.save(std::vector<AccountScore>{score}); });
        return written;
    };
    CHECK(save() == 1);
    CHECK(scores.find(AccountId{1}) == score);
    score.as_of += std::chrono::days{1};
    CHECK(save() == 0);
    score.points = 60'000;
    CHECK(save() == 1);
    CHECK(scores.find(std::vector<AccountId>{AccountId{1}, AccountId{2}}).size() == 1);
    score.account = AccountId{2};
    CHECK(save() == 1);
    const auto some = scores.find(std::vector<AccountId>{AccountId{1}, AccountId{3}});
    REQUIRE(some.size() == 1);
    CHECK(some[0].account == AccountId{1});
    CHECK(read_health(*database, some_day, some_moment).levels.at("high") == 2);
    in_transaction([&] {
        scores.record(
            {AccountId{1}, some_day, "", "high", {}, 73'000, version, LevelCause::first, ""}
        );
    });
    CHECK(scores.history(AccountId{1}).at(0).cause == LevelCause::first);
}

TEST_CASE_METHOD(ReviewFixture, "events, audit and markers are kept", "[store][audit]") {
    const Review review = insert(planned(AccountId{1}));
    in_transaction([&] {
        Reviews{*database}.record({review.id, some_moment, "ann", "socket", "invited", ""});
        Audit{*database}.record({0, some_moment, "ann", "socket", "reload", "{}"});
        Markers{*database}.set("rescore.after", "1");
        Markers{*database}.set("rescore.after", "2");
    });
    restart();
    CHECK(Reviews{*database}.events(review.id).at(0).what == "invited");
    CHECK(Reviews{*database}.events(review.id).at(0).details == "{}");
    CHECK(Audit{*database}.latest(5).at(0).what == "reload");
    CHECK(Markers{*database}.find("rescore.after") == "2");
    in_transaction([&] { Markers{*database}.erase("rescore.after"); });
    CHECK_FALSE(Markers{*database}.find("rescore.after"));
}

TEST_CASE_METHOD(ReviewFixture, "a trail is of whom or what it was asked for", "[store][audit]") {
    const Review one = insert(planned(AccountId{1}));
    const Review other = insert(planned(AccountId{2}));
    in_transaction([&] {
        Reviews reviews{*database};
        reviews.record({one.id, minute(1), "ann", "socket", "invited", ""});
        reviews.record({other.id, minute(2), "ann", "socket", "moved", ""});
        reviews.record({one.id, minute(3), "bo", "socket", "done", ""});
        Audit{*database}.record({0, minute(4), "bo", "socket", "reload", "{}"});
    });
    const auto trail = [&](const TrailFilter& filter) {
        std::string words;
        for (const TrailEntry& entry : Audit{*database}.trail(filter)) {
            words += (words.empty() ? "" : " ") + entry.what;
        }
        return words;
    };
    CHECK(trail({}) == "reload done moved invited");
    CHECK(trail({{}, {}, "", 2}) == "reload done");
    CHECK(trail({{}, {}, "bo"}) == "reload done");
    CHECK(trail({AccountId{1}}) == "done invited");
    CHECK(trail({AccountId{1}, {}, "", 1}) == "done");
    CHECK(trail({AccountId{1}, {}, "ann"}) == "invited");
    CHECK(trail({{}, other.id}) == "moved");
    CHECK(trail({AccountId{1}, other.id}).empty());
}

TEST_CASE_METHOD(ReviewFixture, "health counts", "[store][health]") {
    static_cast<void>(insert(planned(AccountId{1}, 5)));
    const Health health = read_health(*database, some_day + std::chrono::days{6}, some_moment);
    CHECK(health.accounts_active == 3);
    CHECK(health.accounts_without_owner == 3);
    CHECK(health.accounts_without_review == 2);
    CHECK(health.accounts_without_score == 3);
    CHECK(health.reviews_open == 1);
    CHECK(health.reviews_overdue == 1);
    CHECK(health.database_bytes > 0);
}

} // namespace reviewd::test::test_reviews
