#include "daemon/ctl/manual/pages.hpp"
#include "daemon/ctl/manual/roff.hpp"
#include "scoring/base/error.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace reviewd::manual {

namespace {

std::string synopsis_of(const CommandShape& command) {
    std::string line = fmt::format("\\fBreviewctl {}\\fR", roff(command.route));
    for (const OptionShape& option : command.options) {
        if (option.is_argument) {
            const std::string name = roff(option.names.front());
            line += option.is_required ? fmt::format(" \\fI{}\\fR", name)
                                       : fmt::format(" [\\fI{}\\fR]", name);
            line += option.is_repeated ? " \\&..." : "";
        }
    }
    return line;
}

std::string option_entry(const OptionShape& option) {
    std::string names;
    for (const std::string& name : option.names) {
        names += fmt::format("{}\\fB{}\\fR", names.empty() ? "" : ", ", roff(name));
    }
    if (!option.value.empty()) {
        names += fmt::format(" \\fI{}\\fR", roff(option.value));
    }
    return fmt::format(
        ".TP\n{}\n{}{}{}\n",
        names,
        roff(option.description),
        option.otherwise.empty() ? "" : fmt::format(" (default: {})", roff(option.otherwise)),
        option.is_required && !option.is_argument ? " (required)" : ""
    );
}

std::string options_of(const CommandShape& command) {
    std::string text;
    for (const OptionShape& option : command.options) {
        const bool is_help = !option.names.empty() && option.names.back() == "--help";
        text += is_help && !command.route.empty() ? "" : option_entry(option);
    }
    return text;
}

struct End {
    ErrorCode code;
    std::string_view meaning;
};

/// Codes of the same number share a line.
constexpr std::array all_ends{
    End{ErrorCode::usage, "the command line is wrong"},
    End{ErrorCode::bad_data,
        "data are wrong: a file, an expression, a damaged backup; or the state of a thing does not "
        "allow it, for instance a review that is done already"},
    End{ErrorCode::not_found, "the file, the account or whatever was named does not exist"},
    End{ErrorCode::unavailable, "the daemon does not answer"},
    End{ErrorCode::internal, "a defect of the program"},
    End{ErrorCode::cannot_create,
        "a file cannot be made, another process has the database, or a reload could not use the "
        "address or the secret of links"},
    End{ErrorCode::io_failed, "something could not be read or written, the answer perhaps"},
    End{ErrorCode::try_later,
        "busy, held, or no room on the disk: the same command may succeed later"},
    End{ErrorCode::no_permission, "not allowed"},
    End{ErrorCode::bad_config,
        "the configuration or the rules are wrong; all mistakes are shown; of doctor: a check is bad "
        "while the daemon runs, or with --offline"},
};

std::string ends() {
    std::string text = ".SH EXIT STATUS\n.TP\n.B 0\ndone\n";
    for (const End& end : all_ends) {
        text += fmt::format(".TP\n.B {}\n{}\n", exit_code(end.code), roff(end.meaning));
    }
    return text;
}

} // namespace

std::string command_page(const CommandShape& program) {
    std::string page = roff(PageHead{
        .name = "reviewctl", .section = "1", .summary = "account reviews from the command line"});
    page +=
        ".SH SYNOPSIS\n.B reviewctl\n[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]\n"
        ".SH DESCRIPTION\n"
        "Asks the running \\fBreviewd\\fR(8) over its local socket, and shows the answer: tables "
        "for people, or JSON for programs with \\fB\\-\\-json\\fR "
        "(\\fBreviewctl\\-json\\fR(5)). The words of each command may be followed by the options "
        "of the program.\n"
        ".SH OPTIONS\n";
    page += options_of(program);
    page += ".SH COMMANDS\n";
    for_each(program, [&](const CommandShape& command) {
        const bool is_family = !command.commands.empty();
        if (command.route.empty() || is_family) {
            return;
        }
        page += fmt::format(
            ".SS {}\n{}\n.PP\n{}\n",
            roff(command.route),
            synopsis_of(command),
            roff(command.description)
        );
        page += options_of(command);
    });
    page += ends();
    page +=
        ".SH FILES\n.TP\n.I /etc/reviewd/reviewd.yaml\nthe configuration\n.TP\n"
        ".I /run/reviewd/control.sock\nthe daemon's control socket\n"
        ".SH SEE ALSO\n.BR reviewd (8),\n.BR reviewctl\\-json (5),\n.BR reviewd.yaml (5),\n.BR reviewd\\-rules (5),\n"
        ".BR reviewd\\-messages (5),\n"
        ".BR reviewd\\-events (7)\n";
    return page;
}

} // namespace reviewd::manual
