#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

/// Days on which a person is away, both included, as given by command.
struct Leave {
    std::int64_t id = 0;
    std::string person; ///< key
    Date first{};
    Date last{};
    std::string because; ///< may be empty
    std::string who;
    std::string from; ///< "socket", "link", …
    TimePoint created{};
};

class Leaves {
public:
    explicit Leaves(Connection& connection) : connection_(connection) {}

    /// @returns the new id
    std::int64_t add(const Leave& leave);
    /// Takes it back. @returns whether it was in force
    bool remove(std::int64_t id, TimePoint now);
    [[nodiscard]] std::optional<Leave> find(std::int64_t id);
    /// In force, by person and first day. @param person a key; empty: everybody's
    [[nodiscard]] std::vector<Leave> in_force(std::string_view person = {});

private:
    Connection& connection_;
};

} // namespace reviewd::store
