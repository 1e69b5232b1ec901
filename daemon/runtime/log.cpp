#include "daemon/runtime/log.hpp"

#include "daemon/runtime/journal_sink.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>

namespace reviewd::runtime {

namespace {

bool is_plain(std::string_view value) {
    constexpr std::string_view marks = "._:/@+-,%~";
    for (const char letter : value) {
        const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
        const bool is_digit = letter >= '0' && letter <= '9';
        if (!is_letter && !is_digit && marks.find(letter) == std::string_view::npos) {
            return false;
        }
    }
    return !value.empty();
}

std::string quoted_value(std::string_view value) {
    std::string marked;
    marked.reserve(value.size() + 2);
    for (const char letter : value) {
        if (letter == '"' || letter == '\\') {
            marked += '\\';
        }
        marked += letter;
    }
    return fmt::format("\"{}\"", escape_controls(marked));
}

spdlog::level::level_enum level_of(LogEvent event) {
    switch (severity(event)) {
    case LogSeverity::information:
        return spdlog::level::info;
    case LogSeverity::warning:
        return spdlog::level::warn;
    case LogSeverity::error:
        break;
    }
    return spdlog::level::err;
}

std::shared_ptr<spdlog::logger> make_logger(spdlog::sink_ptr sink) {
    return std::make_shared<spdlog::logger>("reviewd", std::move(sink));
}

} // namespace

std::string render_event(std::string_view event, std::span<const LogField> fields) {
    std::string line = escape_controls(event);
    for (const LogField& field : fields) {
        line += fmt::format(
            " {}={}", field.name, is_plain(field.value) ? field.value : quoted_value(field.value)
        );
    }
    return line;
}

bool is_under_journal() {
    const char* const stream = std::getenv("JOURNAL_STREAM"); // NOLINT(concurrency-mt-unsafe)
    struct stat status {};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) {
        return false;
    }
    return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

Log::Log(std::shared_ptr<spdlog::logger> logger, std::shared_ptr<JournalSink> journal)
    : logger_{std::move(logger)}, journal_{std::move(journal)} {}

Log Log::standard() {
    if (is_under_journal()) {
        auto journal = std::make_shared<JournalSink>();
        return Log{make_logger(journal), journal};
    }
    const bool is_plain_wanted =
        std::getenv("NO_COLOR") != nullptr; // NOLINT(concurrency-mt-unsafe)
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
        is_plain_wanted ? spdlog::color_mode::never : spdlog::color_mode::automatic
    );
    sink->set_pattern("%H:%M:%S %^%l%$ %v");
    return Log{make_logger(std::move(sink)), nullptr};
}

Log Log::to_sink(spdlog::sink_ptr sink) {
    return Log{make_logger(std::move(sink)), nullptr};
}

void Log::tell(LogEvent event, Fields list) const {
    const std::string_view event_name = name(event);
    const std::span<const LogField> fields{list.begin(), list.size()};
    if (journal_) {
        JournalSink::set_current(event_name, fields);
    }
    logger_->log(level_of(event), spdlog::string_view_t{render_event(event_name, fields)});
}

} // namespace reviewd::runtime
