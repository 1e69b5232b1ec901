#include "daemon/notify/plugins/sendmail/sendmail_notifier.hpp"

#include "daemon/notify/api/channel_settings.hpp"
#include "daemon/notify/api/mail_address.hpp"
#include "daemon/notify/api/process_outcome.hpp"
#include "daemon/notify/api/reply_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace reviewd::notify {
namespace {

using std::chrono::milliseconds;

constexpr int concurrency_max = 16;
constexpr milliseconds longest_grace{5000};
constexpr milliseconds shortest_time{20};

/// The program reads LF; a lone CR or NUL has no meaning in a mail.
std::string with_line_feeds(std::string_view content) {
    std::string result;
    result.reserve(content.size());
    std::copy_if(content.begin(), content.end(), std::back_inserter(result), [](char c) {
        return c != '\r' && c != '\0';
    });
    return result;
}

struct Meaning {
    Verdict verdict;
    Reason reason;
};

/// By the numbers of <sysexits.h>.
Meaning meaning_of(int status) {
    switch (status) {
    case 0:
        return {Verdict::accepted, Reason::none};
    case 64: // usage
    case 65: // data
    case 67: // no such user
    case 68: // no such host
        return {Verdict::permanent, Reason::rejected};
    case 69: // unavailable
    case 71: // operating system
    case 73: // cannot create
    case 74: // input or output
    case 75: // try later
        return {Verdict::temporary, Reason::deferred};
    default:
        return {Verdict::misconfigured, Reason::rejected};
    }
}

} // namespace

Outcome sendmail_outcome(const ProcessResult& result) {
    using End = ProcessResult::End;
    Outcome outcome;
    outcome.code = result.status;
    outcome.reply = clean_reply(result.output);
    switch (result.end) {
    case End::not_started:
        return not_started(result);
    case End::gate_closed:
        return failed(Verdict::temporary, Reason::shutting_down, "stopped before the start");
    case End::timed_out:
    case End::killed:
        outcome.verdict = Verdict::uncertain;
        outcome.reason = result.end == End::killed ? Reason::protocol : Reason::timeout;
        return outcome;
    case End::exited:
        break;
    }
    const Meaning meaning = meaning_of(result.status);
    outcome.verdict = meaning.verdict;
    outcome.reason = meaning.reason;
    return outcome;
}

SendmailNotifier::SendmailNotifier(SendmailSettings settings, ProcessRunner& processes)
    : settings_(std::move(settings)), processes_(processes) {}

boost::asio::awaitable<Outcome> SendmailNotifier::deliver(
    const Message& message, Attempt& attempt
) {
    const std::string fault = check_mail_address(message.recipient.address);
    if (!fault.empty()) {
        co_return failed(Verdict::permanent, Reason::bad_address, fault);
    }
    ProcessRequest request;
    request.program = settings_.program;
    // The addresses have been checked not to begin with `-`; `--` says it once more.
    request.arguments = {
        "-i", "-f", settings_.sender.envelope_from, "--", message.recipient.address};
    request.environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}, {"LANG", "C.UTF-8"}};
    request.input = with_line_feeds(build_mail(message, settings_.sender.identity));
    request.trust = ProcessRequest::Trust::installed;
    request.grace = std::min(longest_grace, attempt.deadline() / 3);
    request.time = std::max(shortest_time, attempt.deadline() - request.grace);
    request.commit = [&attempt] {
        return attempt.commit();
    };
    attempt.dialogue(fmt::format(
        "> {} -i -f {} -- {} ({} bytes)",
        settings_.program,
        settings_.sender.envelope_from,
        message.recipient.address,
        request.input.size()
    ));
    const ProcessResult result = co_await processes_.run(request);
    const Outcome outcome = sendmail_outcome(result);
    attempt.dialogue(fmt::format("< ended with {} {}", result.status, outcome.reply));
    co_return outcome;
}

std::unique_ptr<Notifier> make_sendmail_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    config::Report& report = settings.report();
    const std::ptrdiff_t before = count_errors(report);
    SendmailSettings result;
    result.sender = read_mail_sender(settings);
    const config::Node* program = settings.find("program");
    if (program != nullptr) {
        result.program = config::read_text(*program, report).value_or("");
    }
    const std::string fault =
        context.processes.check(result.program, ProcessRequest::Trust::installed);
    if (!fault.empty()) {
        report.error(program == nullptr ? settings.node() : *program, fault);
    }
    result.concurrency = read_concurrency(settings, concurrency_max);
    if (count_errors(report) > before) {
        return nullptr;
    }
    return std::make_unique<SendmailNotifier>(std::move(result), context.processes);
}

} // namespace reviewd::notify
