#include "tests/fuzz/fuzz.hpp"

#include <cstdio>
#include <cstdlib>

namespace reviewd::fuzz {

void require(bool holds, std::string_view sentence) {
    if (!holds) {
        std::fprintf(
            stderr, "this does not hold: %.*s\n", static_cast<int>(sentence.size()), sentence.data()
        );
        std::abort();
    }
}

std::size_t Input::below(std::size_t bound) {
    if (rest_.empty()) {
        return 0;
    }
    const auto byte = static_cast<unsigned char>(rest_.back());
    rest_.remove_suffix(1);
    return byte % bound;
}

std::string_view Input::part_behind(char mark) {
    const std::size_t at = rest_.rfind(mark);
    const std::string_view part = rest_.substr(at == std::string_view::npos ? 0 : at + 1);
    rest_.remove_suffix(at == std::string_view::npos ? rest_.size() : part.size() + 1);
    return part;
}

} // namespace reviewd::fuzz
