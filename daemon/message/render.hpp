#pragma once

#include "daemon/message/digest.hpp"
#include "daemon/message/templates.hpp"
#include "daemon/message/value.hpp"

#include <functional>
#include <string>
#include <vector>

namespace reviewd::message {

/// A digest, ready to be sent.
struct Rendered {
    std::string subject; ///< one line, no control characters, at most 120 columns
    std::string text;    ///< lines end in LF
    std::string html;    ///< a whole document; empty when left out, or its template failed
    std::string payload; ///< JSON, see payload.hpp
    /// Templates that could not be used, and why; the parts were composed without them. Empty when
    /// all went well. For the log and for IT, not for the reader.
    std::vector<std::string> problems;
};

/// Most channels show no HTML, and it would be most of what is stored of a message.
enum class Html { composed, left_out };

/// Composes subject, text, HTML and JSON. Never fails: where a template does, the part is composed
/// in code (the HTML is left out) and `problems` says so.
[[nodiscard]] Rendered render(
    const Digest& digest, const Templates& templates, Html html = Html::composed
);

/// What a message of any kind is composed from.
struct Parts {
    std::string kind; ///< of its templates: `<kind>_subject_en` …
    std::string language;
    Value values;
    std::string payload;
    std::function<std::string()> plain_subject, plain_text; ///< made where a template fails
};

/// The same for values that are made already.
[[nodiscard]] Rendered render_parts(Parts parts, const Templates& templates, Html html);

} // namespace reviewd::message
