// What the holder of a link sees and does: the form, each action once, and kind words for the rest.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace reviewd::test::test_answers {

using namespace reviewd;
using namespace std::chrono_literals;
using message::AnswerPage;
using std::chrono::days;
using test::at;

namespace {

namespace json = boost::json;

const Date monday{2026y / 11 / 23};
const TimePoint noon = at(monday, 12);
using Form = std::map<std::string, std::string>;

/// A planned portfolio, and a link to the first account's review as its owner's mail has it.
struct Linked {
    test::World world;
    store::Review review;

    explicit Linked(const std::string& language = "en") {
        world.show_html();
        world.edit_settings("language: en", "language: " + language);
        world.edit_settings(
            "data_directory: data\n",
            "data_directory: data\npublic_url: https://reviews.example\n"
            "links: { listen: 127.0.0.1:8095, secret_file: key }\n"
        );
        world.open(noon);
        world.run(noon);
        review = world.open_review("a1");
    }

    store::LinkGrant grant(PersonId person = {}) {
        return {
            "",
            "answer",
            review.id,
            review.version,
            review.occurrence,
            person ? person : review.owner,
            noon + days{30}};
    }

    Form form(const std::string& action, Form more = {}) {
        more["action"] = action;
        more["version"] = std::to_string(store::Reviews{world.database()}.find(review.id)->version);
        return more;
    }

    service::Answer act(const Form& fields, TimePoint now = noon) {
        return world.service().answers().act(grant(), fields, now);
    }
    service::Answer show(TimePoint now = noon) {
        return world.service().answers().show(grant(), now);
    }
    PersonId person(const std::string& key) {
        for (const service::PersonView& each : world.service().views().people(noon)) {
            if (each.profile.key == key) {
                return each.profile.id;
            }
        }
        return {};
    }
    store::Review now_kept() { return *store::Reviews{world.database()}.find(review.id); }
};

} // namespace

TEST_CASE("the form shows the agenda, and showing it changes nothing", "[service][links][T21]") {
    Linked linked;
    const std::string before = linked.world.describe();
    for (int i = 0; i < 100; ++i) {
        const service::Answer answer = linked.show();
        REQUIRE(answer.status == 200);
        REQUIRE(answer.page.kind == AnswerPage::Kind::form);
    }
    CHECK(linked.world.describe() == before);
    CHECK(linked.now_kept().version == linked.review.version);
    const service::Answer answer = linked.show();
    const std::string html = linked.world.service().answers().html_of(answer);
    REVIEWD_CHECK_CONTAINS(html, "Account a1");
    REVIEWD_CHECK_CONTAINS(html, "How content are you");
    REVIEWD_CHECK_CONTAINS(html, "name=\"answer.satisfaction\"");
    REVIEWD_CHECK_CONTAINS(html, "What else should it do for you?");
    CHECK(html.find("<script") == std::string::npos);
    CHECK(html.find("http://") == std::string::npos);
    CHECK(html.find("https://") == std::string::npos);
}

TEST_CASE("whoever else holds a link is told whose account it is", "[service][links]") {
    Linked linked;
    const PersonId manager = linked.person("karim");
    const auto show = [&] {
        auto& desk = linked.world.service().answers();
        const service::Answer answer = desk.show(linked.grant(manager), noon);
        REQUIRE(answer.page.kind == AnswerPage::Kind::form);
        return desk.html_of(answer);
    };
    REVIEWD_CHECK_CONTAINS(show(), "<dt>Whose</dt><dd><bdi>Ana Costa</bdi></dd>");
    const service::LeaveDesk::Wanted leave{"ana", monday, monday + days{4}, ""};
    REQUIRE(linked.world.service().leave().add(leave, {"ana", "socket"}, noon).has_value());
    linked.review = linked.now_kept();
    REVIEWD_CHECK_CONTAINS(show(), "<dt>For</dt><dd><bdi>Ana Costa</bdi>, who is away</dd>");
    const std::string own = linked.world.service().answers().html_of(linked.show());
    CHECK(own.find("Ana Costa") == std::string::npos);
}

