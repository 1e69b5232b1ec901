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
    Renderer(Parts parts, const Templates& templates)
        : parts_(std::move(parts)), templates_(templates) {}

    Rendered run(Html html) {
        std::optional<std::string> subject = part("subject", Escaping::text);
        std::optional<std::string> text = part("text", Escaping::text);
        rendered_.subject = one_line(subject ? *subject : parts_.plain_subject());
        rendered_.text = text ? *std::move(text) : parts_.plain_text();
        if (html == Html::composed) {
            rendered_.html = part("html", Escaping::html).value_or("");
        }
        rendered_.payload = std::move(parts_.payload);
        return std::move(rendered_);
    }

private:
    /// The part by its template, or nothing and a problem.
    std::optional<std::string> part(std::string_view name, Escaping escaping) {
        Result<std::string> filled =
            fill(templates_.find(parts_.kind, name, parts_.language), parts_.values, escaping);
        std::string what;
        if (!filled) {
            what = filled.error().message;
        } else if (trim(*filled).empty()) {
            what = "it leaves nothing to read";
        } else {
            return *std::move(filled);
        }
        rendered_.problems.push_back(fmt::format(
            "template {}_{}_{} cannot be used: {}",
            parts_.kind,
            name,
            escape_controls(parts_.language),
            what
        ));
        return std::nullopt;
    }

    Parts parts_;
    const Templates& templates_;
    Rendered rendered_;
};

} // namespace

Rendered render(const Digest& digest, const Templates& templates, Html html) {
    return render_parts(
        {"digest",
         digest.habits.language,
         view_of(digest),
         payload_of(digest),
         [&] { return plain_subject(digest); },
         [&] {
             return plain_text(digest);
         }},
        templates,
        html
    );
}

Rendered render_parts(Parts parts, const Templates& templates, Html html) {
    return Renderer{std::move(parts), templates}.run(html);
}

} // namespace reviewd::message
