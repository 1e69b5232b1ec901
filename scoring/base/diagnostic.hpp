#pragma once

#include "scoring/base/source_position.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reviewd {

enum class Severity { error, warning, note };

/// @returns the name of the severity, as on screen and in JSON
[[nodiscard]] std::string_view word(Severity severity);

/// One finding in something a person wrote, with all that is needed to show and mend it.
struct Diagnostic {
    Severity severity = Severity::error;
    SourcePosition position;
    std::string message;     ///< one sentence: what was expected, what was found
    std::string source_line; ///< the line `position` points into, without its end; may be empty
    std::string
        hint; ///< what to do, shown behind the caret: "did you mean `budget`?"; may be empty
    /// Nothing is wrong with what the person wrote: it could not be read now, for want of
    /// descriptors or memory, and may be read later.
    bool is_temporary = false;
};

using Diagnostics = std::vector<Diagnostic>;

[[nodiscard]] bool has_errors(const Diagnostics& diagnostics);
/// Whether any of the errors is temporary: then the others may only follow from it.
[[nodiscard]] bool is_temporary(const Diagnostics& diagnostics);

enum class Colour { off, on };

/// Renders `file:line:column: error: message`, the source line indented by two, and a caret with
/// the hint under the column. Control characters and bidirectional overrides of the source line are
/// shown as escapes, and a long line is cut around the caret. Ends with a line feed.
[[nodiscard]] std::string render(const Diagnostic& diagnostic, Colour colour = Colour::off);

/// All of them, sorted by file, line and column; equal ones once.
[[nodiscard]] std::string render(Diagnostics diagnostics, Colour colour = Colour::off);

} // namespace reviewd
