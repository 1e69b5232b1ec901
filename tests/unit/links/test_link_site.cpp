// What the site of links does with requests that its own pages would not send.
#include "daemon/links/link_site.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>
#include <vector>

using namespace reviewd;
using namespace std::chrono_literals;
using links::LinkResponse;
using links::RequestHead;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const TimePoint noon = at(monday, 12);
constexpr const char* form_type = "application/x-www-form-urlencoded";

/// A planned portfolio, and the tokens that a person's mail holds.
struct Site {
    test::World world;
    links::LinkKeys keys{notify::Secret{std::string(32, 'k')}, std::nullopt};
    store::Review review;
    std::string answer;
    std::string calendar;

    /// @param people more lines of the settings of people
    explicit Site(const std::string& people = "") {
        world.edit_settings("  farah: {", people + "  farah: {");
        world.edit_settings(
            "data_directory: data\n",
            "data_directory: data\npublic_url: https://reviews.example\n"
            "links: { listen: 127.0.0.1:8095, secret_file: key }\n"
        );
        world.open(noon);
        world.run(noon);
        review = world.open_review("a1");
        answer = "/a/" + sign("answer");
        calendar = "/c/" + sign("calendar") + ".ics";
    }

    std::string sign(const std::string& purpose, TimePoint expires = noon + days{30}) const {
        return keys.sign(
            {"", purpose, review.id, review.version, review.occurrence, review.owner, expires}
        );
    }

    std::string form() const {
        return "action=done&version=" + std::to_string(review.version) + "&note=well";
    }

    LinkResponse ask(const RequestHead& head, const std::string& body = {}) {
        return links::answer_request(world.service(), keys, head, body, noon);
    }
};

RequestHead head_of(const std::string& method, const std::string& target) {
    RequestHead head;
    head.method = method;
    head.target = target;
    if (method == "POST") {
        head.content_type = form_type;
    }
    return head;
}

bool sets_cookie(const LinkResponse& response) {
    return std::any_of(response.fields.begin(), response.fields.end(), [](const auto& field) {
        return field.first == "Set-Cookie";
    });
}

} // namespace

TEST_CASE("GET and HEAD change nothing on any path", "[links][T18][T21]") {
    Site site;
    const std::string before = site.world.describe();
    for (const std::string& target :
         {site.answer,
          site.calendar,
          site.answer + "?" + site.form(),
          site.answer + "x",
          std::string{"/a/"},
          std::string{"/c/.ics"},
          std::string{"/"},
          std::string{"/a/../a/"}}) {
        for (const char* method : {"GET", "HEAD"}) {
            CAPTURE(target, method);
            const LinkResponse response = site.ask(head_of(method, target), site.form());
            CHECK_FALSE(sets_cookie(response));
            CHECK(site.world.describe() == before);
        }
    }
}

TEST_CASE("the links of somebody who left show nothing", "[links]") {
    Site site;
    const auto calendar = [&site] {
        return site.ask(head_of("GET", site.calendar)).body;
    };
    REVIEWD_CHECK_CONTAINS(calendar(), "BEGIN:VEVENT");
    // One of many, for a file without a fifth of the people is held.
    const std::string others = "key,name\nruth,R\nkarim,K\nfarah,F\nlee,L\nmo,M\n";
    TimePoint later = noon;
    for (const char* ana : {"ana,Ana Costa\n", ""}) {
        later += std::chrono::hours{1};
        site.world.write_data("people.csv", others + ana);
        site.world.import(later);
        site.world.run(later);
    }
    CHECK(site.world.open_review("a1").owner == PersonId{});
    CHECK(calendar().find("BEGIN:VEVENT") == std::string::npos);
    const LinkResponse answer = site.ask(head_of("GET", site.answer));
    CHECK(answer.status == 410);
    CHECK(answer.body.find(site.world.account("a1").name) == std::string::npos);
}

TEST_CASE("a calendar's address that does not work says whom to ask", "[links]") {
    Site site;
    const LinkResponse response = site.ask(head_of("GET", "/c/xyz.ics"), "");
    CHECK(response.status == 403);
    REVIEWD_CHECK_CONTAINS(response.body, "This calendar");
    CHECK(response.body.find("own page") == std::string::npos);
}

