#include "scoring/engine/columnar/masks.hpp"

#include <algorithm>

namespace reviewd::engine::columnar {
namespace {

/// A run of codes, as the range kernel takes it.
struct Range {
    std::int64_t first = 0;
    std::int64_t span = 0;
};

/// The set as one range, which may wrap around at the end of the codes; nothing when it is several.
/// @pre the set is neither empty nor full
std::optional<Range> as_range(const std::vector<std::uint8_t>& set, std::size_t code_width) {
    std::size_t changes = 0;
    std::size_t begin = 0;
    std::size_t end = set.size();
    for (std::size_t code = 1; code < set.size(); ++code) {
        const bool is_in = set[code] != 0;
        if (is_in != (set[code - 1] != 0)) {
            ++changes;
            (is_in ? begin : end) = code;
        }
    }
    if (changes > 2 || (changes == 2 && set.front() != set.back())) {
        return std::nullopt;
    }
    if (changes == 2 && set.front() != 0) {
        const auto all = std::int64_t{1} << (8 * code_width);
        const auto gap = static_cast<std::int64_t>(begin) - static_cast<std::int64_t>(end);
        return Range{static_cast<std::int64_t>(begin), all - gap - 1};
    }
    if (begin > end) {
        begin = 0;
    }
    return Range{
        static_cast<std::int64_t>(begin),
        static_cast<std::int64_t>(end) - 1 - static_cast<std::int64_t>(begin)};
}

} // namespace

Mask Masks::combined(MaskOperation operation, std::vector<Mask> masks) {
    const bool is_and = operation == MaskOperation::all_of;
    const Mask absorbing = is_and ? no_rows : all_rows;
    const Mask neutral = is_and ? all_rows : no_rows;
    std::vector<ValueId> values;
    for (const Mask& mask : masks) {
        if (mask.kind == absorbing.kind) {
            return absorbing;
        }
        if (mask.kind == Mask::Kind::some) {
            values.push_back(mask.value);
        }
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    while (values.size() > 1) {
        const std::size_t count = std::min(values.size(), most_mask_inputs);
        Step step;
        step.run = mask_kernel(operation, count);
        step.inputs.assign(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count));
        values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count));
        values.insert(values.begin(), assembler_.emit(std::move(step)));
    }
    return values.empty() ? neutral : Mask{Mask::Kind::some, values.front()};
}

Mask Masks::all_of(std::vector<Mask> masks) {
    return combined(MaskOperation::all_of, std::move(masks));
}

Mask Masks::any_of(std::vector<Mask> masks) {
    return combined(MaskOperation::any_of, std::move(masks));
}

Mask Masks::opposite(Mask mask) {
    if (mask.kind != Mask::Kind::some) {
        return mask.is_all() ? no_rows : all_rows;
    }
    Step step;
    step.run = not_kernel();
    step.inputs = {mask.value};
    return of_step(std::move(step));
}

ValueId Masks::cells(std::uint32_t slot) {
    return assembler_.cells(slot, columns_.columns()[slot].width);
}

Mask Masks::of_codes(std::uint32_t slot, const std::vector<std::uint8_t>& set) {
    const auto count = std::count_if(set.begin(), set.end(), [](auto in) { return in != 0; });
    if (count == 0 || static_cast<std::size_t>(count) == set.size()) {
        return count == 0 ? no_rows : all_rows;
    }
    const std::size_t width = columns_.columns()[slot].width;
    Step step;
    step.inputs = {cells(slot)};
    if (const std::optional<Range> range = as_range(set, width)) {
        step.run = range_kernel(width);
        step.constants = {range->first, range->span};
        return of_step(std::move(step));
    }
    std::vector<std::uint8_t> table(set.size());
    std::transform(set.begin(), set.end(), table.begin(), [](std::uint8_t in) {
        return static_cast<std::uint8_t>(in != 0 ? 0xFF : 0);
    });
    if (width == 1 && table.size() <= longest_short_table) {
        table.resize((table.size() + 15) / 16 * 16);
        step.run = short_lookup_kernel(table.size());
    } else {
        step.run = lookup_kernel(width, Lane::byte);
    }
    step.table = assembler_.table(table);
    return of_step(std::move(step));
}

Mask Masks::of_member(std::uint32_t slot, const std::string& text) {
    const Column& column = columns_.columns()[slot];
    const auto found = std::lower_bound(column.members.begin(), column.members.end(), text);
    if (found == column.members.end() || *found != text) {
        return no_rows;
    }
    Step step;
    step.run = set_member_kernel(column.width);
    step.inputs = {cells(slot)};
    step.constants = {
        static_cast<std::int64_t>(std::uint64_t{1} << (found - column.members.begin()))};
    return of_step(std::move(step));
}

} // namespace reviewd::engine::columnar
