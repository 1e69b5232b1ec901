#include "daemon/ctl/terminal.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>

namespace reviewd::ctl {

namespace {

constexpr std::size_t bar_columns = 30;
constexpr std::size_t fewest_columns = 40;
constexpr const char* clear_line = "\r\x1b[K";

Screen screen_of(std::ostream& stream, int descriptor) {
    Screen screen{.stream = &stream, .is_terminal = ::isatty(descriptor) == 1};
    const char* const no_colour = std::getenv("NO_COLOR"); // NOLINT(concurrency-mt-unsafe)
    const bool is_coloured = screen.is_terminal && (no_colour == nullptr || *no_colour == '\0');
    screen.colour = is_coloured ? Colour::on : Colour::off;
    winsize size{};
    if (screen.is_terminal && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        screen.columns = std::max<std::size_t>(size.ws_col, fewest_columns);
    }
    return screen;
}

std::string_view code_of(Style style) {
    switch (style) {
    case Style::plain:
        return "";
    case Style::strong:
        return "\x1b[1m";
    case Style::faint:
        return "\x1b[2m";
    case Style::good:
        return "\x1b[32m";
    case Style::warning:
        return "\x1b[33m";
    case Style::bad:
        return "\x1b[1;31m";
    }
    return "";
}

/// Whether it is a pipe whose other end is closed.
bool is_without_reader(int descriptor) {
    pollfd end{descriptor, POLLOUT, 0};
    return ::poll(&end, 1, 0) == 1 && (end.revents & POLLERR) != 0;
}

} // namespace

Terminal Terminal::standard() {
    return Terminal{screen_of(std::cout, STDOUT_FILENO), screen_of(std::cerr, STDERR_FILENO)};
}

void Terminal::line(std::string_view text) const {
    *out_.stream << text << '\n';
}

void Terminal::note(std::string_view text) const {
    *error_.stream << text << '\n';
}

void Terminal::fail(const Error& error) const {
    const std::string_view text = trim(error.message);
    if (text.find('\n') != std::string_view::npos) {
        note(safe_lines(text));
        return;
    }
    note(fmt::format("reviewctl: {} {}", styled("error:", Style::bad, error_.colour), safe(text)));
}

void Terminal::progress(std::string_view what, double share) const {
    if (!error_.is_terminal) {
        return;
    }
    *error_.stream << clear_line << progress_line(what, share, error_.columns) << std::flush;
}

void Terminal::end_progress() const {
    if (error_.is_terminal) {
        *error_.stream << clear_line << std::flush;
    }
}

int finish_output(const Terminal& terminal, int descriptor, int code) {
    constexpr int write_failed = 74; // EX_IOERR
    terminal.out().stream->flush();
    // Asked of the descriptor, since errno may be of anything that came after the write.
    if (code != 0 || *terminal.out().stream || is_without_reader(descriptor)) {
        return code;
    }
    terminal.note("reviewctl: error: the answer could not be written; is the disk full?");
    return write_failed;
}

std::string progress_line(std::string_view what, double share, std::size_t columns) {
    const double bounded = share > 0 ? std::min(share, 1.0) : 0; // not a number: nothing is known
    const auto filled = static_cast<std::size_t>(std::floor(bounded * bar_columns));
    const std::string bar = fmt::format(
        "[{:=<{}}{: <{}}] {:3} % ",
        "",
        filled,
        "",
        bar_columns - filled,
        static_cast<int>(std::floor(bounded * 100))
    );
    // The last column stays free: some terminals begin a new line once it is written.
    const std::size_t room = columns > bar.size() + 1 ? columns - bar.size() - 1 : 0;
    return bar + (room > 0 ? cut_to_width(safe(what), room) : std::string{});
}

std::string styled(std::string_view text, Style style, Colour colour) {
    if (colour == Colour::off || style == Style::plain || text.empty()) {
        return std::string{text};
    }
    return fmt::format("{}{}\x1b[0m", code_of(style), text);
}

std::vector<std::string> wrapped(std::string rest, std::size_t width) {
    std::vector<std::string> rows;
    while (display_width(rest) > width) {
        std::size_t blank = rest.find(' ', rest.find_first_not_of(' '));
        std::size_t end = blank;
        while (blank != std::string::npos && display_width(rest.substr(0, blank)) <= width) {
            end = blank;
            blank = rest.find(' ', blank + 1);
        }
        const std::size_t next = rest.find_first_not_of(' ', end);
        if (next == std::string::npos) {
            break;
        }
        rows.push_back(rest.substr(0, end));
        rest = "  " + rest.substr(next);
    }
    rows.push_back(std::move(rest));
    return rows;
}

std::string safe(std::string_view text) {
    return escape_controls(text);
}

std::string safe_lines(std::string_view text) {
    std::string out;
    while (true) {
        const std::size_t end = text.find('\n');
        out += escape_controls(text.substr(0, end));
        if (end == std::string_view::npos) {
            return out;
        }
        out += '\n';
        text.remove_prefix(end + 1);
    }
}

} // namespace reviewd::ctl
