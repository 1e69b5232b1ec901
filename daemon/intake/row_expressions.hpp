#pragma once

#include "scoring/base/result.hpp"
#include "scoring/cel/expression.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::intake {

/// What expressions see of a file's row: each header that is an identifier as a text of that name,
/// and all of them as `row["any header"]`. Fields are texts without the blanks around them; an
/// empty field is the text "". Aliases and `when_empty` are not applied.
class RowExpressions {
public:
    explicit RowExpressions(const std::vector<std::string>& headers);

    /// @errors `bad_config`, with all problems and the source text. A header that the file does not
    /// have is one, whether written as a name or as `row["…"]`, unless the expression asks for it:
    /// `"…" in row`, `has(row.…)`.
    [[nodiscard]] Result<cel::Expression> compile(const std::string& source);

    /// From now on expressions see these fields.
    /// @pre as many as there are headers
    void set_row(std::span<const std::string_view> fields);

    [[nodiscard]] cel::Value evaluate(const cel::Expression& expression) const {
        return cel::evaluate(expression, values_);
    }

private:
    [[nodiscard]] cel::Problems missing_headers(const cel::Expression& expression) const;
    [[nodiscard]] cel::Value make_row(std::span<const std::string_view> fields) const;

    cel::Environment environment_;
    std::vector<std::string> headers_;
    std::vector<std::size_t> field_of_slot_;
    std::vector<std::uint32_t> used_slots_; ///< of the compiled expressions, sorted
    std::vector<cel::Value> values_;
};

} // namespace reviewd::intake
