#pragma once

// daemon/notify/plugins/exec: the channel `exec` runs a program of yours for each message: the door
// for everything else. The message is one JSON object on its standard input; nothing of it is ever
// an argument. There is no shell, the environment is PATH, LANG, TZ, REVIEWD_MESSAGE_ID (the same
// over all attempts) and REVIEWD_ATTEMPT. Exit status 0: taken; 75: later; 78: it is set up
// wrongly, the channel pauses; any other: never. Killed or out of time: nobody knows; it is run
// again with the same id, or held with `idempotent: false`. The first 64 KiB that it prints are
// looked at, the first KiB of them is kept in the history. The program has to be a regular file of
// root or of reviewd's user that nobody else can change.
//
//     channels:
//       pager:
//         type: exec
//         command: [/usr/local/lib/reviewd/pager, --room, sales]
//         timeout: 30 s
//         idempotent: true                 # and concurrency, 1 to 4

#include "daemon/notify/api/plugin.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace reviewd::notify {

struct ExecSettings {
    std::vector<std::string> command; ///< program and arguments
    std::chrono::milliseconds timeout{std::chrono::seconds{30}};
    DeliveryTraits::WhenUncertain when_uncertain = DeliveryTraits::WhenUncertain::resend;
    int concurrency = 1;
};

/// What the program reads: one JSON object and a line end.
[[nodiscard]] std::string exec_input(const Message& message, int attempt);

/// What its end means.
[[nodiscard]] Outcome exec_outcome(const ProcessResult& result);

class ExecNotifier final : public Notifier {
public:
    /// `processes` outlives the notifier.
    ExecNotifier(ExecSettings settings, ProcessRunner& processes);

    [[nodiscard]] boost::asio::awaitable<Outcome> deliver(const Message& message, Attempt& attempt)
        override;
    [[nodiscard]] int concurrency() const override { return settings_.concurrency; }
    [[nodiscard]] DeliveryTraits traits() const override {
        DeliveryTraits traits;
        traits.when_uncertain = settings_.when_uncertain;
        return traits;
    }

private:
    ExecSettings settings_;
    ProcessRunner& processes_;
};

[[nodiscard]] std::unique_ptr<Notifier> make_exec_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
