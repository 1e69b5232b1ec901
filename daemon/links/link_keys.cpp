// A token is base64url(body ‖ first 16 bytes of HMAC-SHA256(key, body)). The body: format, key id,
// purpose, then review, version, occurrence and person as variable-length numbers, the end in
// minutes, and a nonce. The key is derived from the secret, so that the secret signs nothing else.
#include "daemon/links/link_keys.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/base/base64.hpp"

#include <fmt/format.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

namespace reviewd::links {
namespace {

constexpr char format_byte = 1;
constexpr std::size_t mac_bytes = 16;
constexpr std::size_t nonce_bytes = 8;
constexpr std::size_t longest_token = 80;
constexpr std::array<std::string_view, 2> purposes{"answer", "calendar"};

std::string hmac(const std::string& key, std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> out{};
    unsigned int size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    const unsigned char* made = HMAC(
        EVP_sha256(),
        key.data(),
        static_cast<int>(key.size()),
        bytes,
        text.size(),
        out.data(),
        &size
    );
    REVIEWD_ASSERT(made != nullptr && size == out.size());
    return {reinterpret_cast<const char*>(out.data()), out.size()};
}

void put_number(std::string& body, std::int64_t number) {
    auto rest = static_cast<std::uint64_t>(number);
    while (rest >= 128U) {
        body += static_cast<char>((rest & 127U) | 128U);
        rest >>= 7U;
    }
    body += static_cast<char>(rest);
}

/// Takes pieces off the front; after a fault everything is empty.
class BodyReader {
public:
    explicit BodyReader(std::string_view body) : body_(body) {}

    std::string_view bytes(std::size_t count) {
        if (body_.size() < count) {
            is_good_ = false;
            return {};
        }
        const std::string_view taken = body_.substr(0, count);
        body_.remove_prefix(count);
        return taken;
    }
    std::int64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 63U; shift += 7U) {
            const std::string_view one = bytes(1);
            if (one.empty()) {
                return 0;
            }
            const auto byte = static_cast<unsigned char>(one.front());
            value |= static_cast<std::uint64_t>(byte & 127U) << shift;
            if (byte < 128U) {
                return static_cast<std::int64_t>(value);
            }
        }
        is_good_ = false;
        return 0;
    }
    [[nodiscard]] bool is_whole() const { return is_good_ && body_.empty(); }

private:
    std::string_view body_;
    bool is_good_ = true;
};

Result<notify::Secret> read_secret(
    const std::string& file, const std::string& credential, const std::string& directory
) {
    if (file.empty() && directory.empty()) {
        return fail(
            ErrorCode::bad_config,
            fmt::format(
                "links: the credential `{}` is wanted, but the service manager gave none: write "
                "`LoadCredential={}:/path` into the unit",
                credential,
                credential
            )
        );
    }
    const std::string path =
        file.empty() ? (std::filesystem::path{directory} / credential).string() : file;
    Result<notify::Secret> secret = notify::SecretSource{path}.read();
    if (secret.has_value() && secret->reveal().size() < LinkKeys::secret_bytes_least) {
        return fail(
            ErrorCode::bad_config,
            fmt::format(
                "links: the secret in {} is too short; write at least {} random bytes, for "
                "instance with `openssl rand -hex 32`",
                path,
                LinkKeys::secret_bytes_least
            )
        );
    }
    return secret;
}

} // namespace

LinkKeys::LinkKeys(const notify::Secret& current, const std::optional<notify::Secret>& previous)
    : current_(key_of(current)) {
    if (previous) {
        previous_ = key_of(*previous);
    }
}

LinkKeys::Key LinkKeys::key_of(const notify::Secret& secret) {
    REVIEWD_ASSERT(secret.reveal().size() >= secret_bytes_least);
    Key key;
    key.derived = notify::Secret{hmac(secret.reveal(), "reviewd link key 1")};
    const std::string id = hmac(key.derived.reveal(), "key id");
    std::copy_n(id.begin(), key.id.size(), reinterpret_cast<char*>(key.id.data()));
    return key;
}

