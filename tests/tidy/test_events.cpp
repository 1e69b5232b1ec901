// Every warning and error has a row in README.md's table of events, from which the manual is made.
// The log takes nothing but a LogEvent, so that the enumeration holds them all.
#include "scoring/base/log_event.hpp"
#include "tests/support/catch.hpp"
#include "tests/tidy/source_tree.hpp"

#include <regex>
#include <set>
#include <string>
#include <string_view>

using namespace reviewd::tidy;

namespace {

using reviewd::LogEventFacts;
using reviewd::LogSeverity;

constexpr std::string_view name_letters = "abcdefghijklmnopqrstuvwxyz_";

/// The names between backticks in the first cells of the table of events.
std::set<std::string> described() {
    const std::regex name{"`([a-z.*_]+)`"};
    std::set<std::string> names;
    for (const SourceFile& file : source_tree()) {
        bool is_inside = false;
        for (const std::string& line :
             file.path == "README.md" ? file.lines : decltype(file.lines){}) {
            is_inside = line.rfind("| event |", 0) == 0 || (is_inside && line.rfind('|', 0) == 0);
            const std::string cell = is_inside ? line.substr(0, line.find('|', 1)) : "";
            for (std::sregex_iterator match{cell.begin(), cell.end(), name}, end; match != end;
                 ++match) {
                names.insert((*match)[1].str());
            }
        }
    }
    return names;
}

} // namespace

TEST_CASE("every warning and error has a row in the table of events", "[tidy][events]") {
    const std::set<std::string> rows = described();
    std::set<std::string> expected;
    for (const LogEventFacts& facts : reviewd::log_events()) {
        if (facts.severity != LogSeverity::information) {
            expected.insert(std::string{facts.name});
        }
    }
    CHECK(rows == expected);
}

TEST_CASE("every event of the log is told by somebody", "[tidy][events]") {
    constexpr std::string_view prefix = "LogEvent::";
    std::set<std::string> told;
    for (const SourceFile* file : cpp_files()) {
        if (file->is_below("tests") || file->path.find("log_event.") != std::string::npos) {
            continue;
        }
        for (const std::string& line : file->lines) {
            for (std::size_t at = line.find(prefix); at != std::string::npos;
                 at = line.find(prefix, at + 1)) {
                const std::size_t begin = at + prefix.size();
                const std::size_t end = line.find_first_not_of(name_letters, begin);
                told.insert(line.substr(begin, end - begin));
            }
        }
    }
    for (const LogEventFacts& facts : reviewd::log_events()) {
        std::string name{facts.name};
        name.replace(name.find('.'), 1, "_");
        INFO(name);
        CHECK(told.count(name) == 1);
    }
}
