#include "daemon/control/arguments.hpp"
#include "daemon/control/command.hpp"
#include "tests/support/catch.hpp"

#include <boost/json/parse.hpp>

#include <set>
#include <string>

using namespace reviewd;
using control::Arguments;

namespace {

boost::json::object object_of(const std::string& text) {
    return boost::json::parse(text).as_object();
}

} // namespace

TEST_CASE("arguments of the right form are read", "[control]") {
    const boost::json::object values = object_of(
        R"({"text": "x", "list": ["a", "b"], "map": {"k": "v"}, "day": "2026-11-20", "n": 5,
            "numbers": [1, 2], "yes": true, "nothing": null})"
    );
    Arguments arguments{values};
    CHECK(arguments.text("text") == "x");
    CHECK(arguments.texts("list") == std::vector<std::string>{"a", "b"});
    CHECK(arguments.text_map("map").at("k") == "v");
    CHECK(to_string(arguments.required_date("day")) == "2026-11-20");
    CHECK(arguments.integer("n", 1, 10) == 5);
    CHECK(arguments.integers("numbers") == std::vector<std::int64_t>{1, 2});
    CHECK(arguments.flag("yes"));
    CHECK(arguments.text_or_empty("nothing").empty());
    CHECK_FALSE(arguments.flag("absent"));
    CHECK_FALSE(arguments.problem().has_value());
}

TEST_CASE("the first wrong argument is named with what it must be", "[control][T28]") {
    const auto problem_of = [](const std::string& text, auto&& read) {
        const boost::json::object values = object_of(text);
        Arguments arguments{values};
        read(arguments);
        const std::optional<Error> problem = arguments.problem();
        REQUIRE(problem.has_value());
        CHECK(problem->code == ErrorCode::usage);
        return problem->message;
    };
    REVIEWD_CHECK_CONTAINS(
        problem_of("{}", [](Arguments& a) { static_cast<void>(a.text("review")); }),
        "`review` must be given"
    );
    REVIEWD_CHECK_CONTAINS(
        problem_of(
            R"({"day": "20.11.2026"})", [](Arguments& a) { static_cast<void>(a.date("day")); }
        ),
        "`day` must be a day such as"
    );
    REVIEWD_CHECK_CONTAINS(
        problem_of(R"({"n": 11})", [](Arguments& a) { static_cast<void>(a.integer("n", 1, 10)); }),
        "`n` must be a whole number from 1 to 10"
    );
    REVIEWD_CHECK_CONTAINS(
        problem_of(R"({"yes": "true"})", [](Arguments& a) { static_cast<void>(a.flag("yes")); }),
        "`yes` must be true or false"
    );
    REVIEWD_CHECK_CONTAINS(
        problem_of(
            R"({"ownr": "ana"})", [](Arguments& a) { static_cast<void>(a.text_or_empty("owner")); }
        ),
        "no argument `ownr`; did you mean `owner`?"
    );
}

TEST_CASE(
    "every command of the table has its own name and says what it takes and gives", "[control]"
) {
    std::set<std::string_view> names;
    for (const control::Command& command : control::commands()) {
        CHECK(names.insert(command.name).second);
        CHECK(control::find_command(command.name) == &command);
        const bool is_daemons = command.by_daemon != control::Command::ByDaemon::nothing;
        CHECK((command.run != nullptr || is_daemons));
        CHECK((command.run == nullptr || !command.answer.empty()));
    }
    CHECK(control::find_command("nonsense") == nullptr);
}
