#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace reviewd::cel {

/// A regular expression of matches(), in RE2's syntax: its time is linear in the text, whatever the
/// pattern. Immutable; safe to use from several threads at once.
class Pattern {
public:
    static constexpr std::size_t longest_source = 1000; ///< bytes

    /// @param[out] problem why there is no pattern; may be null
    /// @returns null for a pattern that is wrong, longer than longest_source or too large when
    /// compiled
    [[nodiscard]] static std::shared_ptr<const Pattern> compile(
        std::string_view source, std::string* problem
    );

    explicit Pattern(std::unique_ptr<re2::RE2> compiled);
    Pattern(const Pattern&) = delete;
    Pattern& operator=(const Pattern&) = delete;
    ~Pattern();

    /// Whether it matches anywhere in the text.
    [[nodiscard]] bool matches(std::string_view text) const;

private:
    std::unique_ptr<re2::RE2> compiled_;
};

} // namespace reviewd::cel
