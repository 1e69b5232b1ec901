// What a source's `columns:` mean for one file: every finding is collected, so that a mapping is
// mended in one go.
#include "daemon/intake/csv_header.hpp"
#include "daemon/intake/missing_columns.hpp"
#include "daemon/intake/row_mapper.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reviewd::intake {
namespace {

constexpr std::size_t most_key_bytes = 500;

/// Columns that hold the key of another row.
constexpr std::array<std::string_view, 7> references{
    "owner", "parent", "manager", "product", "sold_by", "contact", "person"};
constexpr std::array<std::string_view, 2> notes{"note", "fix"};

template <std::size_t size>
bool holds(const std::array<std::string_view, size>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

FieldFormat format_of(
    const config::SourceSettings& source,
    const config::ColumnMapping& mapping,
    const rules::Column& column,
    int minor_digits
) {
    FieldFormat format;
    format.type = column.type;
    format.scale = mapping.scale;
    format.decimal = source.decimal;
    format.minor_digits = minor_digits;
    format.date_format = mapping.date_format;
    const bool is_note = column.is_custom || holds(notes, column.name);
    format.breaks = is_note ? FieldFormat::Breaks::allowed : FieldFormat::Breaks::refused;
    const bool is_key = column.role == rules::ColumnRole::key
                        || column.role == rules::ColumnRole::account
                        || (!column.is_custom && holds(references, column.name));
    format.most_bytes = is_key ? most_key_bytes : format.most_bytes;
    return format;
}

} // namespace

/// Makes one RowMapper.
class RowMapperCompiler {
public:
    RowMapperCompiler(
        const config::SourceSettings& source,
        const rules::TableSchema& schema,
        const std::string& file,
        const std::vector<std::string>& headers
    )
        : source_(source),
          schema_(schema),
          file_(file),
          headers_(headers),
          mapper_(schema, RowExpressions{headers}) {}

    Result<RowMapper> run(const config::CompanySettings& company) {
        mapper_.rates_.insert(company.rates.begin(), company.rates.end());
        mapper_.rates_[company.currency] = 1;
        mapper_.key_column_ = schema_.index_of(rules::ColumnRole::key).value_or(0);
        mapper_.column_to_key_ = mapper_.key_column_;
        for (const config::ColumnMapping& mapping : source_.columns) {
            REVIEWD_ASSERT(mapping.column < schema_.columns.size());
            add(mapping, company.minor_digits);
        }
        std::stable_partition(
            mapper_.plans_.begin(),
            mapper_.plans_.end(),
            [this](const RowMapper::Plan& plan) { return plan.column == mapper_.key_column_; }
        );
        require_columns();
        if (source_.where) {
            compile_filter(*source_.where);
        }
        if (!findings_.empty()) {
            // Without a header row every column is missing, and so is what expressions speak of.
            const auto whole = missing_header(file_, headers_of(source_), headers_);
            return whole ? fail(ErrorCode::bad_data, *whole) : fail(code_, findings_);
        }
        return std::move(mapper_);
    }

private:
    void find(std::string finding, ErrorCode code = ErrorCode::bad_data) {
        // What only a changed configuration can mend weighs more.
        code_ = findings_.empty() || code == ErrorCode::bad_config ? code : code_;
        findings_ += findings_.empty() ? "" : "; ";
        findings_ += finding;
    }

    void add(const config::ColumnMapping& mapping, int minor_digits) {
        const rules::Column& column = schema_.columns[mapping.column];
        RowMapper::Plan plan;
        plan.column = mapping.column;
        plan.name = mapping.header.value_or(column.name);
        if (mapping.header) {
            plan.field = field_of(*mapping.header, mapping, column);
            if (!plan.field) {
                return;
            }
        }
        plan.constant = mapping.constant.value_or("");
        if (mapping.expression) {
            plan.expression = compile(*mapping.expression, column.name);
        }
        if (mapping.currency_header) {
            plan.currency_field = field_of(*mapping.currency_header, mapping, column);
        }
        for (const auto& [from, to] : mapping.aliases) {
            plan.aliases.push_back({from, to});
        }
        plan.when_empty = mapping.when_empty.value_or("");
        plan.is_zone = schema_.table == rules::Table::people && column.name == "zone";
        const bool is_key = column.role == rules::ColumnRole::key;
        plan.need =
            column.is_required ? RowMapper::Plan::Need::required : RowMapper::Plan::Need::optional;
        const auto reader = FieldReader::make(format_of(source_, mapping, column, minor_digits));
        if (!reader) {
            find(describe(column, reader.error().message), ErrorCode::bad_config);
            return;
        }
        plan.reader = *reader;
        if (is_key) {
            mapper_.column_to_key_.reset();
        }
        mapper_.plans_.push_back(std::move(plan));
    }

