#include "daemon/notify/plugins/journal/journal_notifier.hpp"

#include "daemon/runtime/asio/run_on.hpp"
#include "scoring/base/text.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include <system_error>
#include <utility>

namespace reviewd::notify {
namespace {

int send_to_journal(const std::vector<std::string>& fields) {
    std::vector<iovec> parts;
    parts.reserve(fields.size());
    for (const std::string& field : fields) {
        // The interface takes mutable bytes and only reads them.
        parts.push_back({const_cast<char*>(field.data()), field.size()}); // NOLINT
    }
    return sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

} // namespace

JournalNotifier::JournalNotifier(
    Send send, TerminalLine terminal_line, boost::asio::any_io_executor blocking
)
    : send_(std::move(send)),
      terminal_line_(std::move(terminal_line)),
      blocking_(std::move(blocking)) {}

boost::asio::awaitable<Outcome> JournalNotifier::deliver(const Message& message, Attempt& attempt) {
    const bool may_go_on = co_await attempt.commit();
    if (!may_go_on) {
        co_return failed(Verdict::temporary, Reason::shutting_down, "stopped before the entry");
    }
    const std::vector<std::string> fields{
        fmt::format("MESSAGE=delivery {}", escape_controls(message.id)),
        fmt::format("PRIORITY={}", LOG_INFO),
        "SYSLOG_IDENTIFIER=reviewd",
        fmt::format("REVIEWD_DELIVERY={}", escape_controls(message.id)),
        fmt::format(
            "REVIEWD_REMINDERS={}",
            escape_controls(fmt::format("{}", fmt::join(message.reminder_ids, ",")))
        ),
        fmt::format("REVIEWD_ATTEMPT={}", attempt.number()),
    };
    auto write = [this, &fields, &message] {
        const int sent = send_(fields);
        if (sent >= 0) {
            print(message);
        }
        return sent;
    };
    const int result = co_await runtime::run_on(blocking_, std::move(write));
    if (result < 0) {
        Outcome outcome = failed(
            Verdict::temporary,
            Reason::local_io,
            fmt::format("the journal: {}", std::generic_category().message(-result))
        );
        outcome.code = -result;
        co_return outcome;
    }
    attempt.dialogue(fmt::format("journal: REVIEWD_DELIVERY={}", escape_controls(message.id)));
    co_return failed(Verdict::accepted, Reason::none, {});
}

void JournalNotifier::print(const Message& message) const {
    if (!terminal_line_) {
        return;
    }
    terminal_line_(fmt::format(
        "{}: {}", escape_controls(message.recipient.name), escape_controls(message.subject)
    ));
    std::string_view rest = message.text;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        terminal_line_("  " + escape_controls(rest.substr(0, end)));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
}

std::unique_ptr<Notifier> make_journal_notifier(
    config::MapReader& /*settings*/, const PluginContext& context
) {
    return std::make_unique<JournalNotifier>(
        &send_to_journal, context.terminal_line, context.blocking
    );
}

} // namespace reviewd::notify
