#pragma once

// daemon/notify/plugins/file: the channel `file` appends one JSON object a line to a file: id,
// time, attempt, recipient, subject, text, payload and reminders. A line is written at once and
// synchronised before the delivery counts as accepted; before a delivery is tried again the file's
// end is searched for its whole line, so that nothing stands there twice; a torn one is no
// delivery. The file is made with mode 0600; a symbolic link in its place is refused. To rotate it,
// move it away: it is opened anew for each delivery. All of that waits for the disk on a thread of
// its own, never on the loop.
//
//     channels:
//       archive: { type: file, path: reminders.jsonl }      # below the state directory
//       crm: { type: file, path: events.csv, format: csv }  # for `events:`: one row each

#include "daemon/notify/api/plugin.hpp"
#include "daemon/notify/plugins/file/line_file.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <optional>
#include <string>

namespace reviewd::notify {

class FileNotifier final : public Notifier {
public:
    enum class Format { json_lines, csv };
    /// @param blocking runs what waits for the disk; empty: the loop does
    explicit FileNotifier(
        std::string path,
        Format format = Format::json_lines,
        boost::asio::any_io_executor blocking = {}
    );

    [[nodiscard]] boost::asio::awaitable<Outcome> deliver(const Message& message, Attempt& attempt)
        override;
    [[nodiscard]] DeliveryTraits traits() const override {
        DeliveryTraits traits;
        traits.when_uncertain = DeliveryTraits::WhenUncertain::resend;
        traits.limits = DeliveryTraits::Limits::none;
        return traits;
    }

private:
    [[nodiscard]] std::string line_of(const Message& message, const Attempt& attempt) const;
    [[nodiscard]] int find(const LineFile& file, const Message& message, bool& is_there) const;
    [[nodiscard]] std::optional<Outcome> open(LineFile& file, const Message& message, int attempt)
        const;
    [[nodiscard]] Outcome write(const LineFile& file, const std::string& line) const;

    std::string path_;
    Format format_;
    boost::asio::any_io_executor blocking_;
};

[[nodiscard]] std::unique_ptr<Notifier> make_file_notifier(
    config::MapReader& settings, const PluginContext& context
);

} // namespace reviewd::notify
