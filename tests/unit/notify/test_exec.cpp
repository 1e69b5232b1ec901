#include "daemon/notify/plugins/exec/exec_notifier.hpp"
#include "tests/support/catch.hpp"

#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

namespace reviewd::test::test_exec {

using reviewd::notify::exec_outcome;
using reviewd::notify::Outcome;
using reviewd::notify::ProcessResult;
using reviewd::notify::Reason;
using reviewd::notify::Verdict;
using End = reviewd::notify::ProcessResult::End;

namespace {

struct Row {
    End end;
    int status;
    Verdict verdict;
    Reason reason;
};

const std::vector<Row> rows{
    {End::exited, 0, Verdict::accepted, Reason::none},
    {End::exited, 1, Verdict::permanent, Reason::rejected},
    {End::exited, 64, Verdict::permanent, Reason::rejected},
    {End::exited, 75, Verdict::temporary, Reason::deferred},
    {End::exited, 78, Verdict::misconfigured, Reason::rejected},
    {End::exited, 127, Verdict::permanent, Reason::rejected},
    {End::killed, SIGKILL, Verdict::uncertain, Reason::protocol},
    {End::killed, SIGSEGV, Verdict::uncertain, Reason::protocol},
    {End::timed_out, SIGTERM, Verdict::uncertain, Reason::timeout},
    {End::gate_closed, 0, Verdict::temporary, Reason::shutting_down},
    {End::not_started, ENOENT, Verdict::misconfigured, Reason::local_io},
    {End::not_started, EACCES, Verdict::misconfigured, Reason::local_io},
    {End::not_started, EMFILE, Verdict::temporary, Reason::local_io},
    {End::not_started, ENFILE, Verdict::temporary, Reason::local_io},
    {End::not_started, ENOMEM, Verdict::temporary, Reason::local_io},
    {End::not_started, EAGAIN, Verdict::temporary, Reason::local_io},
};

} // namespace

TEST_CASE(
    "how a program ends decides what becomes of a delivery", "[notify][exec][F33][F34][F49]"
) {
    for (const Row& row : rows) {
        CAPTURE(static_cast<int>(row.end), row.status);
        ProcessResult result;
        result.end = row.end;
        result.status = row.status;
        const Outcome outcome = exec_outcome(result);
        CHECK(outcome.verdict == row.verdict);
        CHECK(outcome.reason == row.reason);
    }
}

TEST_CASE("what a program says is kept as one harmless line", "[notify][exec][F34]") {
    ProcessResult result;
    result.end = End::exited;
    result.status = 1;
    result.output = std::string{"no\0such\x1b[2J\r\nroom ", 18} + std::string(100'000, 'x');
    const Outcome outcome = exec_outcome(result);
    CHECK(outcome.reply.size() <= 1024);
    REVIEWD_CHECK_CONTAINS(outcome.reply, "room");
    for (const char byte : outcome.reply) {
        REQUIRE(static_cast<unsigned char>(byte) >= ' ');
    }
}

} // namespace reviewd::test::test_exec
