#pragma once

#include "scoring/engine/columnar/masks.hpp"
#include "scoring/rules/rule_set.hpp"

#include <map>

namespace reviewd::engine::columnar {

/// What the rules of one group, or those without one, add to the score, gathered so that as few
/// instructions as possible add it up. Points of constants and tables are whole multiples of the
/// unit.
class PointSums {
public:
    void add(rules::Points points) { constant_ += points; }
    /// Points for each code of a column; tables over one column are summed here already.
    void add(std::uint32_t slot, const std::vector<rules::Points>& points);
    void add(Mask mask, rules::Points points);
    /// Points computed row by row where the mask is set: |units| of the lane, at most `most`.
    void add(Mask mask, ValueId value, Lane lane, rules::Points most);

    /// The greatest common divisor of `unit` and all constant points.
    [[nodiscard]] rules::Points unit(rules::Points unit) const;
    /// No partial sum goes beyond this, up or down.
    [[nodiscard]] rules::Points bound() const;

    struct Sum {
        std::optional<ValueId> value; ///< units; absent when nothing varies
        rules::Points constant = 0;   ///< units to be added
    };
    /// Emits the instructions.
    /// @param lane holds all sums of units
    [[nodiscard]] Sum emit(
        Assembler& assembler,
        Masks& masks,
        const FactColumns& columns,
        rules::Points unit,
        Lane lane
    );

private:
    struct Masked {
        Mask mask;
        rules::Points points = 0;
    };
    struct Computed {
        Mask mask;
        ValueId value = 0;
        Lane lane = Lane::integer;
        rules::Points most = 0;
    };

    rules::Points constant_ = 0;
    std::map<std::uint32_t, std::vector<rules::Points>> tables_;
    std::vector<Masked> masked_;
    std::vector<Computed> computed_;
};

} // namespace reviewd::engine::columnar
