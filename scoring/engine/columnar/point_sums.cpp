// Points are added in bytes as long as the bounds allow: sixteen accounts a vector. Bytes wrap
// around on the way; only what an accumulator holds at its end has to fit. Full ones are widened
// and added up.
#include "scoring/engine/columnar/point_sums.hpp"

#include <algorithm>
#include <numeric>

namespace reviewd::engine::columnar {
namespace {

using rules::Points;

constexpr Points least_byte = -128;
constexpr Points greatest_byte = 127;

Points magnitude(Points points) {
    return points < 0 ? -points : points;
}

/// The value that most codes have.
Points usual(const std::vector<Points>& table) {
    std::map<Points, std::size_t> counts;
    for (const Points points : table) {
        ++counts[points];
    }
    return std::max_element(
               counts.begin(),
               counts.end(),
               [](const auto& a, const auto& b) { return a.second < b.second; }
    )->first;
}

/// Emits sums of one group, in units.
class Adder {
public:
    Adder(Assembler& assembler, Lane lane) : assembler_(assembler), lane_(lane) {}

    void add_masked(ValueId mask, Points units) {
        if (units >= least_byte && units <= greatest_byte) {
            make_room(std::min<Points>(units, 0), std::max<Points>(units, 0));
            byte_masks_.emplace_back(mask, units);
            emit_masks(byte_masks_, Lane::byte, bytes_, most_inputs);
        } else {
            wide_masks_.emplace_back(mask, units);
            emit_masks(wide_masks_, lane_, wide_, most_inputs);
        }
    }

    void add_byte(ValueId value, Points least, Points greatest) {
        make_room(least, greatest);
        bytes_.push_back(value);
    }

    void add_wide(ValueId value) { wide_.push_back(value); }

    [[nodiscard]] std::optional<ValueId> finish() {
        close_bytes();
        emit_masks(wide_masks_, lane_, wide_, 1);
        if (!closed_.empty()) {
            wide_.push_back(summed(closed_, Lane::byte, lane_));
        }
        return wide_.empty() ? std::nullopt : std::optional{summed(wide_, lane_, lane_)};
    }

private:
    using MaskedUnits = std::vector<std::pair<ValueId, Points>>;

    void make_room(Points least, Points greatest) {
        if (least_ + least < least_byte || greatest_ + greatest > greatest_byte) {
            close_bytes();
        }
        least_ += least;
        greatest_ += greatest;
    }

    /// One instruction for all masks that wait, when there are at least `enough`.
    void emit_masks(
        MaskedUnits& waiting, Lane lane, std::vector<ValueId>& sums, std::size_t enough
    ) {
        if (waiting.size() < enough || waiting.empty()) {
            return;
        }
        Step step;
        step.run = masked_sum_kernel(lane, waiting.size());
        step.width = width_of(lane);
        for (const auto& [mask, units] : waiting) {
            step.inputs.push_back(mask);
            step.constants.push_back(units);
        }
        sums.push_back(assembler_.emit(std::move(step)));
        waiting.clear();
    }

    void close_bytes() {
        emit_masks(byte_masks_, Lane::byte, bytes_, 1);
        if (!bytes_.empty()) {
            closed_.push_back(summed(bytes_, Lane::byte, Lane::byte));
        }
        bytes_.clear();
        least_ = greatest_ = 0;
    }

    ValueId summed(std::vector<ValueId> values, Lane from, Lane to) {
        std::vector<ValueId> sums;
        while (values.size() > 1 || from != to) {
            sums.clear();
            for (std::size_t first = 0; first < values.size(); first += most_inputs) {
                const std::size_t count = std::min(most_inputs, values.size() - first);
                const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
                Step step;
                step.run = sum_kernel(from, to, count);
                step.width = width_of(to);
                step.inputs.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
                sums.push_back(assembler_.emit(std::move(step)));
            }
            values = sums;
            from = to;
        }
        return values.front();
    }

    Assembler& assembler_;
    Lane lane_;
    MaskedUnits byte_masks_;
    MaskedUnits wide_masks_;
    std::vector<ValueId> bytes_;  ///< of the accumulator that is being filled
    std::vector<ValueId> closed_; ///< full accumulators
    std::vector<ValueId> wide_;
    Points least_ = 0;
    Points greatest_ = 0;
};

/// Adds a table: as one constant for each set of codes where those are few, else as a look-up.
class TableAdder {
public:
    TableAdder(Assembler& assembler, Masks& masks, Adder& adder)
        : assembler_(assembler), masks_(masks), adder_(adder) {}

