#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace reviewd::message {

/// What a template is filled with: a text, yes or no, a list, or values with names.
///
/// Our own instead of kainjow's `data`, which copies a value with all below it each time it is put
/// into another one.
class Value {
public:
    Value(); ///< no named values yet
    explicit Value(std::string text);
    /// Only a bool: a pointer to characters would become one.
    template <std::same_as<bool> T>
    explicit Value(T holds) : form_(holds) {}
    [[nodiscard]] static Value list();

    /// Of named values: room for so many.
    void reserve(std::size_t names);
    /// Of named values: one more, or another one for a known name.
    void set(std::string_view name, Value value);
    void set(std::string_view name, std::string text);
    /// Of a list.
    void push_back(Value value);

    /// Null when this has no such name.
    [[nodiscard]] const Value* find(std::string_view name) const;
    [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&form_); }
    [[nodiscard]] const std::vector<Value>* items() const { return std::get_if<List>(&form_); }
    /// The names that this has at any depth.
    void add_names(std::set<std::string, std::less<>>& names) const;
    /// No, or an empty list: `{{#name}}` leaves its part out, `{{^name}}` fills it.
    [[nodiscard]] bool is_nothing() const;

private:
    struct Named;
    using List = std::vector<Value>;
    explicit Value(List items);

    std::variant<std::vector<Named>, std::string, bool, List> form_;
};

struct Value::Named {
    std::string name;
    Value value;
};

} // namespace reviewd::message
