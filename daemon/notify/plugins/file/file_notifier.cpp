#include "daemon/notify/plugins/file/file_notifier.hpp"

#include "daemon/notify/api/message_json.hpp"
#include "daemon/notify/api/message_text.hpp"
#include "daemon/notify/api/secret.hpp"
#include "daemon/notify/plugins/file/event_row.hpp"
#include "daemon/notify/plugins/file/line_file.hpp"
#include "daemon/runtime/asio/run_on.hpp"
#include "scoring/base/shortage.hpp"

#include <boost/json.hpp>
#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace reviewd::notify {
namespace {

namespace json = boost::json;

/// Begins every line, so that a line is found by its id.
std::string id_member(const std::string& id) {
    return fmt::format("{{\"id\":{},", json::serialize(json::string{valid_utf8(id)}));
}

std::string json_line_of(const Message& message, const Attempt& attempt) {
    const json::object rest{
        {"time", to_string(attempt.now())},
        {"attempt", attempt.number()},
        {"recipient", recipient_json(message.recipient)},
        {"subject", valid_utf8(message.subject)},
        {"text", valid_utf8(message.text)},
        {"payload", payload_json(message)},
        {"reminders", reminders_json(message)},
    };
    return id_member(message.id) + json::serialize(rest).substr(1);
}

/// Whether a line is whole: the beginning of an object is none. The payload stands in it as it is,
/// so it may be deeper than what is read elsewhere.
bool is_json(std::string_view line) {
    constexpr std::size_t depth_max = 64;
    json::parse_options options;
    options.max_depth = depth_max;
    boost::system::error_code error;
    static_cast<void>(json::parse(line, error, {}, options));
    return !error;
}

Outcome failure(const std::string& path, int error) {
    const bool passes = error == ENOSPC || error == EDQUOT || error == EIO || error == EWOULDBLOCK
                        || error == EINTR || is_shortage(error);
    Outcome outcome = failed(
        passes ? Verdict::temporary : Verdict::misconfigured,
        Reason::local_io,
        fmt::format("{}: {}", path, std::generic_category().message(error))
    );
    outcome.code = error;
    return outcome;
}

} // namespace

FileNotifier::FileNotifier(std::string path, Format format, boost::asio::any_io_executor blocking)
    : path_(std::move(path)), format_(format), blocking_(std::move(blocking)) {}

std::string FileNotifier::line_of(const Message& message, const Attempt& attempt) const {
    return format_ == Format::csv ? event_row(message) : json_line_of(message, attempt);
}

/// A message is rendered once, so its row is the same at each attempt; a line of JSON has the
/// attempt in it.
int FileNotifier::find(const LineFile& file, const Message& message, bool& is_there) const {
    if (format_ == Format::json_lines) {
        return file.find_line(id_member(message.id), &is_json, is_there);
    }
    const std::string row = event_row(message);
    const auto is_row = [&row](std::string_view line) {
        return line == row;
    };
    return file.find_line(row, is_row, is_there);
}

/// @returns the end of the attempt, unless the line is to be written
std::optional<Outcome> FileNotifier::open(LineFile& file, const Message& message, int attempt)
    const {
    if (const int error = file.open(path_)) {
        return failure(path_, error);
    }
    if (attempt <= 1) {
        return std::nullopt; // it cannot be there
    }
    bool is_there = false;
    if (const int error = find(file, message, is_there)) {
        return failure(path_, error);
    }
    if (!is_there) {
        return std::nullopt;
    }
    if (const int error = file.synchronise()) {
        return failure(path_, error);
    }
    return failed(Verdict::accepted, Reason::none, "was there already");
}

Outcome FileNotifier::write(const LineFile& file, const std::string& line) const {
    if (format_ == Format::csv && file.is_new()) {
        if (const int error = file.append(event_heading())) {
            return failure(path_, error);
        }
    }
    if (const int error = file.append(line)) {
        return failure(path_, error);
    }
    if (const int error = file.synchronise()) {
        Outcome outcome = failure(path_, error);
        outcome.verdict = Verdict::uncertain; // the line may come back from the disk or not
        return outcome;
    }
    return failed(Verdict::accepted, Reason::none, {});
}

boost::asio::awaitable<Outcome> FileNotifier::deliver(const Message& message, Attempt& attempt) {
    LineFile file;
    const std::string line = line_of(message, attempt);
    auto look = [this, &file, &message, number = attempt.number()] {
        return open(file, message, number);
    };
    const std::optional<Outcome> ended = co_await runtime::run_on(blocking_, std::move(look));
    if (ended) {
        co_return *ended;
    }
    const bool may_go_on = co_await attempt.commit();
    if (!may_go_on) {
        co_return failed(Verdict::temporary, Reason::shutting_down, "stopped before the write");
    }
    auto append = [this, &file, &line] {
        return write(file, line);
    };
    const Outcome outcome = co_await runtime::run_on(blocking_, std::move(append));
    if (outcome.verdict == Verdict::accepted) {
        attempt.dialogue(fmt::format("file: appended to {}", path_));
    }
    co_return outcome;
}

std::unique_ptr<Notifier> make_file_notifier(
    config::MapReader& settings, const PluginContext& context
) {
    const config::Node* path = settings.require("path");
    if (path == nullptr) {
        return nullptr;
    }
    const auto name = config::read_text(*path, settings.report());
    if (!name) {
        return nullptr;
    }
    if (name->empty()) {
        settings.report().error(*path, "a file name is expected");
        return nullptr;
    }
    static constexpr std::array<std::string_view, 2> formats{"json", "csv"};
    auto format = FileNotifier::Format::json_lines;
    if (const config::Node* word = settings.find("format")) {
        const auto index = config::read_word(*word, settings.report(), formats);
        if (!index) {
            return nullptr;
        }
        format = static_cast<FileNotifier::Format>(*index);
    }
    return std::make_unique<FileNotifier>(
        resolve_path(context.base_directory, *name), format, context.blocking
    );
}

} // namespace reviewd::notify
