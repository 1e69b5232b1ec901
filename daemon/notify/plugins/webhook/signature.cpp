#include "daemon/notify/plugins/webhook/signature.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/base/base64.hpp"
#include "scoring/base/text.hpp"

#include <fmt/core.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <optional>
#include <utility>

namespace reviewd::notify {
namespace {

constexpr std::string_view prefix = "whsec_";
constexpr std::size_t key_bytes_min = 24;
constexpr std::size_t key_bytes_max = 64;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// As Standard Webhooks has it, with padding.
std::optional<Secret> decoded(std::string_view text) {
    std::optional<std::string> bytes = text.size() % 4 == 0 ? decode_base64(text) : std::nullopt;
    return bytes ? std::optional{Secret{std::move(*bytes)}} : std::nullopt;
}

} // namespace

Result<std::vector<Secret>> read_signing_keys(const Secret& content) {
    std::vector<Secret> keys;
    std::string_view rest = content.reveal();
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        std::string_view line = trim(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (line.empty()) {
            continue;
        }
        const bool has_prefix = line.substr(0, prefix.size()) == prefix;
        line.remove_prefix(has_prefix ? prefix.size() : line.size());
        std::optional<Secret> key = decoded(line);
        const std::size_t length = key ? key->reveal().size() : 0;
        if (length < key_bytes_min || length > key_bytes_max) {
            return fail(
                ErrorCode::bad_config,
                "a signing key is `whsec_` and base64 of 24 to 64 bytes, one a line"
            );
        }
        keys.push_back(std::move(*key));
    }
    if (keys.empty()) {
        return fail(ErrorCode::bad_config, "there is no signing key in the file");
    }
    return keys;
}

std::string signature(
    const std::vector<Secret>& keys,
    std::string_view id,
    std::int64_t timestamp_seconds,
    std::string_view body
) {
    const std::string signed_text = fmt::format("{}.{}.{}", id, timestamp_seconds, body);
    std::string result;
    for (const Secret& key : keys) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned length = 0;
        const unsigned char* done = HMAC(
            EVP_sha256(),
            key.reveal().data(),
            static_cast<int>(key.reveal().size()),
            bytes_of(signed_text),
            signed_text.size(),
            digest.data(),
            &length
        );
        REVIEWD_ASSERT(done != nullptr);
        result += result.empty() ? "v1," : " v1,";
        result += encode_base64({reinterpret_cast<const char*>(digest.data()), length});
    }
    return result;
}

} // namespace reviewd::notify
