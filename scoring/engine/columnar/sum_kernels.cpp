// Kernels that add points up and make scores of them.
#include "scoring/base/assert.hpp"
#include "scoring/engine/columnar/lanes.hpp"

#include <algorithm>
#include <utility>

namespace reviewd::engine::columnar {
namespace {

/// Sums wrap around in bytes, so they are made without sign.
template <class T>
using Wrapping = std::make_unsigned_t<T>;

template <class T, std::size_t... Index>
void masked_sum(const Instruction& instruction, const Frame& frame) {
    const std::array<const std::int8_t*, sizeof...(Index)> masks{
        input<std::int8_t>(instruction, frame, Index)...};
    const std::array<T, sizeof...(Index)> points{constant<T>(instruction, Index)...};
    T* __restrict out = output<T>(instruction, frame);
    REVIEWD_INDEPENDENT
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        // A mask with its sign is all ones in every lane.
        out[i] = static_cast<T>(
            (static_cast<Wrapping<T>>(static_cast<T>(masks[Index][i]) & points[Index]) + ...)
        );
    }
}

template <class From, class T, std::size_t... Index>
void sum(const Instruction& instruction, const Frame& frame) {
    const std::array<const From*, sizeof...(Index)> values{
        input<From>(instruction, frame, Index)...};
    T* __restrict out = output<T>(instruction, frame);
    REVIEWD_INDEPENDENT
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = static_cast<T>((static_cast<Wrapping<T>>(static_cast<T>(values[Index][i])) + ...));
    }
}

template <class T, std::size_t... Count>
Kernel masked_sum_of(std::size_t count, std::index_sequence<Count...> /*counts*/) {
    const auto make = []<std::size_t... Index>(std::index_sequence<Index...>)->Kernel {
        return &masked_sum<T, Index...>;
    };
    const std::array<Kernel, sizeof...(Count)> kernels{
        make(std::make_index_sequence<Count + 1>{})...};
    return kernels.at(count - 1);
}

template <class From, class T, std::size_t... Count>
Kernel sum_of(std::size_t count, std::index_sequence<Count...> /*counts*/) {
    const auto make = []<std::size_t... Index>(std::index_sequence<Index...>)->Kernel {
        return &sum<From, T, Index...>;
    };
    const std::array<Kernel, sizeof...(Count)> kernels{
        make(std::make_index_sequence<Count + 1>{})...};
    return kernels.at(count - 1);
}

template <class Make>
Kernel for_sum(Lane lane, Make make) {
    switch (lane) {
    case Lane::byte:
        return make(std::int8_t{});
    case Lane::short_integer:
        return make(std::int16_t{});
    case Lane::integer:
        return make(std::int32_t{});
    case Lane::long_integer:
        return make(std::int64_t{});
    case Lane::real:
        break;
    }
    assertion_failed("points are whole", __FILE__, __LINE__);
}

template <class T>
void masked_value(const Instruction& instruction, const Frame& frame) {
    const std::int8_t* __restrict mask = input<std::int8_t>(instruction, frame, 0);
    const T* __restrict values = input<T>(instruction, frame, 1);
    T* __restrict out = output<T>(instruction, frame);
    REVIEWD_INDEPENDENT
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = static_cast<T>(static_cast<T>(mask[i]) & values[i]);
    }
}

template <class T>
void cap(const Instruction& instruction, const Frame& frame) {
    const T* __restrict sums = input<T>(instruction, frame, 0);
    T* __restrict out = output<T>(instruction, frame);
    const T more = constant<T>(instruction, 0);
    const T most = constant<T>(instruction, 1);
    const T least = static_cast<T>(-most);
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        const T total = static_cast<T>(sums[i] + more);
        const T raised = total < least ? least : total;
        out[i] = raised > most ? most : raised;
    }
}

template <class T>
void finish(const Instruction& instruction, const Frame& frame) {
    const T* __restrict sums = input<T>(instruction, frame, 0);
    const T base = constant<T>(instruction, 0);
    const T least = constant<T>(instruction, 1);
    const T most = constant<T>(instruction, 2);
    const auto unit = constant<std::int32_t>(instruction, 3);
    const auto edges = static_cast<std::size_t>(instruction.constants[4]);
    std::array<T, chunk_rows> totals;
    std::int32_t* __restrict points = frame.points;
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        const T total = static_cast<T>(sums[i] + base);
        const T raised = total < least ? least : total;
        totals[i] = raised > most ? most : raised;
    }
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        points[i] = static_cast<std::int32_t>(totals[i]) * unit;
    }
    std::uint8_t* __restrict levels = frame.levels;
    std::fill_n(levels, chunk_rows, std::uint8_t{0});
    for (std::size_t edge = 0; edge < edges; ++edge) {
        const T from = constant<T>(instruction, 5 + edge);
        for (std::size_t i = 0; i < chunk_rows; ++i) {
            levels[i] = static_cast<std::uint8_t>(levels[i] + (totals[i] < from ? 1 : 0));
        }
    }
}

template <class T>
void store_sum(const Instruction& instruction, const Frame& frame) {
    const T* __restrict sums = input<T>(instruction, frame, 0);
    const std::int64_t more = instruction.constants[1];
    const std::int64_t unit = instruction.constants[2];
    std::int64_t* __restrict out = frame.sums[instruction.constants[0]];
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = (sums[i] + more) * unit;
    }
}

void judged(const Instruction& instruction, const Frame& frame) {
    const std::uint8_t* __restrict mask = input<std::uint8_t>(instruction, frame, 0);
    const auto lowest = constant<std::uint8_t>(instruction, 0);
    std::uint8_t* __restrict levels = frame.levels;
    std::uint8_t* __restrict is_judged = frame.is_judged;
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        is_judged[i] = mask[i];
        levels[i] = mask[i] != 0 ? levels[i] : lowest;
    }
}

constexpr auto counts = std::make_index_sequence<most_inputs>{};

} // namespace

Kernel masked_sum_kernel(Lane lane, std::size_t count) {
    return for_sum(lane, [&](auto type) { return masked_sum_of<decltype(type)>(count, counts); });
}

Kernel sum_kernel(Lane from, Lane to, std::size_t count) {
    return for_sum(to, [&](auto type) {
        using T = decltype(type);
        return from == Lane::byte ? sum_of<std::int8_t, T>(count, counts)
                                  : sum_of<T, T>(count, counts);
    });
}

Kernel masked_value_kernel(Lane lane) {
    return for_sum(lane, [](auto type) -> Kernel { return &masked_value<decltype(type)>; });
}

Kernel cap_kernel(Lane lane) {
    return for_sum(lane, [](auto type) -> Kernel { return &cap<decltype(type)>; });
}

Kernel finish_kernel(Lane lane) {
    return for_sum(lane, [](auto type) -> Kernel { return &finish<decltype(type)>; });
}

Kernel store_sum_kernel(Lane lane) {
    return for_sum(lane, [](auto type) -> Kernel { return &store_sum<decltype(type)>; });
}

Kernel judged_kernel() {
    return &judged;
}

} // namespace reviewd::engine::columnar
