#include "scoring/cel/pattern.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/cel/portfolio.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace reviewd;
using namespace reviewd::cel;

namespace {

std::string repeated(std::string_view part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) {
        text += part;
    }
    return text;
}

/// Compiles and, where that succeeds, evaluates. @returns the first problem's message, or the value
std::string outcome(const std::string& source) {
    const cel::test::Portfolio portfolio;
    const auto compiled = compile(source, portfolio.environment);
    if (!compiled) {
        return compiled.error().front().message;
    }
    return to_string(evaluate(*compiled, portfolio.values));
}

#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t small_stack_bytes = 8 * 512 * 1024; // its guards make every frame larger
#else
constexpr std::size_t small_stack_bytes = 512 * 1024;
#endif

/// Runs all sources on a thread with little stack.
void run_with_small_stack(std::vector<std::string>& sources) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, small_stack_bytes);
    pthread_t thread{};
    const auto body = [](void* argument) -> void* {
        for (std::string& source : *static_cast<std::vector<std::string>*>(argument)) {
            source = outcome(source);
        }
        return nullptr;
    };
    REQUIRE(pthread_create(&thread, &attributes, body, &sources) == 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

/// Pieces of expressions, one a line; an empty line stands for a line feed.
std::vector<std::string> fragments() {
    std::istringstream lines{
        reviewd::test::read_file(reviewd::test::source_path("tests/data/cel/fragments.txt"))};
    std::vector<std::string> all;
    for (std::string line; std::getline(lines, line);) {
        all.push_back(line.empty() ? "\n" : line);
    }
    return all;
}

double seconds_of_match(std::size_t length) {
    const std::shared_ptr<const Pattern> pattern = Pattern::compile("(a+)+$", nullptr);
    const std::string subject = std::string(length, 'a') + "!";
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        CHECK_FALSE(pattern->matches(subject));
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
        best = std::min(best, taken.count());
    }
    return best;
}

} // namespace

TEST_CASE("a pattern that makes others hang is linear here", "[cel][limits][T8]") {
    const double small = seconds_of_match(100'000);
    const double large = seconds_of_match(1'000'000);
    CHECK(large <= 12 * small + 0.005);
}

TEST_CASE("patterns that are too long or too large are refused", "[cel][limits][T8]") {
    std::string problem;
    CHECK(Pattern::compile(std::string(Pattern::longest_source + 1, 'a'), &problem) == nullptr);
    REVIEWD_CHECK_CONTAINS(problem, "longer than");
    CHECK(Pattern::compile("((a{100}){100}){100}", &problem) == nullptr);
    REVIEWD_CHECK_CONTAINS(
        outcome("country.matches('" + std::string(1001, 'a') + "')"), "longer than"
    );
    REVIEWD_CHECK_CONTAINS(
        outcome("country.matches(country + '" + std::string(1001, 'a') + "')"), "longer than"
    );
}

TEST_CASE("deep nesting is refused without deep recursion", "[cel][limits][T8]") {
    std::vector<std::string> sources;
    for (const std::size_t times : {std::size_t{97}, std::size_t{500}, std::size_t{5000}}) {
        sources.push_back(repeated("(", times) + "1" + repeated(")", times));
        sources.push_back(repeated("[", times) + repeated("]", times));
        sources.push_back(repeated("[", times));
        sources.push_back(repeated("!-", times) + "1");
        sources.push_back("1" + repeated("+(1", times) + repeated(")", times));
        sources.push_back(repeated("size(", times) + "''" + repeated(")", times));
        sources.push_back("owned" + repeated("[0]", times));
        sources.push_back("owned" + repeated(".a", times));
        sources.push_back(repeated("vip?1:", times) + "1");
        sources.push_back(repeated("{1:", times) + "1" + repeated("}", times));
    }
    run_with_small_stack(sources);
    for (const std::string& found : sources) {
        const bool is_refused = found.find("deeper than 96") != std::string::npos
                                || found.find("is longer than") != std::string::npos;
        INFO(found);
        CHECK(is_refused);
    }
}

TEST_CASE("nesting within the limit works on a small stack", "[cel][limits][T8]") {
    std::vector<std::string> sources{
        repeated("(", 90) + "1" + repeated(")", 90),
        "1" + repeated("+1", 90),
        "size(" + repeated("[", 90) + repeated("]", 90) + ")",
        repeated("[1].map(x,", 30) + "x" + repeated(")", 30) + " == []",
        repeated("vip && ", 500) + "vip",
        repeated("-", 5001) + "1",
    };
    run_with_small_stack(sources);
    CHECK(sources == std::vector<std::string>{"1", "91", "1", "false", "true", "-1"});
}

TEST_CASE("a chain of operators is as long as its source, on a small stack", "[cel][limits][T8]") {
    std::vector<std::string> sources{
        "1" + repeated("+1", 200),
        "1" + repeated("+1", 8000),
        "1.5" + repeated("-1", 8000),
        "1" + repeated("+1", 4000) + repeated("-0.5", 1000),
        "7" + repeated("*1%9/1", 2000),
        repeated("1+1+1+(", 90) + "1" + repeated(")", 90),
        "size(" + repeated("owned + ", 300) + "owned)",
        "nothing_given" + repeated(" + 1", 3000) + " == null",
        "known(satisfaction" + repeated(" * 1.0", 2000) + ")",
        "1" + repeated("/0", 8000),
        "satisfaction" + repeated(" + 1", 3000) + " == null",
    };
    run_with_small_stack(sources);
    CHECK(sources.at(0) == "201");
    CHECK(sources.at(1) == "8001");
    CHECK(sources.at(2) == "-7998.5");
    CHECK(sources.at(3) == "3501.0");
    CHECK(sources.at(4) == "7");
    CHECK(sources.at(5) == "271");
    CHECK(sources.at(6).find("error") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(sources.at(7), "nothing called");
    CHECK(sources.at(8) == "false");
    REVIEWD_CHECK_CONTAINS(sources.at(9), "zero");
    CHECK(sources.at(10) == "true");
}

TEST_CASE("a mistake in a long chain is reported once", "[cel][limits][T8]") {
    const cel::test::Portfolio portfolio;
    const auto compiled =
        compile("1" + repeated(" + true", 2000) + " + nobody", portfolio.environment);
    REQUIRE(compiled.has_error());
    REQUIRE(compiled.error().size() == 2);
    REVIEWD_CHECK_CONTAINS(compiled.error().at(1).message, "nothing called `nobody`");
}

TEST_CASE("an expression that costs too much ends", "[cel][limits][T8]") {
    const std::string ten = "[1,2,3,4,5,6,7,8,9,0]";
    std::string loops = "true";
    for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}) {
        loops = ten + ".all(" + name + ", " + loops + ")";
    }
    REVIEWD_CHECK_CONTAINS(outcome(loops), "needs more than 1000000 steps");
    REVIEWD_CHECK_CONTAINS(outcome(loops + " || true"), "needs more than 1000000 steps");
    REVIEWD_CHECK_CONTAINS(outcome("true || " + loops), "true");
}

