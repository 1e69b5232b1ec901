#include "scoring/cel/environment.hpp"

#include "scoring/base/assert.hpp"

#include <algorithm>
#include <utility>

namespace reviewd::cel {

Environment::Environment(Dialect chosen) : dialect(chosen) {}

std::uint32_t Environment::declare(std::string name, Type type) {
    const auto slot = static_cast<std::uint32_t>(variables_.size());
    const bool is_new = slots_.emplace(name, slot).second;
    REVIEWD_ASSERT(is_new);
    variables_.push_back(Variable{std::move(name), std::move(type)});
    return slot;
}

void Environment::declare_message(Message message) {
    REVIEWD_ASSERT(this->message(message.name) == nullptr);
    messages_.push_back(std::move(message));
}

void Environment::explain(const std::string& name, std::string hint) {
    explanations_.insert_or_assign(name, std::move(hint));
}

std::string Environment::explanation(const std::string& name) const {
    const auto found = explanations_.find(name);
    return found == explanations_.end() ? std::string{} : found->second;
}

std::optional<std::uint32_t> Environment::slot_of(std::string_view name) const {
    const auto found = slots_.find(std::string{name});
    return found == slots_.end() ? std::nullopt : std::optional{found->second};
}

const Message* Environment::message(std::string_view name) const {
    const auto found =
        std::find_if(messages_.begin(), messages_.end(), [name](const Message& message) {
            return message.name == name;
        });
    return found == messages_.end() ? nullptr : &*found;
}

} // namespace reviewd::cel
