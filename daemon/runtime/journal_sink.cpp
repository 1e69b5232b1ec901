#include "daemon/runtime/journal_sink.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <sys/uio.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <thread>
#include <utility>

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

void send_to_journal(JournalSink::Entry& entry) {
    std::vector<iovec> vectors;
    vectors.reserve(entry.size());
    for (std::string& field : entry) {
        vectors.push_back(iovec{field.data(), field.size()});
    }
    sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
}

JournalSink::Entry dropped_entry(std::size_t count) {
    return {
        fmt::format("MESSAGE={} count={}", name(LogEvent::log_dropped), count),
        fmt::format("PRIORITY={}", LOG_WARNING),
        "SYSLOG_IDENTIFIER=reviewd",
        fmt::format("REVIEWD_EVENT={}", name(LogEvent::log_dropped)),
        fmt::format("REVIEWD_COUNT={}", count),
    };
}

constexpr std::size_t usual_most = 4096;
constexpr std::chrono::seconds time_to_end{2};

} // namespace

struct JournalSink::Queue {
    Queue(Send how, std::size_t how_many) : send{std::move(how)}, most{how_many} {}

    void push(Entry entry) {
        const std::lock_guard lock{mutex};
        if (waiting.size() >= most) {
            ++dropped;
            return;
        }
        waiting.push_back(std::move(entry));
        changed.notify_all();
    }

    /// The sending thread.
    void work() {
        std::unique_lock lock{mutex};
        for (;;) {
            changed.wait(lock, [this] { return is_ending || !waiting.empty(); });
            if (waiting.empty()) {
                is_over = true;
                changed.notify_all();
                return;
            }
            Entry entry = std::move(waiting.front());
            waiting.pop_front();
            if (dropped > 0 && waiting.size() + 1 < most) {
                waiting.push_back(dropped_entry(std::exchange(dropped, 0)));
            }
            lock.unlock();
            send(entry);
            lock.lock();
        }
    }

    /// @returns whether everything was sent in time
    bool end() {
        std::unique_lock lock{mutex};
        is_ending = true;
        changed.notify_all();
        return changed.wait_for(lock, time_to_end, [this] { return is_over; });
    }

    Send send;
    std::size_t most;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Entry> waiting;
    std::size_t dropped = 0;
    bool is_ending = false;
    bool is_over = false;
    std::thread thread;
};

JournalSink::JournalSink() : JournalSink(&send_to_journal, usual_most) {}

JournalSink::JournalSink(Send send, std::size_t most)
    : queue_{std::make_shared<Queue>(std::move(send), most)} {
    queue_->thread = std::thread{[queue = queue_] {
        queue->work();
    }};
}

JournalSink::~JournalSink() {
    if (queue_->end()) {
        queue_->thread.join();
    } else {
        queue_->thread.detach(); // the journal takes nothing; the end of the process must not wait
    }
}

void JournalSink::set_current(std::string_view event, std::span<const LogField> fields) {
    current = Current{event, fields};
}

void JournalSink::sink_it_(const spdlog::details::log_msg& message) {
    Entry entries{
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
    queue_->push(std::move(entries));
}

} // namespace reviewd::runtime