TEST_CASE("texts and lists cannot be grown without end", "[cel][limits][T8]") {
    std::string text = "'0123456789abcdef'";
    std::string list = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
    std::string nested = "[0]";
    for (int i = 0; i < 20; ++i) {
        text = "cel.bind(x, " + text + ", x + x)";
        list = "cel.bind(x, " + list + ", x + x)";
        nested = "cel.bind(x, " + nested + ", [x, x])";
    }
    REVIEWD_CHECK_CONTAINS(outcome("size(" + text + ")"), "grows beyond 1048576 bytes");
    REVIEWD_CHECK_CONTAINS(outcome("size(" + list + ")"), "grows beyond 10000 elements");
    REVIEWD_CHECK_CONTAINS(outcome(nested + " == " + nested), "steps");
    CHECK(outcome(nested).size() < 200'000);
    REVIEWD_CHECK_CONTAINS(
        outcome(
            "'a'.replace('', '" + std::string(10'000, 'b') + "').replace('b', '"
            + std::string(4000, 'c') + "')"
        ),
        "too long"
    );
    REVIEWD_CHECK_CONTAINS(outcome("'%.9999999f'.format([1.0])"), "precision");
}

TEST_CASE("values nested by macros are bounded before evaluation", "[cel][limits][T8]") {
    REVIEWD_CHECK_CONTAINS(outcome("[0]" + repeated(".map(x, [[[x]]])", 40)), "nested deeper");
}

TEST_CASE("a source that is too long or no UTF-8 is refused", "[cel][limits][T8]") {
    REVIEWD_CHECK_CONTAINS(outcome(std::string(16 * 1024 + 1, ' ')), "longer than 16384 bytes");
    REVIEWD_CHECK_CONTAINS(outcome("country == '\xff'"), "not valid UTF-8");
    REVIEWD_CHECK_CONTAINS(outcome(std::string("budget > 1\0", 11)), "cannot be used here");
}

TEST_CASE("random and mangled sources neither crash nor hang", "[cel][limits][T8]") {
    const std::vector<std::string> parts = fragments();
    std::mt19937 random{20260228};
    std::uniform_int_distribution<std::size_t> part{0, parts.size() - 1};
    std::uniform_int_distribution<int> length{1, 24};
    int compiled = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string source;
        for (int i = length(random); i > 0; --i) {
            source += parts[part(random)];
        }
        CAPTURE(source);
        const cel::test::Portfolio portfolio;
        const auto result = compile(source, portfolio.environment);
        if (result) {
            ++compiled;
            static_cast<void>(to_string(evaluate(*result, portfolio.values)));
        } else {
            REQUIRE_FALSE(result.error().empty());
            for (const Problem& problem : result.error()) {
                REQUIRE(problem.begin <= problem.end);
                REQUIRE(problem.end <= source.size());
                REQUIRE_FALSE(problem.message.empty());
            }
        }
    }
    CHECK(compiled > 100);
}