TEST_CASE("what came last of the account is told with its day", "[service][links]") {
    Linked linked;
    const auto last = [&](TimePoint now) {
        const service::Answer answer = linked.show(now);
        REQUIRE(answer.page.item.has_value());
        return answer.page.item->last;
    };
    CHECK_FALSE(last(noon).has_value());
    auto& desk = linked.world.service().reviews();
    const service::Actor ana{"ana", "socket"};
    service::Outcome outcome;
    outcome.held_on = monday - days{3};
    outcome.promise = "send the prices";
    linked.review = desk.done(linked.review.id, outcome, ana, noon).value();
    REQUIRE(last(noon).has_value());
    CHECK(last(noon)->day == monday - days{3});
    CHECK(last(noon)->outcome == "done");
    CHECK(last(noon)->promises == std::vector<std::string>{"send the prices"});
    // A call that failed is newer; the promise of the review before it stands.
    REQUIRE(desk.attempt(linked.review.id, "no-answer", "", ana, noon).has_value());
    CHECK(last(noon)->day == monday);
    CHECK(last(noon)->outcome == "no-answer");
    CHECK(last(noon)->promises == std::vector<std::string>{"send the prices"});
    REVIEWD_CHECK_CONTAINS(
        linked.world.service().answers().html_of(linked.show()),
        "<bdi>23 Nov</bdi>, <bdi>no answer</bdi>. Promised: <b><bdi>send the prices</bdi></b>"
    );
    const TimePoint tuesday = noon + days{1};
    REQUIRE(linked.world.service()
                .accounts()
                .contact(linked.review.account, {{}, "met at a fair"}, ana, tuesday)
                .has_value());
    CHECK(last(tuesday)->day == monday + days{1});
    CHECK(last(tuesday)->outcome == "contact");
    const TimePoint wednesday = noon + days{2};
    linked.review = desk.missed(linked.review.id, "", ana, wednesday).value();
    CHECK(last(wednesday)->day == monday + days{2});
    CHECK(last(wednesday)->outcome == "missed");
}

TEST_CASE("done with answers acts once, however often it is sent", "[service][links][T21]") {
    Linked linked;
    const Form form = linked.form(
        "done",
        {{"answer.satisfaction", "9"},
         {"answer.needs", " "},
         {"note", "went well"},
         {"promise", "send the prices"}}
    );
    const service::Answer first = linked.act(form);
    CHECK(first.status == 200);
    CHECK(first.page.kind == AnswerPage::Kind::recorded);
    CHECK(first.page.next_day.has_value());
    CHECK(linked.now_kept().state == store::ReviewState::done);
    CHECK(linked.now_kept().note == "went well");
    const std::string after = linked.world.describe();
    const service::Answer again = linked.act(form);
    CHECK(again.status == 200);
    CHECK(again.page.kind == AnswerPage::Kind::closed);
    REVIEWD_CHECK_CONTAINS(
        linked.world.service().answers().html_of(again), "recorded as done on 23 Nov"
    );
    CHECK(linked.world.describe() == after);
    // The history says who did it, and over what.
    const auto events = store::Reviews{linked.world.database()}.events(linked.review.id);
    CHECK(events.back().who == "ana");
    CHECK(events.back().from == "link");
}

