#include "daemon/runtime/journal_sink.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <sys/uio.h>

#include <string>
#include <vector>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <syslog.h>
#include <systemd/sd-journal.h>

namespace reviewd::runtime {

namespace {

// spdlog hands a sink the finished line only, so the fields take this way beside it.
struct Current {
    std::string_view event;
    std::span<const LogField> fields;
};
thread_local Current current; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

int priority(spdlog::level::level_enum level) {
    switch (level) {
    case spdlog::level::critical:
    case spdlog::level::err:
        return LOG_ERR;
    case spdlog::level::warn:
        return LOG_WARNING;
    case spdlog::level::info:
        return LOG_INFO;
    default:
        return LOG_DEBUG;
    }
}

std::string field_name(std::string_view name) {
    std::string upper;
    for (const char letter : name) {
        const bool is_lower = letter >= 'a' && letter <= 'z';
        upper += is_lower ? static_cast<char>(letter - 'a' + 'A') : letter;
    }
    return upper;
}

} // namespace

void JournalSink::set_current(std::string_view event, std::span<const LogField> fields) {
    current = Current{event, fields};
}

void JournalSink::sink_it_(const spdlog::details::log_msg& message) {
    std::vector<std::string> entries{
        fmt::format("MESSAGE={}", std::string_view{message.payload.data(), message.payload.size()}),
        fmt::format("PRIORITY={}", priority(message.level)),
        "SYSLOG_IDENTIFIER=reviewd",
    };
    if (!current.event.empty()) {
        entries.push_back(fmt::format("REVIEWD_EVENT={}", current.event));
        for (const LogField& field : current.fields) {
            entries.push_back(
                fmt::format("REVIEWD_{}={}", field_name(field.name), escape_controls(field.value))
            );
        }
        current = {};
    }
    std::vector<iovec> vectors;
    vectors.reserve(entries.size());
    for (std::string& entry : entries) {
        vectors.push_back(iovec{entry.data(), entry.size()});
    }
    sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
}

} // namespace reviewd::runtime
