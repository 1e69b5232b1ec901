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

} // namespace reviewd::test::test_templates_in_force
