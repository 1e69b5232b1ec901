#pragma once

#include "daemon/notify/api/outbound.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::notify {

/// A program of the host, run once with its input on standard input and nothing else of ours:
/// no shell, no descriptors, a process group of its own.
struct ProcessRequest {
    std::string program;                ///< absolute
    std::vector<std::string> arguments; ///< without the program's own name
    std::vector<std::pair<std::string, std::string>> environment; ///< all of it
    std::string input;
    std::chrono::milliseconds time{};  ///< then its group is asked to end …
    std::chrono::milliseconds grace{}; ///< … and so much later it is killed
    std::size_t output_bytes_kept = 64UL * 1024;
    /// What the file may be. `installed`: also a symbolic link, and it may raise its own rights, as
    /// a mail system's submission program does.
    enum class Trust { plain, installed } trust = Trust::plain;
    CommitGate commit; ///< runs just before the start; false: it is not started
};

struct ProcessResult {
    enum class End { not_started, gate_closed, exited, killed, timed_out };
    End end = End::not_started;
    int status = 0;        ///< exit status, signal, or errno of the start
    std::string output;    ///< both streams as they came, cut; or, status 0, why it was not started
    bool is_short = false; ///< not started for want of descriptors or memory, see is_shortage()
};

/// The door to the host's programs. daemon/runtime implements it; tests replace it.
class ProcessRunner {
public:
    ProcessRunner() = default;
    ProcessRunner(const ProcessRunner&) = delete;
    ProcessRunner& operator=(const ProcessRunner&) = delete;
    virtual ~ProcessRunner() = default;

    /// What makes the file one that should not be run, or an empty text: it has to be a regular
    /// file under an absolute name, executable, of root or our own user, and neither it nor a
    /// folder above it may be changed by others.
    [[nodiscard]] virtual std::string check(const std::string& program, ProcessRequest::Trust trust)
        const = 0;

    /// Runs it to its end; never longer than time, grace and a moment.
    [[nodiscard]] virtual boost::asio::awaitable<ProcessResult> run(const ProcessRequest& request
    ) = 0;
};

} // namespace reviewd::notify
