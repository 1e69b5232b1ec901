// Rows of the table look like: | `name`, `other.name` | what happened | what to do |

#include "daemon/ctl/manual/pages.hpp"
#include "daemon/ctl/manual/roff.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <vector>

namespace reviewd::manual {

namespace {

std::vector<std::string> cells(std::string_view row) {
    std::vector<std::string> found;
    std::string cell;
    for (const char letter : row.substr(1)) {
        if (letter == '|') {
            found.emplace_back(trim(cell));
            cell.clear();
        } else {
            cell += letter;
        }
    }
    return found;
}

/// Words between backticks in bold.
std::string marked(std::string_view text) {
    std::string out;
    bool is_bold = false;
    std::string piece;
    for (const char letter : text) {
        if (letter == '`') {
            out += roff(piece);
            piece.clear();
            out += is_bold ? "\\fR" : "\\fB";
            is_bold = !is_bold;
        } else {
            piece += letter;
        }
    }
    return out + roff(piece);
}

} // namespace

Result<std::string> events_page(std::string_view readme) {
    std::string rows;
    bool is_inside = false;
    while (!readme.empty()) {
        const std::size_t end = readme.find('\n');
        const std::string_view line = readme.substr(0, end);
        readme = end == std::string_view::npos ? std::string_view{} : readme.substr(end + 1);
        if (line.rfind("| event |", 0) == 0) {
            is_inside = true;
        } else if (is_inside && (line.empty() || line.front() != '|')) {
            is_inside = false;
        } else if (is_inside && line.rfind("|--", 0) != 0) {
            const std::vector<std::string> row = cells(line);
            if (row.size() != 3) {
                return fail(
                    ErrorCode::bad_data,
                    fmt::format("a row of events has not three cells: {}", line)
                );
            }
            rows += fmt::format(
                ".SS {}\n{}.\n.PP\nWhat to do: {}.\n",
                marked(row[0]),
                marked(row[1]),
                marked(row[2])
            );
        }
    }
    if (rows.empty()) {
        return fail(ErrorCode::bad_data, "there is no table that begins with `| event |`");
    }
    std::string page = roff(PageHead{
        .name = "reviewd-events",
        .section = "7",
        .summary = "warnings and errors of reviewd, and what to do"});
    page += ".SH DESCRIPTION\nEach event is one line of the log with a stable name: in the journal "
            "the field \\fBREVIEWD_EVENT\\fR, with a field \\fBREVIEWD_\\fR\\fINAME\\fR for each "
            "fact (\\fBjournalctl \\-u reviewd \\-o json\\fR); on a terminal "
            "\\fIname key=value\\fR.\n.SH EVENTS\n";
    page += rows;
    page += ".SH SEE ALSO\n.BR reviewd (8),\n.BR reviewctl (1)\n";
    return page;
}

} // namespace reviewd::manual
