// Kernels over numbers.
#include "scoring/base/assert.hpp"
#include "scoring/engine/columnar/lanes.hpp"
#include "scoring/engine/score.hpp"

#include <cmath>

namespace reviewd::engine::columnar {
namespace {

/// Calls `make` with a value of the lane's type.
template <class Make>
Kernel for_lane(Lane lane, Make make) {
    switch (lane) {
    case Lane::short_integer:
        return make(std::int16_t{});
    case Lane::integer:
        return make(std::int32_t{});
    case Lane::long_integer:
        return make(std::int64_t{});
    case Lane::real:
        return make(double{});
    case Lane::byte:
        break;
    }
    assertion_failed("bytes are no numbers", __FILE__, __LINE__);
}

/// The right operand: a value per row, or the same for all.
template <class T, RightOperand Right>
class Operand {
public:
    Operand(const Instruction& instruction, const Frame& frame) {
        if constexpr (Right == RightOperand::value) {
            values_ = input<T>(instruction, frame, 1);
        } else {
            constant_ = constant<T>(instruction, 0);
        }
    }
    T operator[](std::size_t row) const {
        if constexpr (Right == RightOperand::value) {
            return values_[row];
        } else {
            return constant_;
        }
    }

private:
    const T* values_ = nullptr;
    T constant_{};
};

template <Comparison How, class T>
bool compared(T a, T b) {
    switch (How) {
    case Comparison::equal:
        return a == b;
    case Comparison::not_equal:
        return a != b;
    case Comparison::less:
        return a < b;
    case Comparison::less_equal:
        return a <= b;
    case Comparison::greater:
        return a > b;
    case Comparison::greater_equal:
        return a >= b;
    }
}

template <class T, Comparison How, RightOperand Right>
void compare(const Instruction& instruction, const Frame& frame) {
    const T* __restrict left = input<T>(instruction, frame, 0);
    const Operand<T, Right> right{instruction, frame};
    std::uint8_t* __restrict out = output<std::uint8_t>(instruction, frame);
    REVIEWD_INDEPENDENT
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = mask_of(compared<How, T>(left[i], right[i]));
    }
}

template <class T, Arithmetic How>
T calculated(T a, T b) {
    if constexpr (How == Arithmetic::add) {
        return static_cast<T>(a + b);
    } else if constexpr (How == Arithmetic::subtract) {
        return static_cast<T>(a - b);
    } else if constexpr (How == Arithmetic::multiply) {
        return static_cast<T>(a * b);
    } else if constexpr (How == Arithmetic::divide) {
        return static_cast<T>(a / b);
    } else if constexpr (How == Arithmetic::remainder) {
        if constexpr (std::is_floating_point_v<T>) {
            assertion_failed("reals have no remainder", __FILE__, __LINE__);
        } else {
            return static_cast<T>(a % b);
        }
    } else if constexpr (How == Arithmetic::least) {
        return b < a ? b : a;
    } else {
        return b > a ? b : a;
    }
}

template <class T, Arithmetic How, RightOperand Right>
void calculate(const Instruction& instruction, const Frame& frame) {
    const T* __restrict left = input<T>(instruction, frame, 0);
    const Operand<T, Right> right{instruction, frame};
    T* __restrict out = output<T>(instruction, frame);
    REVIEWD_INDEPENDENT
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = calculated<T, How>(left[i], right[i]);
    }
}

template <class T, Comparison... How>
Kernel compare_of(Comparison comparison, RightOperand right) {
    constexpr std::array<Kernel, sizeof...(How)> values{&compare<T, How, RightOperand::value>...};
    constexpr std::array<Kernel, sizeof...(How)> constants{
        &compare<T, How, RightOperand::constant>...};
    const auto index = static_cast<std::size_t>(comparison);
    return right == RightOperand::value ? values.at(index) : constants.at(index);
}

template <class T, Arithmetic... How>
Kernel arithmetic_of(Arithmetic operation, RightOperand right) {
    constexpr std::array<Kernel, sizeof...(How)> values{&calculate<T, How, RightOperand::value>...};
    constexpr std::array<Kernel, sizeof...(How)> constants{
        &calculate<T, How, RightOperand::constant>...};
    const auto index = static_cast<std::size_t>(operation);
    return right == RightOperand::value ? values.at(index) : constants.at(index);
}

template <class T>
void fill(const Instruction& instruction, const Frame& frame) {
    const T value = constant<T>(instruction, 0);
    T* __restrict out = output<T>(instruction, frame);
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = value;
    }
}

template <class T>
void select(const Instruction& instruction, const Frame& frame) {
    const std::uint8_t* __restrict mask = input<std::uint8_t>(instruction, frame, 0);
    const T* __restrict yes = input<T>(instruction, frame, 1);
    const T* __restrict no = input<T>(instruction, frame, 2);
    T* __restrict out = output<T>(instruction, frame);
    REVIEWD_INDEPENDENT
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        const T a = yes[i];
        const T b = no[i];
        out[i] = mask[i] != 0 ? a : b;
    }
}

