#include "daemon/ctl/manual/roff.hpp"

#include <fmt/format.h>

namespace reviewd::manual {

std::string roff(std::string_view text) {
    std::string marked;
    bool is_line_start = true;
    for (const char letter : text) {
        if (is_line_start && (letter == '.' || letter == '\'')) {
            marked += "\\&";
        }
        if (letter == '\\') {
            marked += "\\e";
        } else if (letter == '-') {
            marked += "\\-";
        } else if (letter == '~') {
            marked += "\\(ti";
        } else if (letter == '^') {
            marked += "\\(ha";
        } else {
            marked += letter;
        }
        is_line_start = letter == '\n';
    }
    return marked;
}

std::string roff(const PageHead& head) {
    return fmt::format(
        ".\\\" Written by the build from the program itself.\n"
        ".TH {0} {1} \"\" \"reviewd {2}\" \"Account reviews\"\n"
        ".SH NAME\n{3} \\- {4}\n",
        roff(head.name),
        head.section,
        REVIEWD_VERSION,
        roff(head.name),
        roff(head.summary)
    );
}

} // namespace reviewd::manual
