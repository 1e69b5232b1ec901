#pragma once

#include "scoring/engine/columnar/column.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace reviewd::engine::columnar {

/// Takes the values of one fact, account by account, and chooses the narrowest form that holds
/// them.
class ColumnBuilder {
public:
    explicit ColumnBuilder(std::uint32_t slot) : slot_(slot) {}

    void add(const cel::Value& value);

    /// @returns the column; the builder is empty afterwards
    [[nodiscard]] Column finish();

private:
    enum class Kind { nothing, integers, dates, reals, values };

    void add_code(const cel::Value& value);
    /// Numbers met something else: from now on all are values with codes.
    void turn_into_values();
    [[nodiscard]] cel::Value number(std::int64_t bits) const;
    [[nodiscard]] Column finish_integers();
    [[nodiscard]] Column finish_reals();
    [[nodiscard]] Column finish_values();
    [[nodiscard]] std::optional<Column> finish_sets() const;
    [[nodiscard]] Column coded(const std::vector<std::int64_t>& distinct) const;
    [[nodiscard]] bool has_missing() const;

    std::uint32_t slot_;
    Kind kind_ = Kind::nothing;
    std::vector<std::int64_t> numbers_; ///< bits of a real; 0 where missing
    std::vector<std::uint8_t> known_;
    std::vector<std::uint32_t> codes_;
    std::vector<cel::Value> values_;
    std::unordered_map<std::string, std::uint32_t> code_by_key_;
};

} // namespace reviewd::engine::columnar
