#pragma once

#include "scoring/engine/columnar/assembler.hpp"
#include "scoring/engine/columnar/kernels.hpp"

#include <optional>

namespace reviewd::engine::columnar {

/// Which rows: none, all, or those that a value of the program says.
struct Mask {
    enum class Kind { none, all, some };
    Kind kind = Kind::none;
    ValueId value = 0; ///< of `some`

    [[nodiscard]] bool is_none() const { return kind == Kind::none; }
    [[nodiscard]] bool is_all() const { return kind == Kind::all; }
};

inline constexpr Mask no_rows{Mask::Kind::none, 0};
inline constexpr Mask all_rows{Mask::Kind::all, 0};

/// Where a condition is definitely true and where definitely false; elsewhere it is unknown or an
/// error.
struct Condition {
    Mask yes;
    Mask no;
};

/// Emits instructions over masks, and leaves out what is known beforehand.
class Masks {
public:
    Masks(Assembler& assembler, const FactColumns& columns)
        : assembler_(assembler), columns_(columns) {}

    [[nodiscard]] Mask all_of(std::vector<Mask> masks);
    [[nodiscard]] Mask any_of(std::vector<Mask> masks);
    [[nodiscard]] Mask opposite(Mask mask);
    /// The rows whose code in the column is in the set; the set has a byte for each code.
    [[nodiscard]] Mask of_codes(std::uint32_t slot, const std::vector<std::uint8_t>& set);
    /// The rows whose set has the text.
    /// @pre the column holds sets
    [[nodiscard]] Mask of_member(std::uint32_t slot, const std::string& text);
    /// The mask of a step that makes one.
    [[nodiscard]] Mask of_step(Step step) {
        return {Mask::Kind::some, assembler_.emit(std::move(step))};
    }
    /// The cells of a column.
    [[nodiscard]] ValueId cells(std::uint32_t slot);

private:
    [[nodiscard]] Mask combined(MaskOperation operation, std::vector<Mask> masks);

    Assembler& assembler_;
    const FactColumns& columns_;
};

} // namespace reviewd::engine::columnar
