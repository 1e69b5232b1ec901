#include "daemon/intake/row_mapper.hpp"

#include "config/loader/zone_names.hpp"
#include "daemon/intake/csv_field.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::intake {
namespace {

constexpr std::size_t shown_columns = 40;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

} // namespace

RowMapper::Outcome RowMapper::map(
    std::span<const std::string_view> fields, FieldReader::Bytes bytes, store::ImportRow& into
) {
    fields_ = fields;
    bytes_ = bytes;
    has_key_ = false;
    if (has_expressions_) {
        expressions_.set_row(fields);
    }
    into.fields.resize(schema_->columns.size());
    if (where_) {
        const Outcome outcome = filter();
        if (outcome == Outcome::bad) {
            try_key(into);
        }
        if (outcome != Outcome::mapped) {
            return outcome;
        }
    }
    for (Plan& plan : plans_) {
        if (!map_column(plan, into.fields[plan.column])) {
            return Outcome::bad;
        }
        has_key_ = has_key_ || plan.column == key_column_;
    }
    return Outcome::mapped;
}

RowMapper::Outcome RowMapper::filter() {
    const cel::Value holds = expressions_.evaluate(*where_);
    if (const bool* value = holds.get_if<bool>()) {
        return *value ? Outcome::mapped : Outcome::filtered;
    }
    const auto* error = holds.get_if<cel::EvaluationError>();
    problem_ = {
        std::nullopt,
        fmt::format("where: {}", error == nullptr ? "gives neither yes nor no" : error->message)};
    return Outcome::bad;
}

/// The bad row keeps the problem that it has.
void RowMapper::try_key(store::ImportRow& into) {
    if (column_to_key_) {
        return;
    }
    FieldProblem first = std::move(problem_);
    has_key_ = map_column(plans_.front(), into.fields[key_column_]);
    problem_ = std::move(first);
}

std::optional<std::size_t> RowMapper::key_field() const {
    return column_to_key_ ? std::nullopt : plans_.front().field;
}

std::optional<std::string> RowMapper::read_key(std::string_view text) {
    Plan& plan = plans_.front();
    const std::string_view key = text_of(plan, text);
    store::Field read;
    if (key.empty() || !plan.reader->read(key, FieldReader::Bytes::utf8, 1, read)) {
        return std::nullopt;
    }
    return std::get<std::string>(std::move(read));
}

std::string_view RowMapper::text_of(const Plan& plan) const {
    return text_of(plan, plan.field ? fields_[*plan.field] : plan.constant);
}

std::string_view RowMapper::text_of(const Plan& plan, std::string_view raw) {
    std::string_view text = raw;
    if (plan.field) {
        if (!text.empty() && (is_blank(text.front()) || is_blank(text.back()))) {
            text = trim(text);
        }
        if (!text.empty() && text.front() == '\'') {
            text = without_formula_guard(text);
        }
    }
    if (!plan.aliases.empty()) {
        const auto alias = std::lower_bound(
            plan.aliases.begin(),
            plan.aliases.end(),
            text,
            [](const Alias& candidate, std::string_view wanted) { return candidate.from < wanted; }
        );
        if (alias != plan.aliases.end() && alias->from == text) {
            text = alias->to;
        }
    }
    return text.empty() ? std::string_view{plan.when_empty} : text;
}

bool RowMapper::map_column(Plan& plan, store::Field& to) {
    if (plan.expression) {
        if (!plan.reader->accept(expressions_.evaluate(*plan.expression), to)) {
            return refuse(plan, "", plan.reader->why());
        }
    } else {
        const std::string_view text = text_of(plan);
        if (text.empty()) {
            to = std::monostate{};
        } else {
            double rate = 1;
            if (plan.currency_field) {
                const std::optional<double> found = rate_of(plan);
                if (!found) {
                    return false;
                }
                rate = *found;
            }
            if (!plan.reader->read(text, bytes_, rate, to)) {
                return refuse(plan, text, plan.reader->why());
            }
        }
    }
    const auto* const text = plan.is_zone ? std::get_if<std::string>(&to) : nullptr;
    if (text != nullptr && !config::is_installed_zone(*text)) {
        return refuse(plan, *text, why_no_zone(*text));
    }
    if (plan.need == Plan::Need::required && std::holds_alternative<std::monostate>(to)) {
        return refuse(plan, "", "is empty and must not be");
    }
    return true;
}

std::string RowMapper::why_no_zone(const std::string& name) {
    if (zones_.empty()) {
        zones_ = config::installed_zones();
    }
    const std::string nearest = did_you_mean(name, zones_);
    return "there is no such time zone on this system" + (nearest.empty() ? "" : "; " + nearest);
}

std::optional<double> RowMapper::rate_of(const Plan& plan) {
    const std::string_view currency = trim(fields_[*plan.currency_field]);
    if (currency.empty()) {
        return 1;
    }
    const auto rate = rates_.find(currency);
    if (rate == rates_.end()) {
        std::string known;
        for (const auto& [name, value] : rates_) {
            known += known.empty() ? name : ", " + name;
        }
        problem_ = {
            plan.currency_field,
            fmt::format(
                "{}: no rate for the currency `{}`; `company: rates:` knows {}",
                plan.name,
                cut_to_width(escape_controls(currency), shown_columns),
                known
            )};
        return std::nullopt;
    }
    return rate->second;
}

bool RowMapper::refuse(const Plan& plan, std::string_view text, std::string_view why) {
    problem_.field = plan.field;
    problem_.reason =
        text.empty()
            ? fmt::format("{}: {}", plan.name, why)
            : fmt::format(
                "{}: `{}`: {}", plan.name, cut_to_width(escape_controls(text), shown_columns), why
            );
    return false;
}

} // namespace reviewd::intake
