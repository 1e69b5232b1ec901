#pragma once

#include "config/loader/settings.hpp"
#include "daemon/intake/field_reader.hpp"
#include "daemon/intake/row_expressions.hpp"
#include "daemon/store/field.hpp"
#include "scoring/rules/table.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::intake {

/// Names of the file's columns that a source reads, those that nobody wrote included, each once, in
/// the order of the table.
[[nodiscard]] std::vector<std::string> headers_of(const config::SourceSettings& source);

/// For people whose `where:` leaves out every row.
inline constexpr std::string_view filter_hint =
    "what it compares with is written as in the file, small and capital letters too";

/// What is wrong with one field, or with the row.
struct FieldProblem {
    std::optional<std::size_t> field; ///< of the file's row
    std::string reason;               ///< begins with the column's name, if there is one
};

/// Turns the rows of one file into typed rows of a table. Made once per file, from the source's
/// `columns:` and the file's header; a plain mapping then costs no allocation.
///
/// A field loses the blanks around it and one apostrophe that an export put in front as a guard
/// against formulas; then come `aliases` and `when_empty`, and what is left is read strictly in the
/// column's type, see FieldReader. Line breaks and tabs are for `note`, `fix` and custom columns;
/// keys, and columns that hold keys, have at most 500 bytes. Money is converted by the rate of its
/// row's currency; a currency without one makes the row bad.
class RowMapper {
public:
    /// @param schema outlives the mapper
    /// @param file how messages call the file
    /// @errors `bad_data`: the file lacks a column, or has it twice. `bad_config`: an expression,
    /// date format or constant of the source is wrong. All findings, in one line; only one when
    /// the file has no header row.
    [[nodiscard]] static Result<RowMapper> compile(
        const config::SourceSettings& source,
        const rules::TableSchema& schema,
        const config::CompanySettings& company,
        const std::string& file,
        const std::vector<std::string>& headers
    );

    enum class Outcome {
        mapped,
        filtered, ///< `where` does not hold
        bad,      ///< see problem()
    };

    /// @param fields as many as there are headers
    /// @param into keeps its memory from row to row; its fields are in the order of the schema
    [[nodiscard]] Outcome map(
        std::span<const std::string_view> fields, FieldReader::Bytes bytes, store::ImportRow& into
    );
    [[nodiscard]] const FieldProblem& problem() const { return problem_; }
    /// Whether the bad row's key, at least, was read.
    [[nodiscard]] bool has_key() const { return has_key_; }

    /// The file's column that has the key; nothing if none has, or if an expression makes it.
    [[nodiscard]] std::optional<std::size_t> key_field() const;
    /// Reads the key of a row of which nothing else can be read.
    /// @param text of key_field()
    /// @returns nothing if that is no key
    [[nodiscard]] std::optional<std::string> read_key(std::string_view text);

    /// Index of the key column when no mapping fills it, so that the reader of the file has to.
    [[nodiscard]] std::optional<std::size_t> column_to_key() const { return column_to_key_; }
    /// Index of the key column.
    [[nodiscard]] std::size_t key_column() const { return key_column_; }

private:
    friend class RowMapperCompiler;

    struct Alias {
        std::string from;
        std::string to;
    };

    struct Plan {
        std::size_t column = 0; ///< of the schema
        std::string name;       ///< the file's header, else the column's name
        std::optional<FieldReader> reader;
        enum class Need { optional, required } need = Need::optional;
        bool is_zone = false;             ///< of a person: has to be installed
        std::optional<std::size_t> field; ///< of the file
        std::string constant;             ///< if there is neither field nor expression
        std::optional<cel::Expression> expression;
        std::vector<Alias> aliases; ///< sorted
        std::string when_empty;
        std::optional<std::size_t> currency_field;
    };

    RowMapper(const rules::TableSchema& schema, RowExpressions expressions)
        : schema_(&schema), expressions_(std::move(expressions)) {}

    [[nodiscard]] Outcome filter();
    void try_key(store::ImportRow& into);
    [[nodiscard]] bool map_column(Plan& plan, store::Field& to);
    [[nodiscard]] std::string_view text_of(const Plan& plan) const;
    [[nodiscard]] std::string why_no_zone(const std::string& name);
    [[nodiscard]] static std::string_view text_of(const Plan& plan, std::string_view raw);
    [[nodiscard]] std::optional<double> rate_of(const Plan& plan);
    [[nodiscard]] bool refuse(const Plan& plan, std::string_view text, std::string_view why);

    const rules::TableSchema* schema_;
    RowExpressions expressions_;
    std::vector<Plan> plans_; ///< the key's first
    std::optional<cel::Expression> where_;
    bool has_expressions_ = false;
    std::map<std::string, double, std::less<>> rates_; ///< the reporting currency is 1
    std::vector<std::string> zones_; ///< for hints; read for the first zone that there is not
    std::optional<std::size_t> column_to_key_;
    std::size_t key_column_ = 0;
    bool has_key_ = false;

    std::span<const std::string_view> fields_; ///< of the row being mapped
    FieldReader::Bytes bytes_ = FieldReader::Bytes::utf8;
    FieldProblem problem_;
};

} // namespace reviewd::intake