template <class From, class To>
void convert(const Instruction& instruction, const Frame& frame) {
    const From* __restrict from = input<From>(instruction, frame, 0);
    To* __restrict out = output<To>(instruction, frame);
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        out[i] = static_cast<To>(from[i]);
    }
}

template <class From>
Kernel convert_of(Lane to) {
    return for_lane(to, [](auto lane) -> Kernel { return &convert<From, decltype(lane)>; });
}

template <class Code, class T>
void add_offset(const Instruction& instruction, const Frame& frame) {
    const Code* __restrict codes = input<Code>(instruction, frame, 0);
    const std::int64_t offset = instruction.constants[0];
    T* __restrict out = output<T>(instruction, frame);
    if constexpr (std::is_same_v<T, double>) {
        // Codes and offsets that fit 32 bits are the rule; vectors convert no longer ones.
        const auto narrow = static_cast<std::int32_t>(offset);
        if (narrow == offset && offset < (std::int64_t{1} << 30)) {
            for (std::size_t i = 0; i < chunk_rows; ++i) {
                out[i] = static_cast<double>(static_cast<std::int32_t>(codes[i]) + narrow);
            }
            return;
        }
        for (std::size_t i = 0; i < chunk_rows; ++i) {
            out[i] = static_cast<double>(std::int64_t{codes[i]} + offset);
        }
    } else {
        const T narrow = static_cast<T>(offset);
        for (std::size_t i = 0; i < chunk_rows; ++i) {
            out[i] = static_cast<T>(static_cast<T>(codes[i]) + narrow);
        }
    }
}

/// |points| in thousandths up to which a rule may give any.
constexpr double most_thousandths = static_cast<double>(largest_points);

void points(const Instruction& instruction, const Frame& frame) {
    const double* __restrict reals = input<double>(instruction, frame, 0);
    std::int32_t* __restrict out = output<std::int32_t>(instruction, frame);
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        const double thousandths = reals[i] * static_cast<double>(rules::points_scale);
        const double fitting = std::fabs(thousandths) <= most_thousandths ? thousandths : 0.0;
        // Half away from zero; the difference is exact, as adding one half would not be.
        const double whole = std::trunc(fitting);
        const double rest = fitting - whole;
        const double up = rest >= 0.5 ? 1.0 : 0.0;
        const double down = rest <= -0.5 ? 1.0 : 0.0;
        out[i] = static_cast<std::int32_t>(whole + up - down);
    }
}

void points_fit(const Instruction& instruction, const Frame& frame) {
    const double* __restrict reals = input<double>(instruction, frame, 0);
    std::uint8_t* __restrict out = output<std::uint8_t>(instruction, frame);
    for (std::size_t i = 0; i < chunk_rows; ++i) {
        const double thousandths = reals[i] * static_cast<double>(rules::points_scale);
        out[i] = mask_of(std::fabs(thousandths) <= most_thousandths);
    }
}

} // namespace

Kernel compare_kernel(Lane lane, Comparison comparison, RightOperand right) {
    return for_lane(lane, [&](auto type) {
        return compare_of<
            decltype(type),
            Comparison::equal,
            Comparison::not_equal,
            Comparison::less,
            Comparison::less_equal,
            Comparison::greater,
            Comparison::greater_equal>(comparison, right);
    });
}

Kernel arithmetic_kernel(Lane lane, Arithmetic operation, RightOperand right) {
    return for_lane(lane, [&](auto type) {
        return arithmetic_of<
            decltype(type),
            Arithmetic::add,
            Arithmetic::subtract,
            Arithmetic::multiply,
            Arithmetic::divide,
            Arithmetic::remainder,
            Arithmetic::least,
            Arithmetic::greatest>(operation, right);
    });
}

Kernel fill_kernel(Lane lane) {
    return for_lane(lane, [](auto type) -> Kernel { return &fill<decltype(type)>; });
}

Kernel select_kernel(Lane lane) {
    return for_lane(lane, [](auto type) -> Kernel { return &select<decltype(type)>; });
}

Kernel convert_kernel(Lane from, Lane to) {
    switch (from) {
    case Lane::byte:
        return convert_of<std::int8_t>(to);
    case Lane::short_integer:
        return convert_of<std::int16_t>(to);
    case Lane::integer:
        return convert_of<std::int32_t>(to);
    case Lane::long_integer:
        return convert_of<std::int64_t>(to);
    case Lane::real:
        return convert_of<double>(to);
    }
    assertion_failed("every lane can be converted", __FILE__, __LINE__);
}

Kernel offset_kernel(std::size_t code_width, Lane lane) {
    return for_lane(lane, [&](auto type) -> Kernel {
        using T = decltype(type);
        return code_width == 1 ? &add_offset<std::uint8_t, T> : &add_offset<std::uint16_t, T>;
    });
}

Kernel points_kernel() {
    return &points;
}

Kernel points_fit_kernel() {
    return &points_fit;
}

} // namespace reviewd::engine::columnar
