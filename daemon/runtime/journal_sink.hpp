#pragma once

#include "daemon/runtime/log.hpp"

#include <spdlog/sinks/base_sink.h>

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::runtime {

/// Sends each event to the journal with its fields beside the line: REVIEWD_EVENT, and REVIEWD_ and
/// the field's name in capitals. A journal that does not take them holds up nobody: events wait in
/// memory, a bounded number of them, and what is dropped is counted and told when it goes on. Any
/// thread.
class JournalSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    /// One event as the journal takes it: "NAME=value" each.
    using Entry = std::vector<std::string>;
    /// Hands an entry over; may block.
    using Send = std::function<void(Entry& entry)>;

    /// To the journal of this machine.
    JournalSink();
    /// @param most events that may wait
    JournalSink(Send send, std::size_t most);
    JournalSink(const JournalSink&) = delete;
    JournalSink& operator=(const JournalSink&) = delete;
    /// Waits for what is queued, but not for ever.
    ~JournalSink() override;

    /// The event that the calling thread logs next.
    static void set_current(std::string_view event, std::span<const LogField> fields);

protected:
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override {}

private:
    struct Queue;
    std::shared_ptr<Queue> queue_; ///< shared with the sending thread, which may outlive the sink
};

} // namespace reviewd::runtime
