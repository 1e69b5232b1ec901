// Which templates messages are made from, and what a lack of descriptors does to them.
#include "tests/support/catch.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/unit/service/world.hpp"

#include <algorithm>
#include <optional>

namespace reviewd::test::test_templates_in_force {

using namespace reviewd;
using namespace std::chrono_literals;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};
const service::Actor somebody{"it", "socket"};
constexpr const char* subject_file = "templates/digest_subject_en.mustache";

void name_templates(test::World& world) {
    world.edit_settings(
        "data_directory: data\n", "data_directory: data\ntemplate_directory: data/templates\n"
    );
    world.write_data(subject_file, "as it was\n");
}

bool is_sent(const test::World& world, const std::string& subject) {
    return std::any_of(world.sent.begin(), world.sent.end(), [&](const test::Sent& sent) {
        return sent.message.subject == subject;
    });
}

} // namespace

TEST_CASE(
    "a reload that cannot read templates now changes nothing and may be tried again",
    "[service][templates][F49]"
) {
    test::World world;
    name_templates(world);
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    world.write_data(subject_file, "as it is\n");
    // A sanitizer looks at classes that it sees first, and wants descriptors for that.
    std::vector<std::string> problems;
    CHECK(message::Templates::load("/nonexistent/templates", problems).has_value());
    const config::Configuration changed = world.load();
    const auto settings = world.service().configuration().settings;
    std::optional<Result<void>> reloaded;
    {
        const test::NoDescriptors nothing_left;
        reloaded = world.service().reload(changed, somebody, at(monday, 6));
    }
    REQUIRE(reloaded->has_error());
    CHECK(reloaded->error().code == ErrorCode::try_later);
    REVIEWD_CHECK_CONTAINS(reloaded->error().message, "data/templates");
    CHECK(world.service().configuration().settings == settings);
    world.run_through(at(monday, 6), at(monday, 8));
    CHECK(is_sent(world, "as it was"));
    REQUIRE(world.service().reload(changed, somebody, at(monday, 9)).has_value());
    CHECK(world.service().configuration().settings == changed.settings);
    world.run_through(at(monday, 9), at(monday + std::chrono::days{30}, 9));
    CHECK(is_sent(world, "as it is"));
}

TEST_CASE("the service starts with the templates that are there", "[service][templates]") {
    test::World world;
    name_templates(world);
    world.open(at(monday, 5));
    world.run_through(at(monday, 5), at(monday, 8));
    CHECK(is_sent(world, "as it was"));
}

TEST_CASE(
    "HTML is stored of what a channel shows as HTML, and of nothing else", "[service][templates]"
) {
    const auto [type, has_html] = GENERATE(table<std::string, bool>({
        {"smtp", true},
        {"sendmail", true},
        {"exec", true},
        {"file", false},
        {"inbox", false},
        {"journal", false},
        {"slack", false},
        {"webhook", false},
    }));
    CAPTURE(type);
    test::World world;
    world.edit_settings("desk: { type: file,", "desk: { type: " + type + ",");
    world.open(at(monday, 5));
    world.run_through(at(monday, 5), at(monday + std::chrono::days{15}, 12));
    store::Outbox outbox{world.database()};
    store::DeliveryFilter all;
    all.limit = 1000;
    int frozen = 0;
    for (const store::Delivery& each : outbox.list(all)) {
        const auto delivery = outbox.find(each.id);
        if (delivery->message) {
            ++frozen;
            CHECK(delivery->message->html.empty() != has_html);
            CHECK_FALSE(delivery->message->text.empty());
        }
    }
    CHECK(frozen > 5);
    CHECK(world.sent.back().message.html.empty() != has_html);
}

TEST_CASE("a broken HTML template is told of where HTML is shown", "[service][templates]") {
    const auto [type, is_told] =
        GENERATE(table<std::string, bool>({{"smtp", true}, {"file", false}}));
    CAPTURE(type);
    test::World world;
    name_templates(world);
    world.write_data("templates/digest_html_en.mustache", "{{#broken}}\n");
    world.edit_settings("desk: { type: file,", "desk: { type: " + type + ",");
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    const TimePoint morning = at(monday, 7, 30);
    bool has_told = false;
    for (bool is_over = false; !is_over;) {
        const auto tick = world.service().tick(morning);
        REQUIRE(tick.has_value());
        has_told =
            has_told
            || std::any_of(tick->notices.begin(), tick->notices.end(), [](const auto& notice) {
                   return notice.event == LogEvent::message_template
                          && notice.message.find("digest_html_en") != std::string::npos;
               });
        is_over = !tick->wake || *tick->wake > morning;
    }
    CHECK(has_told == is_told);
}

} // namespace reviewd::test::test_templates_in_force
