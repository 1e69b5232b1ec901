#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

class People;

/// Whom a person is tied to, by key; empty: to nobody.
struct PersonLinks {
    std::string manager, substitute;
};

/// A tie that leads nowhere, or back to where it began.
struct LinkMistake {
    enum class About { manager, substitute };
    std::string person; ///< key: whose tie it is; the first by key of those in a circle
    About about = About::manager;
    std::vector<std::string> way; ///< up a circle, from the person back to them; else empty
    std::string message;          ///< keys in it are escaped
    std::string hint;             ///< may be empty
    std::string nobody;           ///< the key that nobody has; empty: it is another mistake
};

/// A manager or substitute who is nobody, somebody who stands in for themselves or manages
/// themselves, and managers in a circle, each circle once; by person. The time is about that of
/// sorting the people, however long a circle is.
[[nodiscard]] std::vector<LinkMistake> link_mistakes(
    const std::map<std::string, PersonLinks>& people
);

/// What to tell of the mistakes of those whom the people table has, a text each; by person, and of
/// many how many more there are.
[[nodiscard]] std::vector<std::string> lost_links(const People& everybody);

/// What the defaults say of everybody, for one of them: who is named there has no link to
/// themselves.
[[nodiscard]] std::string common_link(
    const std::string& person, const std::optional<std::string>& common
);

} // namespace reviewd::service
