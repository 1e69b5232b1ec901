// Messages that stay in the daemon's own database, as `reviewctl inbox` reads them.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

namespace reviewd::test::test_inbox {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;
using Seen = store::Outbox::Seen;

namespace {

const Date monday{2026y / 11 / 23};

/// A portfolio whose owners have inboxes, after nine days of reminders.
struct WithInbox {
    test::World world;
    TimePoint now = at(monday + days{9}, 12);
    PersonId ana;

    WithInbox() {
        world.edit_settings("desk: { type: file, path: reminders.jsonl }", "desk: { type: inbox }");
        world.edit_settings(
            "data_directory: data\n",
            "data_directory: data\npublic_url: https://reviews.example\n"
            "links: { listen: 127.0.0.1:8095, secret_file: key }\n"
        );
        world.open(at(monday, 5));
        world.run_through(at(monday, 5), now);
        for (const service::PersonView& person : world.service().views().people(now)) {
            ana = person.profile.key == "ana" ? person.profile.id : ana;
        }
    }

    service::Dispatcher& outbox() { return world.service().outbox(); }
};

} // namespace

TEST_CASE("links in an inbox work, and the database holds none that do", "[service][inbox][T20]") {
    WithInbox with;
    const auto entries = with.outbox().inbox(with.ana, Seen::all, 50);
    REQUIRE_FALSE(entries.empty());
    bool has_links = false;
    for (const auto& entry : entries) {
        const store::FrozenMessage& message = *entry.delivery.message;
        CHECK(message.text.find("/a/L") == std::string::npos);
        CHECK(message.html.find("/a/L") == std::string::npos);
        has_links = has_links || message.text.find("/a/signed-") != std::string::npos;
        const auto kept = store::Outbox{with.world.database()}.find(entry.delivery.id);
        CHECK(kept->message->text.find("signed-") == std::string::npos);
    }
    CHECK(has_links);
}

TEST_CASE("where nobody signs, an inbox shows no link that leads nowhere", "[service][inbox]") {
    WithInbox with;
    const std::string signed_text =
        with.outbox().inbox(with.ana, Seen::all, 1).at(0).delivery.message->text;
    const std::size_t link = signed_text.find("https://reviews.example/a/signed-");
    REQUIRE(link != std::string::npos);
    with.world.sign_link = [](const store::LinkGrant&) {
        return std::string{"-"};
    };
    const std::string text =
        with.outbox().inbox(with.ana, Seen::all, 1).at(0).delivery.message->text;
    CHECK(text.find("https://") == std::string::npos);
    CHECK(text.find("/a/") == std::string::npos);
    CHECK(text.find("(link left out: only the running service can sign it)") == link);
}

TEST_CASE("what was read takes no room from what was not", "[service][inbox]") {
    WithInbox with;
    const auto all = with.outbox().inbox(with.ana, Seen::all, 50);
    REQUIRE(all.size() > 3);
    REQUIRE(all.front().delivery.id > all.back().delivery.id);
    // The newest were read: the others come one by one, down to the oldest.
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto unread = with.outbox().inbox(with.ana, Seen::unread, 1);
        REQUIRE(unread.size() == 1);
        CHECK(unread.front().delivery.id == all[i].delivery.id);
        CHECK_FALSE(unread.front().is_read);
        REQUIRE(with.outbox().mark_read(all[i].delivery.id, with.now).has_value());
    }
    CHECK(with.outbox().inbox(with.ana, Seen::unread, 1).empty());
    const auto again = with.outbox().inbox(with.ana, Seen::all, 50);
    REQUIRE(again.size() == all.size());
    CHECK(again.back().is_read);
}

} // namespace reviewd::test::test_inbox
