#include "daemon/runtime/log.hpp"
#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"

#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <sstream>
#include <string>

namespace reviewd::test::test_log {

using namespace reviewd;
using runtime::LogField;

namespace {

std::string render(std::string_view event, std::initializer_list<LogField> fields) {
    return runtime::render_event(event, {fields.begin(), fields.size()});
}

/// The raw text between the quotes of the line's last field, or nothing if the field is not closed
/// exactly at the end of the line.
bool is_one_quoted_value(std::string_view line, std::string_view prefix) {
    if (line.substr(0, prefix.size()) != prefix || line.size() <= prefix.size()) {
        return false;
    }
    const std::string_view value = line.substr(prefix.size());
    if (value.front() != '"') {
        return value.find_first_of(" \"\\") == std::string_view::npos;
    }
    std::size_t at = 1;
    while (at < value.size() && value[at] != '"') {
        at += value[at] == '\\' ? 2U : 1U;
    }
    return value.size() > 1 && at == value.size() - 1;
}

} // namespace

TEST_CASE("plain values stand bare, others in quotes", "[runtime][log]") {
    CHECK(
        render("delivery.rejected", {{"review", 12}, {"reason", "5.1.1"}})
        == "delivery.rejected review=12 reason=5.1.1"
    );
    CHECK(render("a", {{"b", "no such user"}}) == R"(a b="no such user")");
    CHECK(render("a", {{"b", ""}}) == R"(a b="")");
    CHECK(render("a", {{"b", R"(say "hi" \o/)"}}) == R"(a b="say \"hi\" \\o/")");
    CHECK(render("a", {{"b", "অন্বেষা"}}) == R"(a b="অন্বেষা")");
}

TEST_CASE("line ends, escape codes and direction overrides of a value become escapes", "[T34]") {
    const std::string line = render("a", {{"b", "x\r\ny\x1b[31m\u2028\u202e"}});
    CHECK(line == R"(a b="x\r\ny\x1b[31m\u2028\u202e")");
}

TEST_CASE("one event is one line and one value stays one value, whatever its bytes", "[T34]") {
    std::mt19937 random{34}; // NOLINT(cert-msc32-c,cert-msc51-cpp): the same bytes on each run
    constexpr std::array<char, 10> nasty{
        '\n', '\r', '\x1b', '"', '\\', '=', ' ', '\0', '\x7f', '\xe2'};
    std::uniform_int_distribution<std::size_t> length{0, 40};
    std::uniform_int_distribution<int> byte{0, 255};
    std::uniform_int_distribution<std::size_t> pick{0, nasty.size() * 2 - 1};
    for (int round = 0; round < 100'000; ++round) {
        std::string value;
        const std::size_t bytes = length(random);
        while (value.size() < bytes) {
            const std::size_t choice = pick(random);
            value += choice < nasty.size() ? nasty[choice] : static_cast<char>(byte(random));
        }
        const std::string line = render("peer.said", {{"reply", std::string_view{value}}});
        const bool is_safe = !has_controls(line) && line.find('\t') == std::string::npos
                             && !find_invalid_utf8(line)
                             && is_one_quoted_value(line, "peer.said reply=");
        if (!is_safe) {
            FAIL("round " << round << " made this line: " << escape_controls(line));
        }
    }
}

TEST_CASE("events reach the sink with their level", "[runtime][log]") {
    std::ostringstream stream;
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(stream);
    sink->set_pattern("%l %v");
    const runtime::Log log = runtime::Log::to_sink(sink);
    log.tell(LogEvent::import_accepted, {{"source", "accounts"}, {"rows", 85}});
    log.tell(LogEvent::clock_set);
    log.tell(LogEvent::reload_failed, {{"message", "{} %v"}});
    CHECK(
        stream.str()
        == "info import.accepted source=accounts rows=85\n"
           "warning clock.set\n"
           "error reload.failed message=\"{} %v\"\n"
    );
}

} // namespace reviewd::test::test_log
