#pragma once

// daemon/ctl: reviewctl. Reads the command line, asks the daemon over its socket (or, offline, the
// same command table over the database), and shows the answer: tables for people, JSON for
// programs. Includes daemon/app and what that includes.

#include "scoring/base/diagnostic.hpp"
#include "scoring/base/error.hpp"

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::ctl {

enum class Style { plain, strong, faint, good, warning, bad };

/// One stream and what it can show.
struct Screen {
    std::ostream* stream = nullptr;
    bool is_terminal = false;
    Colour colour = Colour::off;
    std::size_t columns = 100; ///< of a terminal; otherwise lines are never cut
};

/// What a command writes to. Standard output has the answer, standard error what is said about it.
class Terminal {
public:
    Terminal(Screen out, Screen error) : out_{out}, error_{error} {}
    /// The process's own streams; colour only on terminals and when NO_COLOR is not set.
    [[nodiscard]] static Terminal standard();

    [[nodiscard]] const Screen& out() const { return out_; }
    [[nodiscard]] const Screen& error() const { return error_; }

    /// Writes a line; text from elsewhere is to be escaped by the caller (safe()).
    void line(std::string_view text = {}) const;
    void note(std::string_view text) const;
    /// "reviewctl: error: …". A message of several lines (diagnostics) stands as it is.
    void fail(const Error& error) const;

    /// Draws how far something is, on one line of standard error, if that is a terminal.
    void progress(std::string_view what, double share) const;
    void end_progress() const;

private:
    Screen out_;
    Screen error_;
};

/// Ends the output: flushes it.
/// @param descriptor what the terminal's output is written to
/// @param code of the command
/// @returns the code to exit with: `code`, or 74 after a message when the answer of a command that
/// succeeded could not be written. A reader that has seen enough (`| head`) is no failure.
[[nodiscard]] int finish_output(const Terminal& terminal, int descriptor, int code);

/// A bar, the share in whole percent, and what it is about, on one line without its end. Both round
/// down: only what is complete shows 100 %.
/// @param what any text; shown escaped, and cut where the terminal ends
/// @param share 0 to 1; more counts as 1, less and what is no number as 0
/// @param columns of the terminal, at least 40
[[nodiscard]] std::string progress_line(std::string_view what, double share, std::size_t columns);

/// Rows of at most `width` columns, broken between words; what goes on is indented. A word that is
/// wider stays whole.
[[nodiscard]] std::vector<std::string> wrapped(std::string rest, std::size_t width);

/// `text` in that style, or as it is without colour.
[[nodiscard]] std::string styled(std::string_view text, Style style, Colour colour);

/// Any text from files or the database, made safe for one line of a terminal.
[[nodiscard]] std::string safe(std::string_view text);
/// Likewise for a text of several lines: line feeds stay.
[[nodiscard]] std::string safe_lines(std::string_view text);

} // namespace reviewd::ctl
