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

/// A file of a version; its text is a part of the version's content.
struct RulesVersionFile {
    std::string name; ///< without folders
    std::string hash; ///< SHA-256 of its text, hexadecimal
};

/// A text of the rules that is to be kept.
struct NewRulesVersion {
    std::string_view hash;
    std::string_view content;
    std::vector<RulesVersionFile> files; ///< in the order of the content
    std::string who;
    std::string note;
};

/// What became of a version.
enum class RulesEventKind { loaded, published, rolled_back, held, confirmed, dropped, in_force };

struct RulesEvent {
    RulesVersionId version;
    TimePoint at{};
    std::string who;
    RulesEventKind what = RulesEventKind::loaded;
    std::string note;
};

/// The version that is to come into force, once it is known how many accounts it moves or a person
/// has confirmed it. There is at most one.
struct RulesCandidate {
    enum class Origin { files, published, rolled_back };
    RulesVersionId version;
    Origin origin = Origin::files;
    std::string who;
    std::string note;
    TimePoint at{};
    bool is_held = false; ///< it moves too many accounts: a person has to confirm it
    std::string effect{}; ///< what it would move, when it is held; the service's own form

    friend bool operator==(const RulesCandidate&, const RulesCandidate&) = default;
};

/// Every text of the rules that ever was to be in force, kept for ever.
class RulesVersions {
public:
    explicit RulesVersions(Connection& connection) : connection_(connection) {}

    [[nodiscard]] std::optional<RulesVersion> active();
    [[nodiscard]] std::optional<RulesVersion> find(RulesVersionId id);
    /// Newest first.
    [[nodiscard]] std::vector<RulesVersion> history(int limit = 100);
    [[nodiscard]] std::optional<std::string> content(RulesVersionId id);
    /// Empty for a version of which only the content is known.
    [[nodiscard]] std::vector<RulesVersionFile> files(RulesVersionId id);
    /// Oldest first.
    [[nodiscard]] std::vector<RulesEvent> events(RulesVersionId id);
    [[nodiscard]] std::optional<RulesCandidate> candidate();

    /// The version with this hash, kept now if it is new. Changes nothing else.
    [[nodiscard]] RulesVersionId remember(const NewRulesVersion& version, TimePoint now);
    /// Puts it in force. @pre the version exists
    void activate(RulesVersionId id);
    void record(const RulesEvent& event);
    /// Replaces the one there is. @pre the version exists
    void set_candidate(const RulesCandidate& candidate);
    void clear_candidate();

private:
    Connection& connection_;
};

[[nodiscard]] std::string_view name(RulesEventKind what) noexcept;
[[nodiscard]] std::string_view name(RulesCandidate::Origin origin) noexcept;

} // namespace reviewd::store
