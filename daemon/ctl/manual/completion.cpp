// All three find the route of commands typed so far by the same walk: a word that continues a known
// route extends it, anything else (options, their values, arguments) is passed over.

#include "daemon/ctl/manual/completion.hpp"

#include <fmt/format.h>

#include <set>

namespace reviewd::manual {

namespace {

using Options = std::vector<OptionShape>;

/// The options of a command and those of the program, which hold everywhere; each name once.
Options options_at(const CommandShape& program, const CommandShape& command) {
    Options options;
    std::set<std::string> known;
    for (const CommandShape* level : {&command, &program}) {
        for (const OptionShape& option : level->options) {
            if (!option.is_argument && !option.names.empty()
                && known.insert(option.names.back()).second) {
                options.push_back(option);
            }
        }
    }
    return options;
}

/// For a text between single quotes.
std::string quoted(const std::string& text) {
    std::string out;
    for (const char letter : text) {
        out += letter == '\'' ? std::string{"'\\''"} : std::string{letter};
    }
    return out;
}

/// zsh separates a word from its description by a colon.
std::string described(const std::string& word, const std::string& description) {
    return fmt::format("'{}:{}'", quoted(word), quoted(description));
}

std::string routes(const CommandShape& program, const char* separator) {
    std::string all;
    for_each(program, [&](const CommandShape& command) {
        if (!command.route.empty()) {
            all += fmt::format("{}\" {}\"", all.empty() ? "" : separator, command.route);
        }
    });
    return all;
}

} // namespace

std::string bash_completion(const CommandShape& program) {
    std::string cases;
    std::string with_value;
    for_each(program, [&](const CommandShape& command) {
        std::string words;
        for (const CommandShape& below : command.commands) {
            words += below.name + " ";
        }
        for (const OptionShape& option : options_at(program, command)) {
            words += option.names.back() + " ";
        }
        cases += fmt::format(
            "        \"{}{}\") words='{}' ;;\n",
            command.route.empty() ? "" : " ",
            command.route,
            words
        );
    });
    return fmt::format(
        R"(# Completion of reviewctl for bash; written by the build from its commands.
_reviewctl() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} route="" words="" word index
    for ((index = 1; index < COMP_CWORD; ++index)); do
        word=${{COMP_WORDS[index]}}
        case "$route $word" in
            {}) route="$route $word" ;;
        esac
    done
    case "$route" in
{}    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F _reviewctl reviewctl
)",
        routes(program, " | "),
        cases
    );
}

std::string zsh_completion(const CommandShape& program) {
    std::string cases;
    for_each(program, [&](const CommandShape& command) {
        std::string commands;
        std::string options;
        for (const CommandShape& below : command.commands) {
            commands += described(below.name, below.description) + " ";
        }
        for (const OptionShape& option : options_at(program, command)) {
            options += described(option.names.back(), option.description) + " ";
        }
        cases += fmt::format(
            "        (\"{}{}\")\n            commands=({})\n            options=({})\n            ;;\n",
            command.route.empty() ? "" : " ",
            command.route,
            commands,
            options
        );
    });
    return fmt::format(
        R"(#compdef reviewctl
# Completion of reviewctl for zsh; written by the build from its commands.
_reviewctl() {{
    local route="" word
    local -a commands options
    for word in ${{words[2,CURRENT-1]}}; do
        case "$route $word" in
            ({}) route="$route $word" ;;
        esac
    done
    case "$route" in
{}    esac
    if [[ ${{words[CURRENT]}} == -* ]]; then
        _describe -o option options
    elif (( ${{#commands}} )); then
        _describe command commands
    else
        _files
    fi
}}
_reviewctl "$@"
)",
        routes(program, " | "),
        cases
    );
}

std::string fish_completion(const CommandShape& program) {
    std::string lines;
    for_each(program, [&](const CommandShape& command) {
        const std::string at = fmt::format("'__reviewctl_at \"{}\"'", command.route);
        for (const CommandShape& below : command.commands) {
            lines += fmt::format(
                "complete -c reviewctl -f -n {} -a {} -d '{}'\n",
                at,
                below.name,
                quoted(below.description)
            );
        }
        for (const OptionShape& option : options_at(program, command)) {
            lines += fmt::format(
                "complete -c reviewctl -n {} -l {}{} -d '{}'\n",
                at,
                option.names.back().substr(2),
                option.value.empty() ? "" : " -r",
                quoted(option.description)
            );
        }
    });
    return fmt::format(
        R"(# Completion of reviewctl for fish; written by the build from its commands.
function __reviewctl_at
    set -l route ""
    for word in (commandline -opc)[2..-1]
        switch "$route $word"
            case {}
                set route "$route $word"
        end
    end
    test "$route" = "$argv[1]" -o "$route" = " $argv[1]"
end
{})",
        routes(program, " "),
        lines
    );
}

} // namespace reviewd::manual
