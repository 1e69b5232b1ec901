#include "scoring/engine/columnar/assembler.hpp"

#include "scoring/base/assert.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace reviewd::engine::columnar {
namespace {

constexpr std::size_t no_step = static_cast<std::size_t>(-1);

template <class T>
void append(std::string& key, const T& value) {
    key.append(static_cast<const char*>(static_cast<const void*>(&value)), sizeof(value));
}

std::string key_of(const Step& step) {
    std::string key;
    append(key, step.run);
    append(key, step.table);
    append(key, step.environment);
    append(key, step.inputs.size());
    for (const ValueId input : step.inputs) {
        append(key, input);
    }
    for (const std::int64_t constant : step.constants) {
        append(key, constant);
    }
    return key;
}

/// Hands out registers of one chunk, by width.
class Registers {
public:
    std::size_t take(std::size_t width) {
        std::vector<std::size_t>& free = free_[width];
        if (!free.empty()) {
            const std::size_t offset = free.back();
            free.pop_back();
            return offset;
        }
        const std::size_t offset = size_;
        size_ += width * chunk_rows;
        return offset;
    }
    void give_back(std::size_t offset, std::size_t width) { free_[width].push_back(offset); }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    std::map<std::size_t, std::vector<std::size_t>> free_;
    std::size_t size_ = 0;
};

} // namespace

ValueId Assembler::cells(std::uint32_t slot, std::size_t width) {
    return column_value(Code::Place::cells, slot, width);
}

ValueId Assembler::known(std::uint32_t slot) {
    return column_value(Code::Place::known, slot, 1);
}

ValueId Assembler::column_value(Code::Place place, std::uint32_t slot, std::size_t width) {
    std::string key;
    append(key, place);
    append(key, slot);
    const auto [found, is_new] =
        known_steps_.try_emplace(std::move(key), static_cast<ValueId>(values_.size()));
    if (is_new) {
        values_.push_back({place, slot, 0, width});
        step_of_value_.push_back(no_step);
    }
    return found->second;
}

ValueId Assembler::emit(Step step) {
    REVIEWD_ASSERT(step.inputs.size() <= most_inputs);
    const auto [found, is_new] =
        known_steps_.try_emplace(key_of(step), static_cast<ValueId>(values_.size()));
    if (!is_new) {
        return found->second;
    }
    const ValueId output = found->second;
    values_.push_back({Code::Place::scratch, 0, 0, step.width});
    step_of_value_.push_back(steps_.size());
    if (step.second_width != 0) {
        values_.push_back({Code::Place::scratch, 0, 0, step.second_width});
        step_of_value_.push_back(steps_.size());
    }
    steps_.push_back({std::move(step), output});
    return output;
}

std::size_t Assembler::add_table(std::string bytes) {
    const auto [found, is_new] = table_numbers_.try_emplace(bytes, tables_.size());
    if (is_new) {
        tables_.push_back(std::move(bytes));
    }
    return found->second;
}

std::vector<bool> Assembler::needed_steps() const {
    std::vector<bool> is_needed(steps_.size(), false);
    for (std::size_t i = steps_.size(); i-- > 0;) {
        is_needed[i] = is_needed[i] || steps_[i].step.width == 0;
        if (is_needed[i]) {
            for (const ValueId input : steps_[i].step.inputs) {
                if (step_of_value_[input] != no_step) {
                    is_needed[step_of_value_[input]] = true;
                }
            }
        }
    }
    return is_needed;
}

/// The last step that reads or writes each value.
std::vector<std::size_t> Assembler::last_uses(const std::vector<bool>& is_needed) const {
    std::vector<std::size_t> last_use(values_.size(), 0);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (is_needed[i]) {
            for (const ValueId value : touched_by(steps_[i])) {
                last_use[value] = i;
            }
        }
    }
    return last_use;
}

std::vector<ValueId> Assembler::touched_by(const Placed& placed) {
    std::vector<ValueId> touched = placed.step.inputs;
    touched.push_back(placed.output);
    if (placed.step.second_width != 0) {
        touched.push_back(placed.output + 1);
    }
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    return touched;
}

Instruction Assembler::instruction_of(const Placed& placed, const Code& code) {
    const Step& step = placed.step;
    Instruction instruction;
    instruction.run = step.run;
    if (step.environment != nullptr) {
        instruction.table = step.environment;
    } else if (step.table != no_table) {
        instruction.table = code.tables[step.table].data();
    }
    std::copy(step.inputs.begin(), step.inputs.end(), instruction.inputs.begin());
    instruction.output = placed.output;
    return instruction;
}

Code Assembler::finish() const {
    Code code;
    code.values = values_;
    for (const std::string& bytes : tables_) {
        const auto* begin = static_cast<const std::byte*>(static_cast<const void*>(bytes.data()));
        code.tables.emplace_back(begin, begin + bytes.size());
    }
    for (ValueId value = 0; value < values_.size(); ++value) {
        if (values_[value].place != Code::Place::scratch) {
            code.column_values.push_back(value);
        }
    }
    place(code);
    return code;
}

/// Gives registers to the values of the needed steps, and makes instructions of them.
void Assembler::place(Code& code) const {
    const std::vector<bool> is_needed = needed_steps();
    const std::vector<std::size_t> last_use = last_uses(is_needed);
    Registers registers;
    std::vector<std::size_t> first_constant;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (!is_needed[i]) {
            continue;
        }
        const Placed& placed = steps_[i];
        const std::vector<std::int64_t>& constants = placed.step.constants;
        first_constant.push_back(code.constants.size());
        code.constants.insert(code.constants.end(), constants.begin(), constants.end());
        code.instructions.push_back(instruction_of(placed, code));
        const std::size_t outputs = placed.step.second_width != 0 ? 2 : 1;
        for (std::size_t output = placed.output; output < placed.output + outputs; ++output) {
            code.values[output].offset = registers.take(code.values[output].width);
        }
        // Only now, so that an output never shares a register with an input.
        for (const ValueId value : touched_by(placed)) {
            const Code::Location& location = code.values[value];
            if (last_use[value] == i && location.place == Code::Place::scratch) {
                registers.give_back(location.offset, location.width);
            }
        }
    }
    for (std::size_t i = 0; i < code.instructions.size(); ++i) {
        code.instructions[i].constants = code.constants.data() + first_constant[i];
    }
    code.scratch_bytes = registers.size();
}

} // namespace reviewd::engine::columnar
