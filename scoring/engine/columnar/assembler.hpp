#pragma once

#include "scoring/engine/columnar/instruction.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <unordered_map>

namespace reviewd::engine::columnar {

using ValueId = std::uint32_t;

inline constexpr std::size_t no_table = static_cast<std::size_t>(-1);

/// One instruction before it is placed.
struct Step {
    Kernel run = nullptr;
    std::size_t width = 1; ///< bytes of an element of the output; 0: no output, always kept
    std::vector<ValueId> inputs;
    std::vector<std::int64_t> constants;
    std::size_t table = no_table;
    const void* environment = nullptr; ///< instead of a table
    std::size_t second_width = 0;      ///< of a second output, the next value
};

/// Gathers instructions. The same instruction twice is one; what nothing needs is left out;
/// registers are shared by values that do not live at the same time.
class Assembler {
public:
    [[nodiscard]] ValueId cells(std::uint32_t slot, std::size_t width);
    [[nodiscard]] ValueId known(std::uint32_t slot);
    ValueId emit(Step step);

    /// The number of a table with these elements.
    template <class T>
    [[nodiscard]] std::size_t table(const std::vector<T>& elements) {
        std::string bytes(elements.size() * sizeof(T), '\0');
        std::memcpy(bytes.data(), elements.data(), bytes.size());
        return add_table(std::move(bytes));
    }

    [[nodiscard]] Code finish() const;

private:
    struct Placed {
        Step step;
        ValueId output = 0;
    };

    [[nodiscard]] static std::vector<ValueId> touched_by(const Placed& placed);
    [[nodiscard]] static Instruction instruction_of(const Placed& placed, const Code& code);
    [[nodiscard]] ValueId column_value(Code::Place place, std::uint32_t slot, std::size_t width);
    [[nodiscard]] std::size_t add_table(std::string bytes);
    [[nodiscard]] std::vector<bool> needed_steps() const;
    [[nodiscard]] std::vector<std::size_t> last_uses(const std::vector<bool>& is_needed) const;
    void place(Code& code) const;

    std::vector<Placed> steps_;
    std::vector<Code::Location> values_;
    std::vector<std::size_t> step_of_value_;
    std::unordered_map<std::string, ValueId> known_steps_;
    std::vector<std::string> tables_;
    std::unordered_map<std::string, std::size_t> table_numbers_;
};

} // namespace reviewd::engine::columnar
