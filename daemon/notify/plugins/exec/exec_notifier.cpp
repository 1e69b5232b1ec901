#include "daemon/notify/plugins/exec/exec_notifier.hpp"

#include "daemon/notify/api/channel_settings.hpp"
#include "daemon/notify/api/message_json.hpp"
#include "daemon/notify/api/message_text.hpp"
#include "daemon/notify/api/process_outcome.hpp"
#include "daemon/notify/api/reply_text.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace reviewd::notify {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr int concurrency_max = 4;
constexpr milliseconds longest_grace{5000};
constexpr milliseconds shortest_time{20};
constexpr milliseconds longest_timeout{50'000}; // of the 60 s that an attempt has
// Of <sysexits.h>.
constexpr int try_later_exit = 75;
constexpr int configuration_exit = 78;

} // namespace

std::string exec_input(const Message& message, int attempt) {
    const json::object document{
        {"id", valid_utf8(message.id)},
        {"attempt", attempt},
        {"recipient", recipient_json(message.recipient)},
        {"subject", valid_utf8(message.subject)},
        {"text", valid_utf8(message.text)},
        {"html", valid_utf8(message.html)},
        {"payload", payload_json(message)},
        {"reminders", reminders_json(message)}};
    return json::serialize(document) + "\n";
}

Outcome exec_outcome(const ProcessResult& result) {
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
        outcome.verdict = Verdict::uncertain;
        outcome.reason = Reason::timeout;
        return outcome;
    case End::killed:
        outcome.verdict = Verdict::uncertain;
        outcome.reason = Reason::protocol;
        outcome.reply = fmt::format("ended by signal {}. {}", result.status, outcome.reply);
        return outcome;
    case End::exited:
        break;
    }
    if (result.status == 0) {
        outcome.verdict = Verdict::accepted;
    } else if (result.status == try_later_exit) {
        outcome.reason = Reason::deferred;
    } else {
        outcome.verdict =
            result.status == configuration_exit ? Verdict::misconfigured : Verdict::permanent;
        outcome.reason = Reason::rejected;
    }
    return outcome;
}

ExecNotifier::ExecNotifier(ExecSettings settings, ProcessRunner& processes)
    : settings_(std::move(settings)), processes_(processes) {}

boost::asio::awaitable<Outcome> ExecNotifier::deliver(const Message& message, Attempt& attempt) {
    ProcessRequest request;
    request.program = settings_.command.front();
    request.arguments.assign(settings_.command.begin() + 1, settings_.command.end());
    request.environment = {
        {"PATH", "/usr/local/bin:/usr/bin:/bin"},
        {"LANG", "C.UTF-8"},
        {"TZ", "UTC"},
        {"REVIEWD_MESSAGE_ID", one_line(message.id, reply_bytes_max)},
        {"REVIEWD_ATTEMPT", std::to_string(attempt.number())},
    };
    request.input = exec_input(message, attempt.number());
    request.grace = std::min(longest_grace, attempt.deadline() / 3);
    request.time =
        std::max(shortest_time, std::min(settings_.timeout, attempt.deadline() - request.grace));
    request.commit = [&attempt] {
        return attempt.commit();
    };
    attempt.dialogue(fmt::format("> {} (one JSON object)", settings_.command.front()));
    const ProcessResult result = co_await processes_.run(request);
    Outcome outcome = exec_outcome(result);
    if (!outcome.reply.empty()) {
        attempt.dialogue(fmt::format("< {}", outcome.reply));
    }
    attempt.dialogue(fmt::format("< ended with {}", result.status));
    co_return outcome;
}

std::unique_ptr<Notifier> make_exec_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    config::Report& report = settings.report();
    const std::ptrdiff_t before = count_errors(report);
    ExecSettings result;
    const config::Node* command = settings.require("command");
    if (command != nullptr) {
        result.command = config::read_texts(*command, report);
        const bool has_nul =
            std::any_of(result.command.begin(), result.command.end(), [](const auto& word) {
                return word.find('\0') != std::string::npos;
            });
        const std::string fault =
            result.command.empty() || has_nul
                ? "a program and its arguments are expected: [/usr/local/bin/x, --flag]"
                : context.processes.check(result.command.front(), ProcessRequest::Trust::plain);
        if (!fault.empty()) {
            report.error(*command, fault);
        }
    }
    if (const config::Node* node = settings.find("timeout")) {
        const auto time = config::read_duration(*node, report);
        result.timeout = time.value_or(result.timeout);
        if (result.timeout < std::chrono::seconds{1} || result.timeout > longest_timeout) {
            report.error(*node, "a program has between 1 s and 50 s");
        }
    }
    if (const config::Node* node = settings.find("idempotent")) {
        if (!config::read_boolean(*node, report).value_or(true)) {
            result.when_uncertain = DeliveryTraits::WhenUncertain::hold;
        }
    }
    result.concurrency = read_concurrency(settings, concurrency_max);
    if (count_errors(report) > before) {
        return nullptr;
    }
    return std::make_unique<ExecNotifier>(std::move(result), context.processes);
}

} // namespace reviewd::notify