    /// The file's column of that name; a finding if there is none or more than one, unless nobody
    /// asked for it.
    std::optional<std::size_t> field_of(
        const std::string& header, const config::ColumnMapping& mapping, const rules::Column& column
    ) {
        const auto first = std::find(headers_.begin(), headers_.end(), header);
        if (first == headers_.end()) {
            if (!mapping.is_implied) {
                find(missing(header, column, column_hint(header, headers_)));
            }
            return std::nullopt;
        }
        if (std::find(first + 1, headers_.end(), header) != headers_.end()) {
            find(fmt::format("`{}` has more than one column `{}`", file_, escape_controls(header)));
            return std::nullopt;
        }
        return static_cast<std::size_t>(first - headers_.begin());
    }

    [[nodiscard]] std::string missing(
        const std::string& header, const rules::Column& column, const std::string& hint
    ) const {
        return fmt::format(
            "`{}` has no column `{}`, which `{}` is read from; {}",
            file_,
            escape_controls(header),
            column.name,
            hint
        );
    }

    /// A required column that nothing fills makes every row a bad one: better said once.
    void require_columns() {
        for (const std::size_t index : missing_columns(source_, schema_, headers_)) {
            const rules::Column& column = schema_.columns[index];
            find(fmt::format(
                "{}; say under `columns:` which one it is",
                missing(column.name, column, column_hint(column, headers_))
            ));
        }
    }

    void compile_filter(const std::string& source) {
        std::optional<cel::Expression> where = compile(source, "where");
        if (!where) {
            return;
        }
        const cel::Type::Kind kind = where->type().kind;
        if (kind != cel::Type::Kind::boolean && kind != cel::Type::Kind::dyn) {
            find(
                fmt::format(
                    "where: `{}` gives {}; a filter must say yes or no",
                    escape_controls(source),
                    cel::described(where->type())
                ),
                ErrorCode::bad_config
            );
            return;
        }
        mapper_.where_ = std::move(where);
    }

    std::optional<cel::Expression> compile(const std::string& source, const std::string& what) {
        Result<cel::Expression> compiled = mapper_.expressions_.compile(source);
        if (!compiled) {
            find(fmt::format("{}: {}", what, compiled.error().message), ErrorCode::bad_config);
            return std::nullopt;
        }
        mapper_.has_expressions_ = true;
        return *std::move(compiled);
    }

    [[nodiscard]] static std::string describe(
        const rules::Column& column, const std::string& message
    ) {
        return fmt::format("{}: {}", column.name, message);
    }

    const config::SourceSettings& source_;
    const rules::TableSchema& schema_;
    const std::string& file_;
    const std::vector<std::string>& headers_;
    RowMapper mapper_;
    std::string findings_;
    ErrorCode code_ = ErrorCode::bad_data;
};

std::vector<std::string> headers_of(const config::SourceSettings& source) {
    std::vector<std::string> headers;
    for (const config::ColumnMapping& mapping : source.columns) {
        if (mapping.header
            && std::find(headers.begin(), headers.end(), *mapping.header) == headers.end()) {
            headers.push_back(*mapping.header);
        }
    }
    return headers;
}

Result<RowMapper> RowMapper::compile(
    const config::SourceSettings& source,
    const rules::TableSchema& schema,
    const config::CompanySettings& company,
    const std::string& file,
    const std::vector<std::string>& headers
) {
    return RowMapperCompiler{source, schema, file, headers}.run(company);
}

} // namespace reviewd::intake
