#include "scoring/engine/timeline.hpp"

namespace reviewd::engine {
namespace {

const cel::Value nothing{};

const cel::Value& at(const Record& row, std::size_t column) {
    return column < row.values.size() ? row.values[column] : nothing;
}

} // namespace

TableAsOf::TableAsOf(const rules::TableSchema& schema, Date as_of)
    : schema_(&schema),
      as_of_(as_of),
      happened_(schema.index_of(rules::ColumnRole::happened)),
      ended_(schema.index_of(rules::ColumnRole::ended)) {}

bool TableAsOf::has(const Record& row) const {
    if (row.recorded > as_of_ || (row.retired && *row.retired <= as_of_)) {
        return false;
    }
    return day_of(row) <= as_of_;
}

const cel::Value& TableAsOf::value(const Record& row, std::size_t column) const {
    const cel::Value& value = at(row, column);
    if (ended_ == column) {
        const std::optional<Date> ended = to_date(value);
        if (ended && *ended > as_of_) {
            return nothing;
        }
    }
    return value;
}

Date TableAsOf::day_of(const Record& row) const {
    if (happened_) {
        if (const std::optional<Date> day = to_date(at(row, *happened_))) {
            return *day;
        }
    }
    return row.recorded;
}

const cel::Value& account_value_as_of(
    const AccountRecords& records,
    const rules::TableSchema& accounts,
    std::size_t column,
    Date as_of
) {
    const rules::Column& declared = accounts.columns.at(column);
    const bool is_always_known = declared.is_timeless || declared.role == rules::ColumnRole::key;
    if (records.account.recorded > as_of && !is_always_known) {
        return nothing;
    }
    const FormerValue* held = nullptr;
    for (const FormerValue& former : records.former_values) {
        const bool held_then = former.column == column && former.until > as_of;
        if (held_then && (held == nullptr || former.until < held->until)) {
            held = &former;
        }
    }
    return held != nullptr ? held->value : at(records.account, column);
}

cel::Value to_value(Date date) {
    constexpr std::int64_t seconds_of_a_day = 86'400;
    return cel::Value::of(cel::Timestamp{to_day_number(date) * seconds_of_a_day, 0});
}

std::optional<Date> to_date(const cel::Value& value) {
    const auto* timestamp = value.get_if<cel::Timestamp>();
    if (timestamp == nullptr) {
        return std::nullopt;
    }
    const std::chrono::sys_seconds time{std::chrono::seconds{timestamp->seconds}};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    return Date{day.time_since_epoch()};
}

} // namespace reviewd::engine
