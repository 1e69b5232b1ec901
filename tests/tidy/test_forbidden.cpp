// What may not be written, or only in one place, with the way that is open instead.
#include "tests/support/catch.hpp"
#include "tests/tidy/source_tree.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <deque>

using namespace reviewd::tidy;

namespace {

enum class Look { code, literals, everything };

struct Forbidden {
    std::string name;
    std::string pattern; ///< of RE2, which reads the whole tree in a moment
    Look look;
    std::vector<std::string> scopes;  ///< folders in which it is looked for
    std::vector<std::string> allowed; ///< folders or files in which it may stand
    std::string instead;
};

/// A literal that begins as a statement of SQL does.
constexpr std::string_view sql_pattern =
    R"re("\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|BEGIN|COMMIT|VACUUM|ATTACH|WITH|)re"
    R"re(REPLACE|SAVEPOINT|RELEASE|ROLLBACK|DETACH|ANALYZE|REINDEX|EXPLAIN)[\s;])re";

const std::vector<Forbidden>& table() {
    static const std::vector<std::string> product{"scoring", "config", "daemon"};
    static const std::vector<std::string> all{"scoring", "config", "daemon", "tests"};
    static const std::vector<Forbidden> rows{
        {"a clock read",
         R"((system|steady|high_resolution|utc|file)_clock::now|\btime\((nullptr|NULL|0)\)|)"
         R"(gettimeofday|clock_gettime)",
         Look::code,
         product,
         {"daemon/runtime"},
         "take `now` as a parameter"},
        {"SQL",
         std::string{sql_pattern},
         Look::literals,
         product,
         {"daemon/store"},
         "add a function to a repository in daemon/store"},
        {"a random source outside the edges",
         R"(random_device|\brand\(\)|\bsrand\()",
         Look::code,
         product,
         {"daemon/runtime"},
         "take the seed or the bytes as a parameter"},
        {"the environment",
         R"(\bgetenv\()",
         Look::code,
         product,
         {"daemon/runtime", "daemon/ctl", "daemon/main.cpp", "daemon/app"},
         "pass the value down"},
        {"a views pipeline",
         R"(std::views::|std::ranges::views)",
         Look::code,
         all,
         {},
         "clang 14 cannot parse it: write a loop"},
        {"std::format", R"(std::format\()", Look::code, all, {}, "GCC 12 has none: fmt::format"},
        {"std::source_location",
         R"(std::source_location)",
         Look::code,
         all,
         {},
         "boost::source_location"},
        {"yaml-cpp's loader",
         R"(YAML::Load)",
         Look::code,
         all,
         {},
         "config/node reads with limits and positions"},
        {"std::regex", R"(std::regex\b)", Look::code, product, {}, "RE2: linear time"},
        {"a naked new or malloc",
         R"((^|[^\w:.])new\s+[A-Z:a-z]|\bmalloc\()",
         Look::code,
         product,
         {},
         "make_unique, a value or a container"},
        {"a system() call",
         R"((^|[^\w.:>])(system|popen)\()",
         Look::code,
         all,
         {},
         "no shell ever"},
        {"an unfinished mark",
         R"(\b(TODO|FIXME|XXX)\b)",
         Look::everything,
         all,
         {"tests/tidy"},
         "finish it or leave it out"},
        {"a sleep",
         R"(sleep_for|sleep_until|\busleep\(|\bsleep\()",
         Look::code,
         all,
         {},
         "wait for an event"},
        {"a path of one machine",
         R"(/home/\w+/|/root/\w)",
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

/// The lines of a file as each Look shows them.
class Views {
public:
    explicit Views(const SourceFile& file)
        : everything_(file.lines), literals_(literals_by_line(file.lines)) {
        for (const std::string& line : file.lines) {
            code_.push_back(without_comment_and_strings(line));
        }
    }
    [[nodiscard]] const std::vector<std::string>& operator[](Look look) const {
        switch (look) {
        case Look::code:
            return code_;
        case Look::literals:
            return literals_;
        case Look::everything:
            break;
        }
        return everything_;
    }

private:
    const std::vector<std::string>& everything_;
    std::vector<std::string> literals_;
    std::vector<std::string> code_;
};

void check(const SourceFile& file, const Views& views, const Forbidden& row, const RE2& pattern) {
    const std::vector<std::string>& lines = views[row.look];
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (RE2::PartialMatch(lines[i], pattern)) {
            FAIL_CHECK(
                file.path << ":" << i + 1 << ": " << row.name << ": " << file.lines[i]
                          << "\n  instead: " << row.instead
            );
        }
    }
}

} // namespace

TEST_CASE("nothing forbidden is written", "[tidy][forbidden]") {
    std::deque<RE2> patterns;
    for (const Forbidden& row : table()) {
        REQUIRE(patterns.emplace_back(row.pattern).ok());
    }
    for (const SourceFile* file : cpp_files()) {
        const Views views{*file};
        for (std::size_t i = 0; i < table().size(); ++i) {
            const Forbidden& row = table()[i];
            if (stands_in(*file, row.scopes) && !stands_in(*file, row.allowed)) {
                check(*file, views, row, patterns[i]);
            }
        }
    }
}

TEST_CASE("SQL is recognised in every form of literal, and nowhere else", "[tidy][forbidden]") {
    using Lines = std::vector<std::string>;
    const RE2 sql{std::string{sql_pattern}};
    const auto line_of_sql = [&](const Lines& lines) {
        const Lines literals = literals_by_line(lines);
        const auto found = std::find_if(literals.begin(), literals.end(), [&](const auto& line) {
            return RE2::PartialMatch(line, sql);
        });
        return found - literals.begin() + 1;
    };
    for (const Lines& lines :
         {Lines{"x", R"--(run("SELECT a FROM b");)--"},
          Lines{"x", R"--(run(R"(SELECT a FROM b)");)--"},
          Lines{"// it's", R"--(run(u8R"sql( DELETE FROM b WHERE c = ")" )sql");)--"},
          Lines{"/* \"", R"--(*/ run(R"sql()--", "  WITH c AS (SELECT 1)", R"--()sql");)--"},
          Lines{"'\"'; 1'000;", R"--(run("a \" b", "COMMIT;");)--"}}) {
        INFO(lines[1]);
        CHECK(line_of_sql(lines) == 2);
    }
    for (const Lines& lines :
         {Lines{R"--(// "SELECT a FROM b")--"},
          Lines{R"--(/* "SELECT a)--", R"--( "SELECT b */)--"},
          Lines{R"--(say("please SELECT one", "BEGIN", "SELECTED x");)--"},
          Lines{R"--(say(R"(a "SELECT b" c)");)--"},
          Lines{"SELECT it", R"--(say("x \"SELECT y");)--"}}) {
        INFO(lines[0]);
        CHECK(line_of_sql(lines) == static_cast<std::ptrdiff_t>(lines.size()) + 1);
    }
}

TEST_CASE("headers open no namespace and begin with pragma once", "[tidy][forbidden]") {
    const RE2 opening{R"(^\s*using namespace )"};
    for (const SourceFile* file : cpp_files()) {
        if (!file->has_extension(".hpp")) {
            continue;
        }
        INFO(file->path);
        CHECK((!file->lines.empty() && file->lines.front() == "#pragma once"));
        for (const std::string& line : file->lines) {
            CHECK_FALSE(RE2::PartialMatch(line, opening));
        }
    }
}