TEST_CASE(
    "a review that was held on an earlier day keeps all that was answered", "[service][links]"
) {
    Linked linked;
    const std::string html = linked.world.service().answers().html_of(linked.show());
    REVIEWD_CHECK_CONTAINS(
        html, "name=\"held_on\" max=\"2026-11-23\" value=\"2026-11-23\" required"
    );
    CHECK(html.find("value=\"spoke\"") == std::string::npos);
    const Form answers{
        {"answer.satisfaction", "9"}, {"note", "went well"}, {"promise", "send the prices"}};
    const auto held_on = [&](const std::string& day) {
        Form form = linked.form("done", answers);
        form["held_on"] = day;
        return form;
    };
    // A day that cannot be is said, and nothing of the rest has to be written again.
    const std::string before = linked.world.describe();
    const service::Answer refused = linked.act(held_on("2026-11-24"));
    CHECK(refused.status == 422);
    CHECK(refused.page.problem == "24 Nov is still to come.");
    const std::string again = linked.world.service().answers().html_of(refused);
    REVIEWD_CHECK_CONTAINS(again, "value=\"2026-11-24\" required");
    REVIEWD_CHECK_CONTAINS(again, "name=\"answer.satisfaction\" value=\"9\" checked");
    REVIEWD_CHECK_CONTAINS(again, ">went well</textarea>");
    REVIEWD_CHECK_CONTAINS(again, "value=\"send the prices\"");
    CHECK(linked.act(held_on("")).page.problem == "Say on which day the review was held.");
    CHECK(linked.world.describe() == before);
    CHECK(linked.act(held_on("2026-11-20")).page.kind == AnswerPage::Kind::recorded);
    CHECK(linked.now_kept().held_on == Date{2026y / 11 / 20});
    store::Outcomes outcomes{linked.world.database()};
    CHECK(outcomes.answers(linked.review.id).size() == 1);
    REQUIRE(outcomes.open_promises(linked.review.account).size() == 1);
    CHECK(outcomes.open_promises(linked.review.account).front().text == "send the prices");
}

TEST_CASE("a promise is closed where the review is answered", "[service][links]") {
    Linked linked;
    auto& desk = linked.world.service().reviews();
    store::Outcomes outcomes{linked.world.database()};
    const service::Actor ana{"ana", "socket"};
    service::Outcome outcome;
    for (const std::string promise : {"send the prices", "ask about <A3>"}) {
        outcome.promise = promise;
        outcome.held_on = outcome.held_on ? monday - days{3} : monday - days{4};
        linked.review = desk.done(linked.review.id, outcome, ana, noon).value();
    }
    outcome.promise = "of another account";
    REQUIRE(desk.done(linked.world.open_review("a2").id, outcome, ana, noon).has_value());
    const auto others = outcomes.open_promises(linked.world.account("a2").id);
    REQUIRE(others.size() == 1);
    const auto open = outcomes.open_promises(linked.review.account);
    REQUIRE(open.size() == 2);
    const auto name = [](std::int64_t id) {
        return fmt::format("kept.{}", id);
    };
    const std::string html = linked.world.service().answers().html_of(linked.show());
    REVIEWD_CHECK_CONTAINS(
        html, "name=\"" + name(open[0].id) + "\" value=\"yes\"><span><bdi>ask about &lt;A3&gt;"
    );
    REVIEWD_CHECK_CONTAINS(
        html, "name=\"" + name(open[1].id) + "\" value=\"yes\"><span><bdi>send the prices"
    );
    CHECK(html.find("of another account") == std::string::npos);
    const std::string before = linked.world.describe();
    for (const std::string& foreign :
         {name(others[0].id),
          name(0),
          name(-1),
          name(99),
          std::string{"kept."},
          name(open[0].id) + "x"}) {
        CAPTURE(foreign);
        const service::Answer answer = linked.act(linked.form("done", {{foreign, "yes"}}));
        CHECK(answer.status == 422);
        CHECK(answer.page.problem == "The form has a field that does not belong to it.");
    }
    const service::Answer mistake =
        linked.act(linked.form("done", {{name(open[1].id), "yes"}, {"answer.satisfaction", "11"}}));
    CHECK(mistake.status == 422);
    REVIEWD_CHECK_CONTAINS(
        linked.world.service().answers().html_of(mistake),
        "name=\"" + name(open[1].id) + "\" value=\"yes\" checked"
    );
    CHECK(linked.world.describe() == before);
    const Form kept{{name(open[1].id), "yes"}, {"held_on", "2026-11-23"}};
    CHECK(linked.act(linked.form("done", kept)).page.kind == AnswerPage::Kind::recorded);
    const auto left = outcomes.open_promises(linked.review.account);
    REQUIRE(left.size() == 1);
    CHECK(left[0].text == "ask about <A3>");
}

