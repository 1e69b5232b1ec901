#pragma once

#include "daemon/store/connection.hpp"
#include "daemon/store/scores.hpp"
#include "scoring/base/date.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::store {

struct RulesVersion {
    RulesVersionId id;
    std::string hash; ///< SHA-256 of the content, hexadecimal
    TimePoint loaded_at{};
    std::string who;
    std::string note;
    bool is_active = false;
};

/// Every text of the rules that was ever in force, kept for ever.
class RulesVersions {
public:
    explicit RulesVersions(Connection& connection) : connection_(connection) {}

    [[nodiscard]] std::optional<RulesVersion> active();
    [[nodiscard]] std::optional<RulesVersion> find(RulesVersionId id);
    /// Newest first.
    [[nodiscard]] std::vector<RulesVersion> history(int limit = 100);
    [[nodiscard]] std::optional<std::string> content(RulesVersionId id);

    /// The version with this hash, kept now if it is new. Changes nothing else.
    [[nodiscard]] RulesVersionId remember(
        std::string_view hash,
        std::string_view content,
        TimePoint now,
        std::string_view who,
        std::string_view note
    );
    /// Puts it in force. @pre the version exists
    void activate(RulesVersionId id);

private:
    Connection& connection_;
};

} // namespace reviewd::store