    void add(std::uint32_t slot, std::size_t width, const std::vector<Points>& units, Lane lane) {
        std::map<Points, std::vector<std::uint8_t>> sets;
        for (std::size_t code = 0; code < units.size(); ++code) {
            if (units[code] != 0) {
                sets.try_emplace(units[code], units.size()).first->second[code] = 1;
            }
        }
        if (sets.size() <= sets_worth_masks(width, units.size())) {
            for (const auto& [points, set] : sets) {
                adder_.add_masked(masks_.of_codes(slot, set).value, points);
            }
            return;
        }
        const auto [least, greatest] = std::minmax_element(units.begin(), units.end());
        Step step;
        step.inputs = {masks_.cells(slot)};
        if (*least >= least_byte && *greatest <= greatest_byte) {
            std::vector<std::int8_t> table(units.begin(), units.end());
            const bool is_short = width == 1 && table.size() <= longest_short_table;
            table.resize(is_short ? (table.size() + 15) / 16 * 16 : table.size());
            step.run =
                is_short ? short_lookup_kernel(table.size()) : lookup_kernel(width, Lane::byte);
            step.table = assembler_.table(table);
            adder_.add_byte(
                assembler_.emit(std::move(step)),
                std::min<Points>(*least, 0),
                std::max<Points>(*greatest, 0)
            );
            return;
        }
        step.run = lookup_kernel(width, lane);
        step.width = width_of(lane);
        step.table = lane == Lane::short_integer ? assembler_.table(narrowed<std::int16_t>(units))
                     : lane == Lane::integer     ? assembler_.table(narrowed<std::int32_t>(units))
                                                 : assembler_.table(units);
        adder_.add_wide(assembler_.emit(std::move(step)));
    }

private:
    template <class T>
    static std::vector<T> narrowed(const std::vector<Points>& units) {
        return std::vector<T>(units.begin(), units.end());
    }

    /// How many masks take no longer than a look-up; measured.
    static std::size_t sets_worth_masks(std::size_t width, std::size_t codes) {
        if (width > 1) {
            return 6;
        }
        return codes > longest_short_table ? 10 : codes / 16;
    }

    Assembler& assembler_;
    Masks& masks_;
    Adder& adder_;
};

} // namespace

void PointSums::add(std::uint32_t slot, const std::vector<Points>& points) {
    const auto [found, is_first] = tables_.try_emplace(slot, points);
    for (std::size_t code = 0; code < points.size() && !is_first; ++code) {
        found->second[code] += points[code];
    }
}

void PointSums::add(Mask mask, Points points) {
    if (mask.is_all()) {
        add(points);
    } else if (!mask.is_none() && points != 0) {
        masked_.push_back({mask, points});
    }
}

void PointSums::add(Mask mask, ValueId value, Lane lane, Points most) {
    if (!mask.is_none()) {
        computed_.push_back({mask, value, lane, most});
    }
}

Points PointSums::unit(Points unit) const {
    unit = std::gcd(unit, constant_);
    for (const auto& [slot, table] : tables_) {
        for (const Points points : table) {
            unit = std::gcd(unit, points);
        }
    }
    for (const Masked& one : masked_) {
        unit = std::gcd(unit, one.points);
    }
    return unit;
}

Points PointSums::bound() const {
    Points bound = magnitude(constant_);
    for (const auto& [slot, table] : tables_) {
        const auto [least, greatest] = std::minmax_element(table.begin(), table.end());
        bound += 2 * std::max(magnitude(*least), magnitude(*greatest));
    }
    for (const Masked& one : masked_) {
        bound += magnitude(one.points);
    }
    for (const Computed& one : computed_) {
        bound += one.most;
    }
    return bound;
}

PointSums::Sum PointSums::emit(
    Assembler& assembler, Masks& masks, const FactColumns& columns, Points unit, Lane lane
) {
    Sum sum;
    sum.constant = constant_ / unit;
    Adder adder{assembler, lane};
    TableAdder tables{assembler, masks, adder};
    for (const auto& [slot, table] : tables_) {
        const Points offset = usual(table);
        std::vector<Points> units(table.size());
        std::transform(table.begin(), table.end(), units.begin(), [&](Points points) {
            return (points - offset) / unit;
        });
        sum.constant += offset / unit;
        tables.add(slot, columns.columns()[slot].width, units, lane);
    }
    for (const Masked& one : masked_) {
        adder.add_masked(one.mask.value, one.points / unit);
    }
    for (const Computed& one : computed_) {
        ValueId value = one.value;
        if (one.lane != lane) {
            Step step;
            step.run = convert_kernel(one.lane, lane);
            step.width = width_of(lane);
            step.inputs = {value};
            value = assembler.emit(std::move(step));
        }
        if (!one.mask.is_all()) {
            Step step;
            step.run = masked_value_kernel(lane);
            step.width = width_of(lane);
            step.inputs = {one.mask.value, value};
            value = assembler.emit(std::move(step));
        }
        adder.add_wide(value);
    }
    sum.value = adder.finish();
    return sum;
}

} // namespace reviewd::engine::columnar
