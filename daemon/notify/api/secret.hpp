#pragma once

#include "config/node/reader.hpp"
#include "scoring/base/result.hpp"

#include <array>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace reviewd::notify {

/// A password or key. Prints as `***` wherever it is printed; its bytes are wiped at the end.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : value_(std::exchange(other.value_, {})) {}
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    /// The bytes themselves: for the wire and for signing, never for a message to a person.
    [[nodiscard]] const std::string& reveal() const { return value_; }

    friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }
    /// Found by fmt.
    friend std::string_view format_as(const Secret&) { return "***"; }

private:
    std::string value_;
};

/// The keys that plugins keep secrets by: `password_file`, `token_credential` and so on.
inline constexpr std::array<std::string_view, 5> secret_names{
    "password", "secret", "previous_secret", "token", "url"};

/// Where a secret is kept: a file of its own, or a credential of the service manager. It is read at
/// every use, so that a rotated secret needs no restart.
class SecretSource {
public:
    /// Reads `<key>_file` or `<key>_credential` of a channel's map. Both is an error; neither is
    /// nothing. A secret written into the configuration itself (`<key>`) is refused with the way to
    /// keep it.
    [[nodiscard]] static std::optional<SecretSource> from_settings(
        config::MapReader& settings,
        std::string_view key,
        const std::string& base_directory,
        const std::string& credentials_directory
    );

    explicit SecretSource(std::string path) : path_(std::move(path)) {}

    /// The content without the line ends at its end.
    /// @errors `bad_config` when the file is missing, not readable, empty, longer than 64 KiB, no
    /// regular file, or open to others than its owner and group
    [[nodiscard]] Result<Secret> read() const;

    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// `name` seen from the directory of the configuration; an absolute name stays.
[[nodiscard]] std::string resolve_path(const std::string& base_directory, const std::string& name);

} // namespace reviewd::notify
