#include "daemon/message/render.hpp"

#include "daemon/message/mustache.hpp"
#include "daemon/message/payload.hpp"
#include "daemon/message/plain.hpp"
#include "daemon/message/view.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <optional>

namespace reviewd::message {
namespace {

constexpr std::size_t subject_columns = 120;

/// All white space as single blanks, nothing that could begin another header.
std::string one_line(const std::string& text) {
    std::string line;
    for (const char c : text) {
        const bool is_blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        if (!is_blank) {
            line += c;
        } else if (!line.empty() && line.back() != ' ') {
            line += ' ';
        }
    }
    return cut_to_width(escape_controls(trim(line)), subject_columns);
}

class Renderer {
public:
    Renderer(const Digest& digest, const Templates& templates)
        : digest_(digest), templates_(templates), values_(view_of(digest)) {}

    Rendered run() {
        const std::optional<std::string> subject = part("subject", Escaping::text);
        rendered_.subject = one_line(subject.value_or(plain_subject(digest_)));
        const std::optional<std::string> text = part("text", Escaping::text);
        rendered_.text = text.value_or(plain_text(digest_));
        rendered_.html = part("html", Escaping::html).value_or("");
        rendered_.payload = payload_of(digest_);
        return std::move(rendered_);
    }

private:
    /// The part by its template, or nothing and a problem.
    std::optional<std::string> part(std::string_view name, Escaping escaping) {
        const std::string& language = digest_.habits.language;
        Result<std::string> filled = fill(templates_.digest(name, language), values_, escaping);
        std::string what;
        if (!filled) {
            what = filled.error().message;
        } else if (trim(*filled).empty()) {
            what = "it leaves nothing to read";
        } else {
            return *std::move(filled);
        }
        rendered_.problems.push_back(fmt::format(
            "template digest_{}_{} cannot be used: {}", name, escape_controls(language), what
        ));
        return std::nullopt;
    }

    const Digest& digest_;
    const Templates& templates_;
    kainjow::mustache::data values_;
    Rendered rendered_;
};

} // namespace

Rendered render(const Digest& digest, const Templates& templates) {
    return Renderer{digest, templates}.run();
}

} // namespace reviewd::message