std::string LinkKeys::sign(const store::LinkGrant& grant) const {
    const auto purpose = std::find(purposes.begin(), purposes.end(), grant.purpose);
    REVIEWD_ASSERT(purpose != purposes.end());
    std::string body;
    body += format_byte;
    body.append(reinterpret_cast<const char*>(current_.id.data()), current_.id.size());
    body += static_cast<char>(purpose - purposes.begin());
    put_number(body, grant.review.value);
    put_number(body, grant.review_version);
    put_number(body, grant.occurrence);
    put_number(body, grant.person.value);
    put_number(
        body, std::chrono::floor<std::chrono::minutes>(grant.expires).time_since_epoch().count()
    );
    body += hmac(current_.derived.reveal(), grant.placeholder).substr(0, nonce_bytes);
    const std::string mac = hmac(current_.derived.reveal(), body).substr(0, mac_bytes);
    return encode_base64url(body + mac);
}

LinkKeys::Checked LinkKeys::check(std::string_view token, std::string_view purpose, TimePoint now)
    const {
    Checked checked;
    const std::optional<std::string> bytes =
        token.size() > longest_token ? std::nullopt : decode_base64url(token);
    if (!bytes || bytes->size() < mac_bytes + 4) {
        return checked;
    }
    const std::string_view all = *bytes;
    const std::string_view body = all.substr(0, all.size() - mac_bytes);
    const std::string_view mac = all.substr(all.size() - mac_bytes);
    const auto is_of = [&](const Key& key) {
        return std::equal(key.id.begin(), key.id.end(), body.begin() + 1, [](auto a, char b) {
            return a == static_cast<unsigned char>(b);
        });
    };
    const Key* key = is_of(current_) ? &current_ : nullptr;
    if (key == nullptr && previous_ && is_of(*previous_)) {
        key = &*previous_;
    }
    if (key == nullptr) {
        return checked;
    }
    const std::string expected = hmac(key->derived.reveal(), body).substr(0, mac_bytes);
    if (CRYPTO_memcmp(expected.data(), mac.data(), mac_bytes) != 0) {
        return checked;
    }
    BodyReader reader{body.substr(3)};
    const std::string_view kind = reader.bytes(1);
    store::LinkGrant grant;
    grant.review = ReviewId{reader.number()};
    grant.review_version = static_cast<int>(reader.number());
    grant.occurrence = static_cast<int>(reader.number());
    grant.person = PersonId{reader.number()};
    grant.expires = TimePoint{std::chrono::minutes{reader.number()}};
    static_cast<void>(reader.bytes(nonce_bytes));
    const auto index = kind.empty() ? purposes.size() : static_cast<std::size_t>(kind.front());
    if (!reader.is_whole() || body.front() != format_byte || index >= purposes.size()
        || purposes[index] != purpose) {
        return checked;
    }
    checked.person = grant.person;
    if (grant.expires <= now) {
        checked.fault = TokenFault::expired;
        return checked;
    }
    grant.purpose = purposes[index];
    checked.grant = std::move(grant);
    return checked;
}

Result<LinkKeys> read_link_keys(
    const config::LinkSettings& settings, const std::string& credentials_directory
) {
    const Result<notify::Secret> current =
        read_secret(settings.secret_file, settings.secret_credential, credentials_directory);
    if (!current.has_value()) {
        return current.error();
    }
    std::optional<notify::Secret> previous;
    if (!settings.previous_secret_file.empty() || !settings.previous_secret_credential.empty()) {
        Result<notify::Secret> read = read_secret(
            settings.previous_secret_file,
            settings.previous_secret_credential,
            credentials_directory
        );
        if (!read.has_value()) {
            return read.error();
        }
        previous = *read;
    }
    return LinkKeys{*current, previous};
}

} // namespace reviewd::links
