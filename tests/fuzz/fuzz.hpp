#pragma once

// tests/fuzz: one harness for each entry through which bytes of others come in. A harness says what
// holds for all bytes; clang's libFuzzer looks for bytes for which it does not (tests/fuzz/run),
// and replay_main.cpp tries the files of the tree and some thousand mutations of them in every
// suite.

#include <cstddef>
#include <cstdint>
#include <string_view>

/// The one entry of a harness: the signature that libFuzzer calls. Ends the process where a
/// property does not hold.
/// @returns 0
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace reviewd::fuzz {

/// Ends the process, saying `sentence`, unless it `holds`.
void require(bool holds, std::string_view sentence);

/// An input as a harness takes it apart: numbers from its end, so that a file of the tree is an
/// input as it is, and what is left as text.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size)
        : rest_{reinterpret_cast<const char*>(data), size} {}

    /// 0 … `bound` - 1; 0 when no byte is left. @pre 0 < bound <= 256
    [[nodiscard]] std::size_t below(std::size_t bound);
    /// Behind the last `mark`, which goes with it; everything when there is none.
    [[nodiscard]] std::string_view part_behind(char mark);
    [[nodiscard]] std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
};

} // namespace reviewd::fuzz
