#include "daemon/store/field.hpp"

#include <array>
#include <chrono>

namespace reviewd::store {
namespace {

struct Converter {
    int minor_digits;

    cel::Value operator()(std::monostate) const { return {}; }
    cel::Value operator()(const std::string& text) const { return cel::Value::of(text); }
    cel::Value operator()(std::int64_t value) const { return cel::Value::of(value); }
    cel::Value operator()(double value) const { return cel::Value::of(value); }
    cel::Value operator()(bool value) const { return cel::Value::of(value); }
    cel::Value operator()(Date value) const {
        const auto seconds = std::chrono::seconds{value.time_since_epoch()}.count();
        return cel::Value::of(cel::Timestamp{seconds, 0});
    }
    cel::Value operator()(Money value) const {
        // Dividing by a power of ten rounds once; multiplying by 0.01 would round twice.
        constexpr std::array powers{1.0, 10.0, 100.0, 1'000.0, 10'000.0};
        const double unit = powers[static_cast<std::size_t>(minor_digits)];
        return cel::Value::of(static_cast<double>(value.minor) / unit);
    }
};

} // namespace

bool fits(const Field& field, rules::ColumnType type) noexcept {
    if (std::holds_alternative<std::monostate>(field)) {
        return true;
    }
    switch (type) {
    case rules::ColumnType::text:
        return std::holds_alternative<std::string>(field);
    case rules::ColumnType::integer:
        return std::holds_alternative<std::int64_t>(field);
    case rules::ColumnType::number:
        return std::holds_alternative<double>(field);
    case rules::ColumnType::money:
        return std::holds_alternative<Money>(field);
    case rules::ColumnType::date:
        return std::holds_alternative<Date>(field);
    case rules::ColumnType::boolean:
        return std::holds_alternative<bool>(field);
    }
    return false;
}

cel::Value to_value(const Field& field, int minor_digits) {
    return std::visit(Converter{minor_digits}, field);
}

} // namespace reviewd::store
