// What may not be written, or only in one place, with the way that is open instead.
#include "tests/support/catch.hpp"
#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <regex>

using namespace reviewd::tidy;

namespace {

enum class Look { code, code_and_strings, everything };

struct Forbidden {
    std::string name;
    std::regex pattern;
    Look look;
    std::vector<std::string> scopes;  ///< folders in which it is looked for
    std::vector<std::string> allowed; ///< folders or files in which it may stand
    std::string instead;
};

const std::vector<Forbidden>& table() {
    static const std::vector<std::string> product{"scoring", "config", "daemon"};
    static const std::vector<std::string> all{"scoring", "config", "daemon", "tests"};
    static const std::vector<Forbidden> rows{
        {"a clock read",
         std::regex{
             R"((system|steady|high_resolution|utc|file)_clock::now|\btime\((nullptr|NULL|0)\)|)"
             R"(gettimeofday|clock_gettime)"},
         Look::code,
         product,
         {"daemon/runtime"},
         "take `now` as a parameter"},
        {"SQL",
         std::regex{
             R"re("\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|BEGIN|COMMIT|VACUUM|ATTACH)\s)re"},
         Look::code_and_strings,
         product,
         {"daemon/store"},
         "add a function to a repository in daemon/store"},
        {"a random source outside the edges",
         std::regex{R"(random_device|\brand\(\)|\bsrand\()"},
         Look::code,
         product,
         {"daemon/runtime"},
         "take the seed or the bytes as a parameter"},
        {"the environment",
         std::regex{R"(\bgetenv\()"},
         Look::code,
         product,
         {"daemon/runtime", "daemon/ctl", "daemon/main.cpp", "daemon/app"},
         "pass the value down"},
        {"a views pipeline",
         std::regex{R"(std::views::|std::ranges::views)"},
         Look::code,
         all,
         {},
         "clang 14 cannot parse it: write a loop"},
        {"std::format",
         std::regex{R"(std::format\()"},
         Look::code,
         all,
         {},
         "GCC 12 has none: fmt::format"},
        {"std::source_location",
         std::regex{R"(std::source_location)"},
         Look::code,
         all,
         {},
         "boost::source_location"},
        {"yaml-cpp's loader",
         std::regex{R"(YAML::Load)"},
         Look::code,
         all,
         {},
         "config/node reads with limits and positions"},
        {"std::regex", std::regex{R"(std::regex\b)"}, Look::code, product, {}, "RE2: linear time"},
        {"a naked new or malloc",
         std::regex{R"((^|[^\w:.])new\s+[A-Z:a-z]|\bmalloc\()"},
         Look::code,
         product,
         {},
         "make_unique, a value or a container"},
        {"a system() call",
         std::regex{R"((^|[^\w.:>])(system|popen)\()"},
         Look::code,
         all,
         {},
         "no shell ever"},
        {"an unfinished mark",
         std::regex{R"(\b(TODO|FIXME|XXX)\b)"},
         Look::everything,
         all,
         {"tests/tidy"},
         "finish it or leave it out"},
        {"a sleep",
         std::regex{R"(sleep_for|sleep_until|\busleep\(|\bsleep\()"},
         Look::code,
         all,
         {},
         "wait for an event"},
        {"a path of one machine",
         std::regex{R"(/home/\w+/|/root/\w)"},
         Look::everything,
         all,
         {"tests/tidy"},
         "a path relative to the source or from the command line"},
    };
    return rows;
}

bool stands_in(const SourceFile& file, const std::vector<std::string>& places) {
    return std::any_of(places.begin(), places.end(), [&](const std::string& place) {
        return file.path == place || file.is_below(place);
    });
}

std::string visible(const std::string& line, Look look) {
    switch (look) {
    case Look::code:
        return without_comment_and_strings(line);
    case Look::code_and_strings:
        return without_comment(line);
    case Look::everything:
        break;
    }
    return line;
}

} // namespace

TEST_CASE("nothing forbidden is written", "[tidy][forbidden]") {
    for (const SourceFile* file : cpp_files()) {
        for (const Forbidden& row : table()) {
            if (!stands_in(*file, row.scopes) || stands_in(*file, row.allowed)) {
                continue;
            }
            for (std::size_t i = 0; i < file->lines.size(); ++i) {
                if (std::regex_search(visible(file->lines[i], row.look), row.pattern)) {
                    FAIL_CHECK(
                        file->path << ":" << i + 1 << ": " << row.name << ": " << file->lines[i]
                                   << "\n  instead: " << row.instead
                    );
                }
            }
        }
    }
}

TEST_CASE("headers open no namespace and begin with pragma once", "[tidy][forbidden]") {
    const std::regex opening{R"(^\s*using namespace )"};
    for (const SourceFile* file : cpp_files()) {
        if (!file->has_extension(".hpp")) {
            continue;
        }
        INFO(file->path);
        CHECK((!file->lines.empty() && file->lines.front() == "#pragma once"));
        for (const std::string& line : file->lines) {
            CHECK_FALSE(std::regex_search(line, opening));
        }
    }
}