TEST_CASE("who has a link of ours is refused in their own language", "[links]") {
    Site site{"  ana: { language: bn }\n"};
    const auto asks = [&](RequestHead head) {
        head.language = "en"; // as the browser wants it
        return site.ask(head, site.form());
    };
    const LinkResponse late = asks(head_of("GET", "/a/" + site.sign("answer", noon - days{1})));
    CHECK(late.status == 410);
    REVIEWD_CHECK_CONTAINS(late.body, "লিংকটির মেয়াদ শেষ");
    const LinkResponse old = asks(head_of("GET", "/c/" + site.sign("calendar", noon) + ".ics"));
    CHECK(old.status == 410);
    REVIEWD_CHECK_CONTAINS(old.body, "ক্যালেন্ডারের ঠিকানাটি খুব পুরোনো");
    RequestHead other = head_of("POST", site.answer);
    other.fetch_site = "cross-site";
    REVIEWD_CHECK_CONTAINS(asks(other).body, "ফর্মটি আবার খুলুন");
    CHECK(asks(head_of("POST", site.answer)).status == 200);
    const LinkResponse used = asks(head_of("GET", site.answer));
    REVIEWD_CHECK_CONTAINS(used.body, "<html lang=\"bn\">");
    CHECK(used.body.find("<form") == std::string::npos);
}

TEST_CASE("who has no link of ours is refused in the browser's language", "[links][T21]") {
    Site site{"  ana: { language: bn }\n"};
    const auto body_of = [&](const std::string& target, const std::string& language) {
        RequestHead head = head_of("GET", target);
        head.language = language;
        return site.ask(head).body;
    };
    // Whoever altered it learns nothing of whom it was for.
    REVIEWD_CHECK_CONTAINS(body_of(site.answer + "A", "en"), "<html lang=\"en\">");
    REVIEWD_CHECK_CONTAINS(body_of(site.answer + "A", "bn"), "লিংকটি কাজ করে না");
    REVIEWD_CHECK_CONTAINS(body_of("/c/xyz.ics", "en"), "This calendar");
    REVIEWD_CHECK_CONTAINS(body_of("/c/xyz.ics", "bn"), "ক্যালেন্ডারের এই ঠিকানা কাজ করে না");
    REVIEWD_CHECK_CONTAINS(body_of("/", "bn"), "এখানে কিছু নেই");
    REVIEWD_CHECK_CONTAINS(body_of("/", "en"), "There is nothing here");
}

TEST_CASE("tokens that are not ours are answered alike, whatever they name", "[links][T43][T19]") {
    Site site;
    const links::LinkKeys foreign{notify::Secret{std::string(32, 'x')}, std::nullopt};
    store::LinkGrant grant{
        "", "answer", site.review.id, site.review.version, 1, site.review.owner, noon + days{30}};
    std::vector<std::string> tokens{"", "x", std::string(80, 'A'), std::string(4000, 'A')};
    tokens.push_back(foreign.sign(grant)); // a review there is
    grant.review = ReviewId{987'654};
    tokens.push_back(foreign.sign(grant)); // one there is not
    tokens.push_back(site.sign("calendar"));
    tokens.push_back(site.sign("answer").substr(1));
    const LinkResponse expected = site.ask(head_of("GET", "/a/unknown"));
    CHECK(expected.status == 403);
    for (const std::string& token : tokens) {
        for (const char* method : {"GET", "POST"}) {
            CAPTURE(token, method);
            const LinkResponse response = site.ask(head_of(method, "/a/" + token), site.form());
            CHECK(response.status == expected.status);
            CHECK(response.fields == expected.fields);
            CHECK(response.body == expected.body);
        }
    }
}

TEST_CASE("a form that another site sends changes nothing", "[links][T18]") {
    Site site;
    const std::string before = site.world.describe();
    for (const char* from : {"cross-site", "same-site", "none", "anything"}) {
        CAPTURE(from);
        RequestHead head = head_of("POST", site.answer);
        head.fetch_site = from;
        CHECK(site.ask(head, site.form()).status == 403);
    }
    for (const char* type :
         {"", "text/plain", "application/json", "multipart/form-data", "text/html"}) {
        CAPTURE(type);
        RequestHead head = head_of("POST", site.answer);
        head.content_type = type;
        CHECK(site.ask(head, site.form()).status == 415);
    }
    CHECK(site.ask(head_of("POST", site.calendar), site.form()).status == 405);
    CHECK(site.ask(head_of("POST", "/a/" + site.sign("calendar")), site.form()).status == 403);
    CHECK(site.world.describe() == before);
    // The same form from the page itself is taken.
    RequestHead own = head_of("POST", site.answer);
    own.fetch_site = "same-origin";
    const LinkResponse taken = site.ask(own, site.form());
    CHECK(taken.status == 200);
    CHECK_FALSE(sets_cookie(taken));
    CHECK(site.world.describe() != before);
}
