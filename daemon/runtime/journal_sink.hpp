#pragma once

#include "daemon/runtime/log.hpp"

#include <spdlog/sinks/base_sink.h>

#include <mutex>
#include <span>
#include <string_view>

namespace reviewd::runtime {

/// Sends each event to the journal with its fields beside the line: REVIEWD_EVENT, and REVIEWD_ and
/// the field's name in capitals. Any thread.
class JournalSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    /// The event that the calling thread logs next.
    static void set_current(std::string_view event, std::span<const LogField> fields);

protected:
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override {}
};

} // namespace reviewd::runtime
