// Messages that stay in the daemon's own database, as `reviewctl inbox` reads them.
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

namespace reviewd::test::test_inbox {

using namespace reviewd;
using namespace std::chrono_literals;
using std::chrono::days;
using test::at;

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
    const auto entries = with.outbox().inbox(with.ana, 50);
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

} // namespace reviewd::test::test_inbox
