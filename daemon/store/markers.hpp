#pragma once

#include "daemon/store/connection.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace reviewd::store {

/// Small durable values by name: how far a long piece of work got, the day last planned. The name
/// is the caller's, for instance "rescore.after".
class Markers {
public:
    explicit Markers(Connection& connection) : connection_(connection) {}

    [[nodiscard]] std::optional<std::string> find(std::string_view name);
    void set(std::string_view name, std::string_view value);
    void erase(std::string_view name);

private:
    Connection& connection_;
};

} // namespace reviewd::store
