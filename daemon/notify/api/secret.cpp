#include "daemon/notify/api/secret.hpp"

#include "scoring/base/shortage.hpp"

#include <fmt/core.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace reviewd::notify {
namespace {

constexpr std::size_t secret_bytes_max = 64UL * 1024;

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

Error cannot(const std::string& path, std::string_view what) {
    return fail(ErrorCode::bad_config, fmt::format("the secret in {} {}", path, what));
}

std::string reason_of(int error) {
    return std::generic_category().message(error);
}

Result<std::string> read_all(const std::string& path, int file) {
    std::string content;
    std::array<char, 4096> chunk{};
    for (;;) {
        const ssize_t count = ::read(file, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return cannot(path, fmt::format("cannot be read: {}", reason_of(errno)));
        }
        if (count == 0) {
            break;
        }
        content.append(chunk.data(), static_cast<std::size_t>(count));
        if (content.size() > secret_bytes_max) {
            return cannot(path, "is longer than 64 KiB");
        }
    }
    explicit_bzero(chunk.data(), chunk.size());
    return content;
}

} // namespace

Secret& Secret::operator=(Secret&& other) noexcept {
    value_.swap(other.value_);
    return *this;
}

Secret::~Secret() {
    if (!value_.empty()) {
        explicit_bzero(value_.data(), value_.size());
    }
}

std::string resolve_path(const std::string& base_directory, const std::string& name) {
    return (std::filesystem::path{base_directory} / name).lexically_normal().string();
}

std::optional<SecretSource> SecretSource::from_settings(
    config::MapReader& settings,
    std::string_view key,
    const std::string& base_directory,
    const std::string& credentials_directory
) {
    const std::string file_key = fmt::format("{}_file", key);
    const std::string credential_key = fmt::format("{}_credential", key);
    if (const config::Node* plain = settings.find(key)) {
        settings.report().error(
            *plain,
            fmt::format("a secret does not stand in the configuration: `{}`", key),
            fmt::format("put it into a file and name that as `{}`", file_key)
        );
    }
    const config::Node* file = settings.find(file_key);
    const config::Node* credential = settings.find(credential_key);
    if (file != nullptr && credential != nullptr) {
        settings.report().error(
            *credential, fmt::format("`{}` and `{}` exclude each other", file_key, credential_key)
        );
        return std::nullopt;
    }
    if (file != nullptr) {
        const auto name = config::read_text(*file, settings.report());
        return name ? std::optional{SecretSource{resolve_path(base_directory, *name)}}
                    : std::nullopt;
    }
    if (credential == nullptr) {
        return std::nullopt;
    }
    const auto name = config::read_name(*credential, settings.report());
    if (!name) {
        return std::nullopt;
    }
    if (credentials_directory.empty()) {
        settings.report().warning(
            *credential,
            "no service manager hands over credentials here: this channel cannot deliver",
            fmt::format("LoadCredential={}:… in the unit, or `{}`", *name, file_key)
        );
        return SecretSource{fmt::format("(no credentials directory)/{}", *name)};
    }
    return SecretSource{resolve_path(credentials_directory, *name)};
}

Result<Secret> SecretSource::read() const {
    const Descriptor file{::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    if (file.number() < 0) {
        const int reason = errno;
        Error error = cannot(path_, fmt::format("cannot be opened: {}", reason_of(reason)));
        error.code = is_shortage(reason) ? ErrorCode::try_later : error.code;
        return error;
    }
    struct stat status {};
    if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return cannot(path_, "is no regular file");
    }
    if ((status.st_mode & S_IRWXO) != 0) {
        return cannot(path_, "is open to everybody; run `chmod o-rwx` on it");
    }
    Result<std::string> content = read_all(path_, file.number());
    if (!content.has_value()) {
        return content.error();
    }
    while (!content->empty() && (content->back() == '\n' || content->back() == '\r')) {
        content->pop_back();
    }
    if (content->empty()) {
        return cannot(path_, "is empty");
    }
    return Secret{std::move(*content)};
}

} // namespace reviewd::notify
