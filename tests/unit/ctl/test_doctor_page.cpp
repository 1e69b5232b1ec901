#include "daemon/ctl/doctor_page.hpp"
#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"

#include <sstream>

namespace reviewd::ctl {
namespace {

const Findings some_findings{
    {Finding::State::good, "zone data", "2026b", {}},
    {Finding::State::bad,
     "clock",
     "nobody keeps it right, and what is planned goes by it on every day of the year",
     "`systemctl enable --now systemd-timesyncd`, or install chrony and add the drop-in for it"},
};

} // namespace

TEST_CASE("on a terminal no row of doctor is wider than the screen", "[ctl][doctor]") {
    Screen screen;
    screen.is_terminal = true;
    screen.columns = 80;
    std::istringstream page{findings_page(some_findings, screen)};
    int lines = 0;
    for (std::string line; std::getline(page, line); ++lines) {
        INFO(line);
        CHECK(display_width(line) <= 80);
        CHECK_FALSE(line.empty());
        CHECK(line.back() != ' ');
    }
    CHECK(lines == 6); // heading, one, and four for the long one
}

TEST_CASE("elsewhere each check of doctor has one line", "[ctl][doctor]") {
    CHECK(
        findings_page(some_findings, {})
        == "CHECK      STATE    FOUND, AND WHAT TO DO\n"
           "zone data  ok       2026b\n"
           "clock      bad      nobody keeps it right, and what is planned goes by it on every day "
           "of the year: `systemctl enable --now systemd-timesyncd`, or install chrony and add the "
           "drop-in for it\n"
    );
}

TEST_CASE("doctor's exit says whether the daemon is silent or a check is bad", "[ctl][doctor]") {
    const Finding silent{Finding::State::bad, "daemon", "does not answer", {}};
    CHECK(exit_code_of({some_findings.front()}) == 0);
    CHECK(exit_code_of({{Finding::State::warning, "backup", "is old", {}}}) == 0);
    CHECK(exit_code_of(some_findings) == 78);
    CHECK(exit_code_of({some_findings.back(), silent}) == 69);
}

} // namespace reviewd::ctl