TEST_CASE("a day that has its review already is named in the form", "[service][links]") {
    Linked linked;
    const service::Actor ana{"ana", "socket"};
    linked.review = linked.world.service().reviews().done(linked.review.id, {}, ana, noon).value();
    const auto refused = linked.act(linked.form("done", {{"held_on", "2026-11-23"}}), noon + 1h);
    CHECK(refused.status == 422);
    CHECK(refused.page.problem == "A review is recorded for 23 Nov already.");
    CHECK(linked.now_kept().state == store::ReviewState::planned);
    const auto before = linked.act(linked.form("done", {{"held_on", "2026-11-20"}}), noon + 1h);
    CHECK(before.page.problem == "20 Nov is too long ago for this review.");
}

TEST_CASE("the page after an attempt names the day of the next try", "[service][links]") {
    Linked linked;
    service::Outcome outcome;
    outcome.promise = "send the prices"; // told on its day, whatever silences the review
    outcome.promise_due = monday + days{1};
    const service::Actor ana{"ana", "socket"};
    linked.review =
        linked.world.service().reviews().done(linked.review.id, outcome, ana, noon).value();
    const auto tried = linked.act(linked.form("attempt", {{"result", "no-answer"}}));
    REQUIRE(tried.page.kind == AnswerPage::Kind::recorded);
    REQUIRE(linked.now_kept().next_step == monday + days{1});
    REQUIRE(linked.now_kept().quiet_until > monday + days{1});
    CHECK(tried.page.next_day == linked.now_kept().quiet_until);
}

