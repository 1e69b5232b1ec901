#include "daemon/app/exit_status.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/app/stage.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace reviewd::test::test_exit_status {

using namespace reviewd;
using app::DaemonOptions;
using app::ExitStatus;
using app::test::Stage;

namespace {

using Codes = std::set<int>;

/// The codes after which a restart is of no use.
Codes final_codes() {
    Codes codes;
    for (const ExitStatus& each : app::exit_statuses()) {
        if (each.restart == ExitStatus::Restart::is_of_no_use) {
            codes.insert(each.code);
        }
    }
    return codes;
}

/// All numbers of a line, whatever stands around them.
Codes numbers(const std::string& line) {
    std::string bare = line;
    std::replace_if(
        bare.begin(), bare.end(), [](unsigned char each) { return std::isdigit(each) == 0; }, ' '
    );
    std::istringstream words{bare};
    Codes codes;
    for (int code = 0; words >> code;) {
        codes.insert(code);
    }
    return codes;
}

/// The lines of a file of the source tree that begin so.
std::vector<std::string> lines_with(const std::string& path, const std::string& begin) {
    std::istringstream text{read_file(source_path(path))};
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) {
        if (line.rfind(begin, 0) == 0) {
            lines.push_back(line);
        }
    }
    return lines;
}

} // namespace

TEST_CASE("the unit is not started again after what a restart does not mend", "[app][exit]") {
    const auto lines = lines_with("systemd/reviewd.service.in", "RestartPreventExitStatus=");
    REQUIRE(lines.size() == 1);
    CHECK(numbers(lines.front()) == final_codes());
}

TEST_CASE("the manual explains each exit status, and which of them are final", "[app][exit]") {
    const std::string page = "systemd/manual/reviewd.8.in";
    Codes explained;
    for (const std::string& line : lines_with(page, ".B ")) {
        explained.merge(numbers(line));
    }
    Codes all{0};
    for (const ExitStatus& each : app::exit_statuses()) {
        all.insert(each.code);
    }
    CHECK(explained == all);
    const auto last = lines_with(page, "The service manager does not try again after ");
    REQUIRE(last.size() == 1);
    CHECK(numbers(last.front()) == final_codes());
}

TEST_CASE("the help and the readme name each exit status as the manual does", "[app][exit]") {
    struct Place {
        const char* file;
        const char* begin;
        const char* end;
    };
    for (const Place& place :
         {Place{"daemon/main.cpp", "\"Exit codes: ", ");"},
          Place{"README.md", "- **Exit codes**", "\n\n"}}) {
        CAPTURE(place.file);
        const std::string text = read_file(source_path(place.file));
        const std::size_t begin = text.find(place.begin);
        REQUIRE(begin != std::string::npos);
        const std::string list = text.substr(begin, text.find(place.end, begin) - begin);
        const Codes named = numbers(list);
        for (const ExitStatus& each : app::exit_statuses()) {
            CAPTURE(each.code);
            CHECK(named.count(each.code) == 1);
        }
        REVIEWD_CHECK_CONTAINS(list, "74 the disk failed under the database");
        CHECK(list.find("74 the database is lost") == std::string::npos);
    }
}

TEST_CASE("an error that no start can come to ends as a defect", "[app][exit]") {
    CHECK(app::exit_status(ErrorCode::bad_data) == 65);
    CHECK(app::exit_status(ErrorCode::try_later) == 75);
    CHECK(app::exit_status(ErrorCode::not_found) == 70);
}

TEST_CASE("a file that is no database ends the daemon with 65", "[app][exit]") {
    const Stage stage;
    stage.directory.write("state/reviewd.db", std::string(5000, 'x'));
    CHECK(stage.make(DaemonOptions::Mode::stay)->run() == 65);
}

TEST_CASE("a database that is lost ends the daemon with 65", "[app][exit]") {
    const Stage stage;
    CHECK(stage.make(DaemonOptions::Mode::once)->run() == 0);
    std::filesystem::resize_file(stage.directory.path() / "state" / "reviewd.db", 0);
    CHECK(stage.make(DaemonOptions::Mode::stay)->run() == 65);
    REVIEWD_CHECK_CONTAINS(stage.lines.str(), "reviewctl restore FILE");
}

TEST_CASE(
    "a machine's clock behind the database is waited for, a day of --now is not", "[app][exit]"
) {
    Stage stage;
    CHECK(stage.make(DaemonOptions::Mode::once)->run() == 0);
    const runtime::ShiftedClock day_before{
        stage.system, stage.clock.now() - std::chrono::hours{24}};
    stage.time = &day_before;
    CHECK(stage.make(DaemonOptions::Mode::stay)->run() == 65);
    stage.guard.is_synchronised = [] {
        return true;
    };
    CHECK(stage.make(DaemonOptions::Mode::stay)->run() == 75);
}

} // namespace reviewd::test::test_exit_status
