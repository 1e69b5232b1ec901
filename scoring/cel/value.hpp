#pragma once

#include "scoring/cel/type.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace reviewd::cel {

class Value;

/// Seconds and nanoseconds since 1970-01-01T00:00Z; a civil date is its midnight in UTC.
struct Timestamp {
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0; ///< 0 … 999,999,999
    friend auto operator<=>(const Timestamp&, const Timestamp&) = default;
};

struct Duration {
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0; ///< same sign as `seconds`, or either when that is 0
    friend auto operator<=>(const Duration&, const Duration&) = default;
};

struct Bytes {
    std::string data;
    friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

/// CEL's unknown: the result depends on variables whose value is missing. Holds their slots,
/// sorted, without repeats.
struct Unknown {
    std::vector<std::uint32_t> slots;
    friend bool operator==(const Unknown&, const Unknown&) = default;
};

/// CEL's runtime error, as a value so that `&&`, `||` and `?:` can absorb it.
struct EvaluationError {
    std::string message; ///< for a person: "division by zero"
    friend bool operator==(const EvaluationError&, const EvaluationError&) = default;
};

using List = std::vector<Value>;
using Map = std::vector<std::pair<Value, Value>>; ///< in order of insertion; keys are distinct

/// Any value of the language. Copies are cheap: lists and maps are shared and immutable.
class Value {
public:
    using Variant = std::variant<
        std::monostate, // null
        bool,
        std::int64_t,
        std::uint64_t,
        double,
        std::string,
        Bytes,
        Timestamp,
        Duration,
        std::shared_ptr<const List>,
        std::shared_ptr<const Map>,
        Type,
        Unknown,
        EvaluationError>;

    Value() = default; ///< null
    template <class T>
    static Value of(T value) {
        Value made;
        made.data_ = std::move(value);
        return made;
    }
    [[nodiscard]] static Value list(List elements);
    [[nodiscard]] static Value map(Map entries);
    [[nodiscard]] static Value error(std::string message);
    [[nodiscard]] static Value unknown(std::uint32_t slot);

    template <class T>
    [[nodiscard]] const T* get_if() const noexcept {
        return std::get_if<T>(&data_);
    }
    [[nodiscard]] const Variant& data() const noexcept { return data_; }

    [[nodiscard]] bool is_null() const noexcept { return data_.index() == 0; }
    [[nodiscard]] bool is_unknown() const noexcept { return get_if<Unknown>() != nullptr; }
    [[nodiscard]] bool is_error() const noexcept { return get_if<EvaluationError>() != nullptr; }
    /// Neither unknown nor an error.
    [[nodiscard]] bool is_plain() const noexcept { return data_.index() < first_obstacle; }

private:
    static constexpr std::size_t first_obstacle = std::variant_size_v<Variant> - 2;
    static_assert(std::is_same_v<std::variant_alternative_t<first_obstacle, Variant>, Unknown>);
    Variant data_;
};

/// CEL's `==`: numbers compare across types by value, NaN differs from all, lists and maps by
/// element.
[[nodiscard]] bool equals(const Value& a, const Value& b);

/// The same type and the same bits (NaN equals NaN, 1 differs from 1.0); for tests and for caches.
[[nodiscard]] bool identical(const Value& a, const Value& b);

/// How CEL writes the value: `"text"`, `[1, 2]`, `1.5`, `timestamp("2026-01-01T00:00:00Z")`,
/// `error: …`.
[[nodiscard]] std::string to_string(const Value& value);

} // namespace reviewd::cel
