#pragma once

#include "daemon/notify/api/outbound.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::test {

/// How a peer behaves in the contract test.
enum class Behaviour {
    accepts,
    defers,          ///< wants it later
    refuses,         ///< will never take it
    denies_login,    ///< the credentials are wrong
    is_silent,       ///< says nothing any more
    loses_the_reply, ///< takes it and closes without a word
    talks_garbage,
    is_unreachable, ///< nobody listens; for a file: its folder is missing
};

/// The world around one channel: what it delivers to.
class ContractPeer {
public:
    ContractPeer() = default;
    ContractPeer(const ContractPeer&) = delete;
    ContractPeer& operator=(const ContractPeer&) = delete;
    virtual ~ContractPeer() = default;

    /// The channel's map in YAML.
    [[nodiscard]] virtual std::string settings() const = 0;
    /// @returns false when the channel cannot meet such a peer
    [[nodiscard]] virtual bool behave(Behaviour behaviour) = 0;
    /// The permanent handle (Message-ID, webhook-id …) of every delivery that was taken, in order.
    [[nodiscard]] virtual std::vector<std::string> accepted() const = 0;
    /// The words of the newest delivery as its reader sees them; empty when the channel hides them.
    [[nodiscard]] virtual std::string shown() const = 0;
    /// A secret that must never be shown, or an empty text.
    [[nodiscard]] virtual std::string canary() const = 0;
};

struct ContractCase {
    std::string_view type;
    std::unique_ptr<ContractPeer> (*make
    )(boost::asio::io_context& loop, const std::filesystem::path& directory);
};

/// One row per plugin of the registry.
[[nodiscard]] const std::vector<ContractCase>& contract_cases();

} // namespace reviewd::test
