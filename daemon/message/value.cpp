#include "daemon/message/value.hpp"

#include <utility>

namespace reviewd::message {

Value::Value() = default;

Value::Value(std::string text) : form_(std::move(text)) {}

Value::Value(List items) : form_(std::move(items)) {}

Value Value::list() {
    return Value{List{}};
}

void Value::reserve(std::size_t names) {
    std::get<std::vector<Named>>(form_).reserve(names);
}

void Value::set(std::string_view name, Value value) {
    auto& known = std::get<std::vector<Named>>(form_);
    for (Named& each : known) {
        if (each.name == name) {
            each.value = std::move(value);
            return;
        }
    }
    known.push_back({std::string{name}, std::move(value)});
}

void Value::set(std::string_view name, std::string text) {
    set(name, Value{std::move(text)});
}

void Value::push_back(Value value) {
    std::get<List>(form_).push_back(std::move(value));
}

const Value* Value::find(std::string_view name) const {
    if (const auto* known = std::get_if<std::vector<Named>>(&form_)) {
        for (const Named& each : *known) {
            if (each.name == name) {
                return &each.value;
            }
        }
    }
    return nullptr;
}

void Value::add_names(std::set<std::string, std::less<>>& names) const {
    if (const auto* known = std::get_if<std::vector<Named>>(&form_)) {
        for (const Named& each : *known) {
            names.insert(each.name);
            each.value.add_names(names);
        }
    }
    if (const List* list = items()) {
        for (const Value& item : *list) {
            item.add_names(names);
        }
    }
}

bool Value::is_nothing() const {
    const bool* holds = std::get_if<bool>(&form_);
    const List* list = items();
    return (holds != nullptr && !*holds) || (list != nullptr && list->empty());
}

} // namespace reviewd::message
