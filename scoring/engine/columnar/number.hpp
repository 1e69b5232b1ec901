#pragma once

#include "scoring/engine/columnar/masks.hpp"

#include <optional>

namespace reviewd::engine::columnar {

/// A number or a day of each row.
struct Number {
    Lane lane = Lane::real; ///< short_integer and wider are whole numbers
    bool is_date = false;   ///< whole number: days since 1970-01-01
    /// Of lane `real`: some rows hold whole numbers (exact, within 2^53), which compare and score
    /// alike but divide otherwise.
    bool may_be_whole = false;
    bool is_constant = false;
    std::int64_t integer = 0; ///< of a constant whole number
    double real = 0;          ///< of a constant real
    ValueId value = 0;        ///< if it is no constant
    std::int64_t least = 0;   ///< bounds of a whole number, even where it is not known
    std::int64_t greatest = 0;
    Mask is_known = all_rows; ///< elsewhere it is unknown or an error

    [[nodiscard]] bool is_whole() const { return lane != Lane::real; }
};

[[nodiscard]] Lane narrowest_lane(std::int64_t least, std::int64_t greatest);

/// Emits instructions over numbers. What gives nothing cannot be done in columns.
class Numbers {
public:
    Numbers(Assembler& assembler, Masks& masks, const FactColumns& columns)
        : assembler_(assembler), masks_(masks), columns_(columns) {}

    [[nodiscard]] std::optional<Number> constant(const cel::Value& value) const;
    /// @param values by code of the column; unknown and error where there is none
    [[nodiscard]] std::optional<Number> of_codes(
        std::uint32_t slot, const std::vector<cel::Value>& values
    );
    /// @pre the column is not coded
    [[nodiscard]] Number of_column(std::uint32_t slot);

    /// How many elements the lists have.
    /// @pre the column holds sets
    [[nodiscard]] Number set_size(std::uint32_t slot);

    [[nodiscard]] std::optional<Number> calculated(Arithmetic operation, Number a, Number b);
    [[nodiscard]] std::optional<Number> negated(const Number& number);
    [[nodiscard]] std::optional<Number> chosen(const Condition& condition, Number yes, Number no);
    /// The least or greatest of the two, as min() and max() have it; the first when they are equal.
    [[nodiscard]] std::optional<Number> extreme(Arithmetic operation, Number a, Number b);
    [[nodiscard]] std::optional<Number> clamped(Number number, Number low, Number high);
    [[nodiscard]] std::optional<Number> days_between(const Number& from, const Number& to);
    [[nodiscard]] std::optional<Number> as_real(Number number);

    /// Where both are known and compare so; the opposite where both are known and do not.
    [[nodiscard]] std::optional<Condition> compared(Comparison comparison, Number a, Number b);

    /// Points as thousandths of lane `integer`, and where they can be judged.
    struct Points {
        ValueId value = 0;
        Mask is_known;
    };
    [[nodiscard]] Points points(Number number);

private:
    [[nodiscard]] Number in_lane(const Number& number, Lane lane);
    [[nodiscard]] ValueId value_of(const Number& number);
    [[nodiscard]] bool agree(Number& a, Number& b);
    [[nodiscard]] Mask compared_mask(Comparison comparison, const Number& a, const Number& b);
    [[nodiscard]] std::optional<Number> whole(Arithmetic operation, Number a, Number b);
    [[nodiscard]] Number emitted(Arithmetic operation, const Number& a, const Number& b);
    [[nodiscard]] Number looked_up(
        std::uint32_t slot,
        const std::vector<std::int64_t>& values,
        const std::vector<std::uint8_t>& is_known,
        Number number
    );

    Assembler& assembler_;
    Masks& masks_;
    const FactColumns& columns_;
};

} // namespace reviewd::engine::columnar
