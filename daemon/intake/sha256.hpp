#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace reviewd::intake {

/// SHA-256 of bytes that come in pieces.
class Sha256 {
public:
    Sha256();

    void add(std::string_view bytes);
    /// Hexadecimal, 64 digits. The object is spent.
    [[nodiscard]] std::string finish();

private:
    struct Release {
        void operator()(void* context) const noexcept;
    };

    std::unique_ptr<void, Release> context_;
};

} // namespace reviewd::intake