TEST_CASE("today in a form is the owner's day, whoever reads it", "[service][links]") {
    Linked linked;
    linked.world.put_account({"a1", "farah", 42'000});
    linked.world.import(noon);
    linked.world.run(noon);
    linked.review = linked.world.open_review("a1");
    REQUIRE(linked.review.owner == linked.person("farah"));
    const TimePoint evening = noon + 8h; // in Dhaka it is tomorrow already
    service::AnswerDesk& desk = linked.world.service().answers();
    const service::Answer answer = desk.show(linked.grant(linked.person("karim")), evening);
    REQUIRE(answer.page.kind == AnswerPage::Kind::form);
    CHECK(answer.page.today == monday);
    REVIEWD_CHECK_CONTAINS(desk.html_of(answer), "max=\"2026-11-24\" value=\"2026-11-24\"");
}

TEST_CASE("a form shows what was agreed, by the owner's clock", "[service][links]") {
    Linked linked;
    linked.world.put_account({"a1", "farah", 42'000});
    linked.world.import(noon);
    linked.world.run(noon);
    const service::ReviewDesk::Appointment agreed{monday + days{1}, 16h + 30min};
    linked.review =
        linked.world.service()
            .reviews()
            .appoint(linked.world.open_review("a1").id, agreed, {"farah", "socket"}, noon)
            .value();
    const auto html_for = [&](const std::string& reader) {
        service::AnswerDesk& desk = linked.world.service().answers();
        return desk.html_of(desk.show(linked.grant(linked.person(reader)), noon + 8h));
    };
    REVIEWD_CHECK_CONTAINS(html_for("farah"), "<dt>Agreed</dt><dd><b><bdi>16:30</bdi></b></dd>");
    REVIEWD_CHECK_CONTAINS(
        html_for("karim"), "<dt>Agreed</dt><dd><b><bdi>24 Nov 16:30 (Asia/Dhaka)</bdi></b></dd>"
    );
}

TEST_CASE("an attempt keeps the link good, and the same form acts once", "[service][links][T21]") {
    Linked linked;
    const Form form = linked.form("attempt", {{"result", "no-answer"}, {"note", "voice mail"}});
    CHECK(linked.act(form, noon + 1min).page.kind == AnswerPage::Kind::recorded);
    const service::Answer again = linked.act(form, noon + 2min);
    CHECK(again.page.kind == AnswerPage::Kind::form);
    CHECK(again.page.was_changed_since);
    CHECK(store::Outcomes{linked.world.database()}.attempts(linked.review.id).size() == 1);
    const service::Answer later = linked.show(noon + 3min);
    CHECK(later.page.kind == AnswerPage::Kind::form);
    CHECK(later.page.is_older_than_review);
    REVIEWD_CHECK_CONTAINS(later.page.changed_what, "attempt");
}

TEST_CASE("snooze, reschedule, spoke already and not mine do what they say", "[service][links]") {
    SECTION("snooze") {
        Linked linked;
        const Date until = linked.show().page.snoozes.at(1);
        const auto answer = linked.act(linked.form("snooze", {{"until", to_string(until)}}));
        CHECK(answer.page.next_day == until);
        CHECK(linked.now_kept().next_step == until);
    }
    SECTION("reschedule") {
        Linked linked;
        const Date day = monday + days{2};
        const auto answer = linked.act(
            linked.form("reschedule", {{"day", to_string(day)}, {"because", ""}}), noon + 1min
        );
        CHECK(answer.page.next_day == day);
        CHECK(linked.now_kept().due == day);
        // The link is of the day before; it serves until the review is closed.
        const auto moved = linked.show();
        CHECK(moved.page.kind == AnswerPage::Kind::form);
        CHECK(moved.page.is_older_than_review);
        REVIEWD_CHECK_CONTAINS(moved.page.changed_what, "moved to another day");
        const auto far = linked.act(
            linked.form("reschedule", {{"day", "2126-12-23"}, {"because", "in the new year"}})
        );
        CHECK(far.status == 422);
        CHECK(far.page.problem == "23 Dec 2126 is too far ahead. Choose a day until 23 Nov 2028.");
        CHECK(linked.now_kept().due == day);
        CHECK(linked.act(linked.form("done")).page.kind == AnswerPage::Kind::recorded);
    }
    SECTION("done, and opened again") {
        Linked linked;
        REQUIRE(linked.act(linked.form("done")).page.kind == AnswerPage::Kind::recorded);
        CHECK(linked.show().page.kind == AnswerPage::Kind::closed);
        service::ReviewDesk& desk = linked.world.service().reviews();
        REQUIRE(desk.reopen(linked.review.id, {"ruth", "socket"}, noon).has_value());
        CHECK(linked.show().page.kind == AnswerPage::Kind::form);
    }
    SECTION("spoke") {
        Linked linked;
        const Form form = linked.form("spoke", {{"held_on", "2026-11-20"}, {"note", "by phone"}});
        CHECK(linked.act(form).page.kind == AnswerPage::Kind::recorded);
        CHECK(linked.now_kept().held_on == Date{2026y / 11 / 20});
    }
    SECTION("not mine") {
        Linked linked;
        const auto answer = linked.act(linked.form("not-mine", {{"note", "ask Farah"}}));
        CHECK(answer.page.kind == AnswerPage::Kind::recorded);
        CHECK(linked.now_kept().next_step > monday);
        linked.world.sent.clear();
        linked.world.run(noon);
        REQUIRE(linked.world.sent.size() == 1);
        const notify::Message& told = linked.world.sent.front().message;
        CHECK(told.recipient.name == "Karim Haddad");
        REVIEWD_CHECK_CONTAINS(told.subject, "Account a1");
        REVIEWD_CHECK_CONTAINS(told.text, "ask Farah");
        const std::string command =
            fmt::format("reviewctl review reassign review:{} --to PERSON", linked.review.id.value);
        REVIEWD_CHECK_CONTAINS(told.text, command + "\n");
        REVIEWD_CHECK_CONTAINS(told.html, command + "<");
    }
}

TEST_CASE("whoever gets what was not theirs hears of it at once", "[service][links]") {
    Linked linked;
    const service::Actor karim{"karim", "socket"};
    const auto hand_over = [&] {
        REQUIRE(linked.world.service()
                    .accounts()
                    .reassign(linked.review.account, {linked.person("farah"), ""}, karim, noon)
                    .has_value());
        linked.review = linked.now_kept();
    };
    const auto say_not_mine = [&] {
        const auto answer = linked.act(linked.form("not-mine", {{"note", "ask Farah"}}));
        REQUIRE(answer.page.kind == AnswerPage::Kind::recorded);
        REQUIRE(linked.now_kept().quiet_until.has_value());
    };
    service::ReviewDesk& desk = linked.world.service().reviews();
    SECTION("nothing else had silenced it") {
        say_not_mine();
        hand_over();
        CHECK_FALSE(linked.review.quiet_until.has_value());
    }
    SECTION("what the customer asked for stays") {
        const auto tried = desk.attempt(linked.review.id, "no-answer", "", karim, noon);
        REQUIRE(tried.has_value());
        say_not_mine();
        REQUIRE(linked.now_kept().quiet_until > tried->quiet_until);
        hand_over();
        CHECK(linked.review.quiet_until == tried->quiet_until);
        const auto view = linked.world.service().views().review(linked.review.id, noon);
        CHECK(view->row.next_try == tried->quiet_until);
    }
    SECTION("a talk of before the last one has ended no silence") {
        service::AccountDesk& accounts = linked.world.service().accounts();
        service::AccountDesk::Contact talk;
        REQUIRE(accounts.contact(linked.review.account, talk, karim, noon).has_value());
        linked.review = linked.now_kept();
        say_not_mine();
        talk.day = monday - days{5};
        REQUIRE(accounts.contact(linked.review.account, talk, karim, noon).has_value());
        REQUIRE(linked.now_kept().quiet_until.has_value());
        hand_over();
        CHECK_FALSE(linked.review.quiet_until.has_value());
    }
    SECTION("it does not come back with a skip that is taken back") {
        say_not_mine();
        REQUIRE(desk.skip(linked.review.id, "abroad", karim, noon).has_value());
        REQUIRE(linked.world.service()
                    .accounts()
                    .reassign(linked.review.account, {linked.person("farah"), ""}, karim, noon)
                    .has_value());
        const auto again = desk.reopen(linked.review.id, karim, noon);
        REQUIRE(again.has_value());
        CHECK(again->owner == linked.person("farah"));
        CHECK_FALSE(again->quiet_until.has_value());
    }
    SECTION("so does what a person chose since") {
        say_not_mine();
        const Date until = monday + days{2};
        REQUIRE(desk.snooze(linked.review.id, until, karim, noon).has_value());
        hand_over();
        CHECK(linked.review.quiet_until == until);
    }
    SECTION("a source that names another owner hands it over, too") {
        say_not_mine();
        linked.world.put_account({"a1", "farah", 42'000});
        linked.world.import(noon);
        linked.world.run(noon);
        CHECK_FALSE(linked.now_kept().quiet_until.has_value());
    }
}

TEST_CASE("only whose it is says that it is not theirs", "[service][links]") {
    const auto not_mine = [](Linked& linked, PersonId person) {
        const auto form = linked.form("not-mine", {{"note", "ask Farah"}});
        return linked.world.service().answers().act(linked.grant(person), form, noon);
    };
    SECTION("no manager does") {
        Linked linked;
        const PersonId karim = linked.person("karim");
        const auto shown = linked.world.service().answers().show(linked.grant(karim), noon);
        const std::string html = linked.world.service().answers().html_of(shown);
        CHECK(html.find("Not mine") == std::string::npos);
        const auto before = linked.world.describe();
        CHECK(not_mine(linked, karim).status == 422);
        CHECK(linked.world.describe() == before);
    }
    SECTION("where nobody is above the owner, nothing falls silent") {
        Linked linked;
        const PersonId ruth = linked.person("ruth");
        service::AccountDesk& accounts = linked.world.service().accounts();
        const auto moved =
            accounts.reassign(linked.review.account, {ruth, ""}, {"ana", "socket"}, noon);
        REQUIRE(moved.has_value());
        linked.world.run(noon);
        const auto step = linked.now_kept().next_step;
        const auto answer = not_mine(linked, ruth);
        CHECK(answer.page.kind == AnswerPage::Kind::recorded);
        CHECK(linked.now_kept().next_step == step);
        CHECK_FALSE(linked.now_kept().quiet_until.has_value());
        const std::string html = linked.world.service().answers().html_of(answer);
        REVIEWD_CHECK_CONTAINS(html, "Nobody is named as your manager");
    }
}

TEST_CASE(
    "what is wrong in a form is said beside it, and nothing is lost", "[service][links][T28]"
) {
    Linked linked;
    const std::string before = linked.world.describe();
    const auto refused = [&](const Form& form, const std::string& problem) {
        const service::Answer answer = linked.act(form);
        CHECK(answer.status == 422);
        CHECK(answer.page.kind == AnswerPage::Kind::form);
        CHECK(answer.page.problem == problem);
        CHECK(linked.world.describe() == before);
        return linked.world.service().answers().html_of(answer);
    };
    const std::string kept = refused(
        linked.form(
            "done", {{"answer.satisfaction", "11"}, {"note", "my <note>"}, {"promise", "p"}}
        ),
        "The form cannot be taken: answer `satisfaction`: expected a whole number from 0 to 10, "
        "found `11`"
    );
    REVIEWD_CHECK_CONTAINS(kept, ">my &lt;note&gt;</textarea>");
    REVIEWD_CHECK_CONTAINS(kept, "name=\"promise\" maxlength=\"500\" value=\"p\"");
    refused(
        linked.form("done", {{"owner", "farah"}}),
        "The form has a field that does not belong to it."
    );
    refused(
        linked.form("attempt", {{"result", "maybe"}}),
        "The form cannot be taken: an attempt ends with no-answer, hesitated or declined, not "
        "`maybe`"
    );
    refused(linked.form("snooze", {{"until", "tomorrow"}}), "Choose the day of the next reminder.");
    refused(
        linked.form("snooze", {{"until", "2026-11-23"}}),
        "The next reminder comes on 24 Nov at the earliest."
    );
    refused(
        linked.form("snooze", {{"until", "2029-01-01"}}),
        "A reminder can wait until 4 Jan 2027, not until 1 Jan 2029. Choose another day for the review "
        "instead."
    );
    refused(linked.form("reschedule", {{"day", ""}}), "Choose the new day.");
    refused(
        linked.form("reschedule", {{"day", "2026-11-20"}}),
        "20 Nov is over. Choose a day from today on."
    );
    const std::string moved = refused(
        linked.form("reschedule", {{"day", "2026-12-25"}, {"because", "they said \"then\""}}),
        "25 Dec is no working day. The next one is 29 Dec."
    );
    REVIEWD_CHECK_CONTAINS(moved, "value=\"2026-12-25\" required");
    REVIEWD_CHECK_CONTAINS(moved, "value=\"they said &quot;then&quot;\"");
    refused(
        linked.form("reschedule", {{"day", "2028-03-01"}, {"because", " "}}),
        "1 Mar 2028 is after 4 Jan 2027, the latest day. Say why."
    );
    refused(linked.form("spoke"), "Say on which day the review was held.");
    const std::string spoke = refused(
        linked.form("spoke", {{"held_on", "2026-12-24"}, {"note", "by phone"}}),
        "24 Dec is still to come."
    );
    REVIEWD_CHECK_CONTAINS(spoke, "value=\"2026-12-24\" required");
    REVIEWD_CHECK_CONTAINS(spoke, ">by phone</textarea>");
    refused(
        linked.form("spoke", {{"held_on", "1999-01-01"}}),
        "1 Jan 1999 is too long ago for this review."
    );
    refused(linked.form("delete"), "Choose what happened.");
    refused({}, "Choose what happened.");
    const std::string bytes = refused(
        linked.form("done", {{"note", "\xff"}}), "The form holds something that is no text."
    );
    CHECK(bytes.find('\xff') == std::string::npos);
}

TEST_CASE("mistakes in a form are explained in the reader's language", "[service][links]") {
    Linked linked{"bn"};
    const auto problem = [&](const std::string& action, const Form& more) {
        return linked.act(linked.form(action, more)).page.problem;
    };
    CHECK(
        problem("reschedule", {{"day", "2026-12-25"}})
        == "২৫ ডিসে কাজের দিন নয়। পরের কাজের দিন ২৯ ডিসে।"
    );
    CHECK(problem("snooze", {}) == "পরের বার কোন দিন মনে করানো হবে তা বেছে নিন।");
}

TEST_CASE("links that are out of date say so kindly", "[service][links][T21]") {
    Linked linked;
    service::AnswerDesk& desk = linked.world.service().answers();
    CHECK(linked.show(noon + days{30}).page.kind == AnswerPage::Kind::expired);
    CHECK(linked.show(noon + days{30}).status == 410);
    store::LinkGrant nobodys = linked.grant();
    nobodys.review = ReviewId{9999};
    CHECK(desk.show(nobodys, noon).status == 410);
    // After a change of owner the former one is told so, and the manager may still act.
    const PersonId before = linked.review.owner;
    const PersonId manager = linked.person("karim");
    linked.world.put_account({"a1", "farah", 42'000});
    linked.world.import(noon);
    linked.world.run(noon);
    const service::Answer gone = desk.show(linked.grant(before), noon);
    CHECK(gone.status == 403);
    CHECK(gone.page.kind == AnswerPage::Kind::not_yours);
    CHECK_FALSE(gone.page.item.has_value());
    CHECK(desk.act(linked.grant(before), linked.form("done"), noon).status == 403);
    CHECK(desk.show(linked.grant(manager), noon).page.kind != AnswerPage::Kind::not_yours);
}

TEST_CASE("the database holds no link that works", "[service][links][T20]") {
    Linked linked;
    linked.world.run_through(noon, at(monday + days{9}, 12));
    REQUIRE_FALSE(linked.world.sent.empty());
    bool has_links = false;
    for (const test::Sent& sent : linked.world.sent) {
        if (sent.message.text.find("/a/signed-") == std::string::npos) {
            continue;
        }
        has_links = true;
        CHECK(sent.message.html.find("/a/signed-") != std::string::npos);
        CHECK(sent.message.payload.find("/a/signed-") != std::string::npos);
        CHECK(sent.message.text.find("/a/L") == std::string::npos);
    }
    CHECK(has_links);
    store::Outbox outbox{linked.world.database()};
    store::DeliveryFilter all;
    all.limit = 1000;
    for (const store::Delivery& each : outbox.list(all)) {
        const auto delivery = outbox.find(each.id);
        if (delivery->message) {
            CHECK(delivery->message->text.find("signed-") == std::string::npos);
            CHECK(delivery->message->html.find("signed-") == std::string::npos);
        }
    }
}

TEST_CASE("each review of a long digest has its own link", "[service][links][digest]") {
    Linked linked;
    constexpr int more = 24;
    for (int i = 0; i < more; ++i) {
        linked.world.put_account({fmt::format("more-{}", i), "ana", 42'000});
    }
    linked.world.import(noon);
    linked.world.run_through(noon, at(monday + days{60}, 12));
    std::size_t most = 0;
    for (const test::Sent& sent : linked.world.sent) {
        const json::value payload = json::parse(sent.message.payload);
        if (payload.at("kind") != "digest") {
            continue;
        }
        const json::array& items = payload.at("items").as_array();
        most = std::max(most, items.size());
        for (const json::value& item : items) {
            const std::string link{item.at("answer_url").as_string()};
            const std::string own = fmt::format("signed-{}-", item.at("review").as_int64());
            CHECK(link.starts_with("https://reviews.example/a/" + own));
            REVIEWD_CHECK_CONTAINS(sent.message.text, " " + link);
            REVIEWD_CHECK_CONTAINS(sent.message.html, "href=\"" + link + "\"");
        }
    }
    CHECK(most > 10); // the placeholder of the second begins those of the eleventh and the next
}

} // namespace reviewd::test::test_answers
