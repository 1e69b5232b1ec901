#pragma once

#include "scoring/base/log_event.hpp"

#include <spdlog/common.h>

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace spdlog {
class logger;
} // namespace spdlog

namespace reviewd::runtime {

/// One fact of an event. Never a secret, never a message's body.
struct LogField {
    std::string_view name; ///< [a-z_]+, a constant of the program
    std::string value;     ///< any bytes

    LogField(std::string_view field, std::string_view text) : name{field}, value{text} {}
    LogField(std::string_view field, const char* text) : name{field}, value{text} {}
    template <class Number, class = std::enable_if_t<std::is_integral_v<Number>>>
    LogField(std::string_view field, Number number) : name{field}, value{std::to_string(number)} {}
};

/// `delivery.rejected review=12 reason="no such user"`: one line whatever the values hold.
/// Controls, line separators, direction overrides and bytes that are not UTF-8 become escapes; a
/// value with anything but plain characters stands in quotes, in which `"` and `\` are escaped.
[[nodiscard]] std::string render_event(std::string_view event, std::span<const LogField> fields);

class JournalSink;

/// Where the daemon tells what happened: one line per event with a stable name. Any thread.
class Log {
public:
    using Fields = std::initializer_list<LogField>;

    /// The journal with structured fields when standard error is connected to it, otherwise
    /// standard error, coloured if it is a terminal and NO_COLOR is not set.
    [[nodiscard]] static Log standard();
    /// To that sink, as lines; for tests and for `--once`.
    [[nodiscard]] static Log to_sink(spdlog::sink_ptr sink);

    /// With the severity that the event always has.
    void tell(LogEvent event, Fields fields = {}) const;

private:
    Log(std::shared_ptr<spdlog::logger> logger, std::shared_ptr<JournalSink> journal);

    std::shared_ptr<spdlog::logger> logger_;
    std::shared_ptr<JournalSink> journal_; ///< null when not under the journal
};

/// Whether standard error is the journal's stream.
[[nodiscard]] bool is_under_journal();

} // namespace reviewd::runtime
