// Kernels over codes and masks. Plain loops of a fixed length, so that the compiler makes vectors
// of them; only the look-up in a short table is written for a machine, because no compiler finds
// it.
#include "scoring/base/assert.hpp"
#include "scoring/engine/columnar/lanes.hpp"

#include <utility>

#if defined(__SSSE3__)
#include <tmmintrin.h>
#endif

namespace reviewd::engine::columnar {
namespace {

template <class Code>
void in_range(const Instruction& instruction, const Frame& frame) {
    const Code* __restrict codes = input<Code>(instruction, frame, 0);
    std::uint8_t* __restrict out = output<std::uint8_t>(instruction, frame);
    const Code first = constant<Code>(instruction, 0);
    const Code span = constant<Code>(instruction, 1);
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = mask_of(static_cast<Code>(codes[i] - first) <= span);
    }
}

template <class Set>
void has_member(const Instruction& instruction, const Frame& frame) {
    const Set* __restrict sets = input<Set>(instruction, frame, 0);
    std::uint8_t* __restrict out = output<std::uint8_t>(instruction, frame);
    const Set bit = constant<Set>(instruction, 0);
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = mask_of((sets[i] & bit) != 0);
    }
}

template <class Set>
void count_members(const Instruction& instruction, const Frame& frame) {
    const Set* __restrict sets = input<Set>(instruction, frame, 0);
    std::int16_t* __restrict out = output<std::int16_t>(instruction, frame);
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = static_cast<std::int16_t>(std::popcount(sets[i]));
    }
}

template <class Code, class T>
void look_up(const Instruction& instruction, const Frame& frame) {
    const Code* __restrict codes = input<Code>(instruction, frame, 0);
    const T* __restrict table = static_cast<const T*>(instruction.table);
    T* __restrict out = output<T>(instruction, frame);
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = table[codes[i]];
    }
}

template <class Code>
Kernel lookup_of(Lane lane) {
    switch (lane) {
    case Lane::byte:
        return &look_up<Code, std::uint8_t>;
    case Lane::short_integer:
        return &look_up<Code, std::int16_t>;
    case Lane::integer:
        return &look_up<Code, std::int32_t>;
    case Lane::long_integer:
        return &look_up<Code, std::int64_t>;
    case Lane::real:
        return &look_up<Code, double>;
    }
    assertion_failed("every lane has a look-up", __FILE__, __LINE__);
}

constexpr std::size_t bytes_of_vector = 16;

template <std::size_t Parts>
void look_up_short(const Instruction& instruction, const Frame& frame) {
    const auto* codes = input<std::uint8_t>(instruction, frame, 0);
    const auto* table = static_cast<const std::uint8_t*>(instruction.table);
    auto* out = output<std::uint8_t>(instruction, frame);
#if defined(__SSSE3__)
    const auto load = [](const std::uint8_t* from) {
        return _mm_loadu_si128(static_cast<const __m128i*>(static_cast<const void*>(from)));
    };
    struct Part {
        __m128i bytes;
    };
    std::array<Part, Parts> parts;
    for (std::size_t part = 0; part < Parts; ++part) {
        parts[part].bytes = load(table + part * bytes_of_vector);
    }
    // Moves the sixteen codes of a part to 0x70 … 0x7F and all others above 0x7F, which give 0.
    const __m128i lift = _mm_set1_epi8(0x70);
    for (std::size_t i = 0; i < chunk_rows; i += bytes_of_vector) {
        const __m128i code = load(codes + i);
        __m128i found = _mm_shuffle_epi8(parts[0].bytes, _mm_adds_epu8(code, lift));
        for (std::size_t part = 1; part < Parts; ++part) {
            const __m128i first = _mm_set1_epi8(static_cast<char>(part * bytes_of_vector));
            const __m128i index = _mm_adds_epu8(_mm_sub_epi8(code, first), lift);
            found = _mm_or_si128(found, _mm_shuffle_epi8(parts[part].bytes, index));
        }
        _mm_storeu_si128(static_cast<__m128i*>(static_cast<void*>(out + i)), found);
    }
#else
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = table[codes[i]];
    }
#endif
}

template <std::size_t... Part>
Kernel short_lookup_of(std::size_t parts, std::index_sequence<Part...> /*parts*/) {
    constexpr std::array<Kernel, sizeof...(Part)> kernels{&look_up_short<Part + 1>...};
    return kernels.at(parts - 1);
}

template <MaskOperation Operation, std::size_t... Index>
void combine(const Instruction& instruction, const Frame& frame) {
    const std::array<const std::uint8_t*, sizeof...(Index)> masks{
        input<std::uint8_t>(instruction, frame, Index)...};
    std::uint8_t* __restrict out = output<std::uint8_t>(instruction, frame);
    REVIEWD_INDEPENDENT
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        if constexpr (Operation == MaskOperation::all_of) {
            out[i] = static_cast<std::uint8_t>((masks[Index][i] & ...));
        } else {
            out[i] = static_cast<std::uint8_t>((masks[Index][i] | ...));
        }
    }
}

template <MaskOperation Operation>
Kernel mask_kernel_of(std::size_t count) {
    switch (count) {
    case 2:
        return &combine<Operation, 0, 1>;
    case 3:
        return &combine<Operation, 0, 1, 2>;
    case 4:
        return &combine<Operation, 0, 1, 2, 3>;
    default:
        assertion_failed("two to four masks are combined", __FILE__, __LINE__);
    }
}

void negate(const Instruction& instruction, const Frame& frame) {
    const std::uint8_t* __restrict mask = input<std::uint8_t>(instruction, frame, 0);
    std::uint8_t* __restrict out = output<std::uint8_t>(instruction, frame);
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = static_cast<std::uint8_t>(~mask[i]);
    }
}

} // namespace

std::size_t width_of(Lane lane) {
    constexpr std::array<std::size_t, 5> widths{1, 2, 4, 8, 8};
    return widths[static_cast<std::size_t>(lane)];
}

Kernel range_kernel(std::size_t code_width) {
    return code_width == 1   ? &in_range<std::uint8_t>
           : code_width == 2 ? &in_range<std::uint16_t>
                             : &in_range<std::uint32_t>;
}

Kernel set_member_kernel(std::size_t set_width) {
    return set_width == 1   ? &has_member<std::uint8_t>
           : set_width == 2 ? &has_member<std::uint16_t>
           : set_width == 4 ? &has_member<std::uint32_t>
                            : &has_member<std::uint64_t>;
}

Kernel set_size_kernel(std::size_t set_width) {
    return set_width == 1   ? &count_members<std::uint8_t>
           : set_width == 2 ? &count_members<std::uint16_t>
           : set_width == 4 ? &count_members<std::uint32_t>
                            : &count_members<std::uint64_t>;
}

Kernel lookup_kernel(std::size_t code_width, Lane lane) {
    return code_width == 1   ? lookup_of<std::uint8_t>(lane)
           : code_width == 2 ? lookup_of<std::uint16_t>(lane)
                             : lookup_of<std::uint32_t>(lane);
}

Kernel short_lookup_kernel(std::size_t table_size) {
    constexpr auto parts = std::make_index_sequence<longest_short_table / bytes_of_vector>{};
    return short_lookup_of(table_size / bytes_of_vector, parts);
}

Kernel mask_kernel(MaskOperation operation, std::size_t count) {
    return operation == MaskOperation::all_of ? mask_kernel_of<MaskOperation::all_of>(count)
                                              : mask_kernel_of<MaskOperation::any_of>(count);
}

Kernel not_kernel() {
    return &negate;
}

} // namespace reviewd::engine::columnar
