#pragma once

#include "config/node/parse.hpp"
#include "daemon/notify/api/notifier.hpp"
#include "daemon/notify/api/plugin.hpp"
#include "daemon/notify/registry/registry.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reviewd::test {

inline constexpr TimePoint sample_now{std::chrono::milliseconds{1'768'987'800'123}};

/// An attempt that counts and remembers.
class SampleAttempt final : public notify::Attempt {
public:
    [[nodiscard]] int number() const override { return number_; }
    [[nodiscard]] TimePoint now() const override { return sample_now; }
    [[nodiscard]] std::chrono::milliseconds deadline() const override { return deadline_; }
    [[nodiscard]] std::chrono::milliseconds answer_time() const override {
        return answer_time_.value_or(deadline_);
    }
    [[nodiscard]] boost::asio::awaitable<bool> commit() override {
        ++commits_;
        if (on_commit_) {
            on_commit_();
        }
        co_return may_go_on_;
    }
    void dialogue(std::string_view line) override { talk_ += std::string{line} + "\n"; }

    int number_ = 1;
    std::chrono::milliseconds deadline_{5000};
    std::optional<std::chrono::milliseconds> answer_time_; ///< none: the deadline over again
    bool may_go_on_ = true;
    std::function<void()> on_commit_;
    int commits_ = 0;
    std::string talk_;
};

inline notify::Message sample_message() {
    notify::Message message;
    message.id = "d-0193-aa";
    message.message_id = "<d-0193-aa@reviews.test>";
    message.thread_id = "<r-77@reviews.test>";
    message.date = sample_now;
    message.recipient = {"Jo Hartley", "jo@hartley.test", "en"};
    message.subject = "Today 2, 1 late: Hartley Print first";
    message.text = "LATE 2 days\n\nCall Jo\n";
    message.html = "<!doctype html><p>LATE 2 days</p>";
    message.payload = R"({"type":"digest","reviews":[1,2]})";
    message.reminder_ids = {"r-1", "r-2"};
    return message;
}

/// Begins a delivery on the loop; there is an outcome when it has ended. What is given outlives it.
inline void begin(
    boost::asio::io_context& loop,
    notify::Notifier& notifier,
    const notify::Message& message,
    SampleAttempt& attempt,
    std::optional<notify::Outcome>& outcome
) {
    auto ended = [&outcome](const std::exception_ptr& /*thrown*/, notify::Outcome end) {
        outcome = std::move(end);
    };
    boost::asio::co_spawn(loop, notifier.deliver(message, attempt), std::move(ended));
}

/// Makes a notifier of the type from YAML; null when the settings were refused, and then `report`
/// says why.
inline std::unique_ptr<notify::Notifier> make_notifier(
    std::string_view type,
    const std::string& yaml,
    const notify::PluginContext& context,
    config::Report& report
) {
    const auto node = config::parse_yaml("channel.yaml", yaml, report);
    if (!node) {
        return nullptr;
    }
    config::MapReader reader{*node, report};
    auto notifier = notify::find_plugin(type)->create(reader, context);
    reader.finish();
    return notifier;
}

} // namespace reviewd::test
