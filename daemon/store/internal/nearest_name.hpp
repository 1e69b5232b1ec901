#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reviewd::store {

/// Finds what somebody meant who mistyped a key, a name or some words of a name.
class NearestName {
public:
    /// @param typed what was typed
    explicit NearestName(std::string_view typed);

    void consider(const std::string& name, const std::string& key);

    /// "`Hartley Print` (a17)"; nothing when no name was near enough to be a slip.
    [[nodiscard]] std::optional<std::string> found() const;

private:
    void compare(std::string_view part, const std::string& name, const std::string& key);

    std::string typed_; ///< folded
    std::size_t word_count_;
    std::size_t best_distance_;
    std::string name_, key_;
};

} // namespace reviewd::store
