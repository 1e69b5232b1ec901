#pragma once

#include "daemon/message/habits.hpp"
#include "scoring/base/result.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::message {

/// The texts of config/default/templates, by name without the extension; built into the program.
struct BuiltInTemplate {
    std::string_view name;
    std::string_view text;
};

/// Mustache templates by name: `digest_subject_en`, `digest_text_en`, `digest_html_en`, and the
/// same for other languages. Immutable once loaded.
class Templates {
public:
    /// Only what is built in.
    Templates();

    /// Files `<name>.mustache` of a directory in place of the built-in ones. Names must match
    /// `[a-z0-9_]{1,40}`; symbolic links, what is no regular file, files over 64 KiB and text that
    /// is no UTF-8 are left out and reported, and the built-in template stays.
    /// @param problems gets one line per file that is left out
    /// @errors `try_later` when something cannot be read for want of descriptors or memory: nothing
    /// is known of it then, and the built-in text would take the place of one that is there
    [[nodiscard]] static Result<Templates> load(
        const std::string& directory, std::vector<std::string>& problems
    );

    /// The template `digest_<part>_<language>`, else the English one.
    [[nodiscard]] const std::string& digest(std::string_view part, const std::string& language)
        const;

    /// The template `<kind>_<part>_<language>`, else the English one. @pre the kind has that part
    [[nodiscard]] const std::string& find(
        std::string_view kind, std::string_view part, const std::string& language
    ) const;
    /// `answer_style`: CSS of the pages behind links; not filled, so it may hold braces.
    [[nodiscard]] const std::string& style() const;
    /// All names, in order.
    [[nodiscard]] std::vector<std::string> names() const;

    /// The languages that any template is in: "bn", "en".
    [[nodiscard]] std::set<std::string> languages() const;
    /// The names of the templates that are there in English and not in the language, in order.
    [[nodiscard]] std::vector<std::string> lacking(const std::string& language) const;

    /// Puts a template in place of the one of its name, or adds it.
    void set(const std::string& name, std::string text);

private:
    std::map<std::string, std::string, std::less<>> texts_;
};

/// The habits of whom that language is set for: those of the language in which there are templates,
/// else the English ones, as the words are. "EUR 28.750" in an English sentence would be read
/// as 28.
[[nodiscard]] Habits habits_of(std::string_view language, const Templates& templates);

/// What people who read that language have to know of its templates, behind their names: "no
/// template is in `de` …"; empty when there are all.
[[nodiscard]] std::string trouble_with_language(
    std::string_view language, const Templates& templates
);

/// Whether a template may have that name: `[a-z0-9_]{1,40}`.
[[nodiscard]] bool is_template_name(std::string_view name);

} // namespace reviewd::message
