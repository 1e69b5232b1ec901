// The library's errors carry a sentence and no more: which option it is about is found by its name
// in that sentence, and the rest by what the options hold.
#include "daemon/usage/usage.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

namespace reviewd::usage {

namespace {

template <class Error>
bool is_a(const CLI::ParseError& error) {
    return dynamic_cast<const Error*>(&error) != nullptr;
}

bool has_commands(const CLI::App& app) {
    return !app.get_subcommands([](const CLI::App*) { return true; }).empty();
}

/// What the word could have been meant as: a command, or an option of this command or of one above.
std::string suggestion(const CLI::App& app, const std::string& word) {
    std::vector<std::string> candidates;
    if (word.rfind('-', 0) != 0) {
        for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
            candidates.push_back(command->get_name());
        }
        return did_you_mean(word, candidates);
    }
    for (const CLI::App* level = &app; level != nullptr; level = level->get_parent()) {
        for (const CLI::Option* option : level->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                candidates.push_back("--" + name);
            }
        }
    }
    return did_you_mean(word, candidates);
}

/// "TEXT" of an option with a check, too.
std::string kind_of_value(const CLI::Option& option) {
    const std::string name = option.get_type_name();
    return name.substr(0, name.find_first_of(":("));
}

/// How to write the option or argument.
std::string form_of(const CLI::Option& option) {
    if (option.get_positional()) {
        return option.get_name();
    }
    const std::string value = kind_of_value(option);
    return value.empty() ? option.get_name() : fmt::format("{} {}", option.get_name(), value);
}

/// The command with its arguments, and with the options that it cannot do without.
std::string form_of(const CLI::App& command) {
    std::string form = full_name(command);
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_required()) {
            form += ' ' + form_of(*option);
        } else if (option->get_positional()) {
            form += fmt::format(" [{}]", form_of(*option));
        }
    }
    return form;
}

/// The option of this command, or of one above, that the sentence names; null: none.
const CLI::Option* find_named(const CLI::App& app, std::string_view sentence) {
    const CLI::Option* best = nullptr;
    for (const CLI::App* level = &app; level != nullptr; level = level->get_parent()) {
        for (const CLI::Option* option : level->get_options()) {
            const std::string name = option->get_name();
            const bool is_longer = best == nullptr || name.size() > best->get_name().size();
            if (is_longer && sentence.find(name) != std::string_view::npos) {
                best = option;
            }
        }
    }
    return best;
}

std::string explain_extra(CLI::App& app, const CLI::App& where) {
    const std::vector<std::string> extra = app.remaining(true);
    const std::string word = extra.empty() ? "" : extra.front();
    const std::string shown = escape_controls(word);
    const std::string hint = suggestion(where, word);
    const std::string behind = hint.empty() ? "" : "; " + hint;
    if (word.rfind('-', 0) == 0) {
        return fmt::format("there is no option `{}`{}", shown, behind);
    }
    if (has_commands(where)) {
        return fmt::format("there is no command `{}`{}", shown, behind);
    }
    const std::string form = form_of(where);
    return form == full_name(where)
               ? fmt::format(
                   "there is no place for `{}`: {} takes nothing but options", shown, form
               )
               : fmt::format("there is no place for `{}`; write `{}`", shown, form);
}

std::string explain_missing(const CLI::App& where, const std::string& sentence) {
    for (const CLI::Option* option : where.get_options()) {
        if (option->get_required() && option->count() == 0) {
            return fmt::format("{} is missing; write `{}`", option->get_name(), form_of(where));
        }
    }
    return sentence;
}

std::string explain_pair(const CLI::App& where, const std::string& sentence) {
    for (const CLI::Option* option : where.get_options()) {
        for (const CLI::Option* other : option->get_excludes()) {
            if (option->count() > 0 && other->count() > 0) {
                return fmt::format(
                    "{} and {} exclude each other; leave one of them out",
                    option->get_name(),
                    other->get_name()
                );
            }
        }
    }
    return sentence;
}

/// A value too many, or none where one is wanted.
std::string explain_count(const CLI::Option& option) {
    if (option.count() > 1) {
        return fmt::format(
            "{} was given {} times; once is enough", option.get_name(), option.count()
        );
    }
    return fmt::format(
        "{} wants a value behind it; write `{}`", option.get_name(), form_of(option)
    );
}

/// The value that does not fit.
std::string given_to(const CLI::Option& option) {
    return option.count() == 0 ? "" : escape_controls(option.results().back());
}

std::string explain_conversion(const CLI::Option& option) {
    const bool is_flag = option.get_expected_max() == 0 || kind_of_value(option).empty();
    if (is_flag) {
        return fmt::format(
            "{0} takes no value; write `{0}` without `={1}`", option.get_name(), given_to(option)
        );
    }
    const bool has_fraction = kind_of_value(option) == "FLOAT";
    return fmt::format(
        "{}: `{}` is no {}",
        option.get_name(),
        given_to(option),
        has_fraction ? "number" : "whole number"
    );
}

/// The library's own checks; those of the program have said it well.
std::string explain_check(const CLI::Option& option, const std::string& sentence) {
    constexpr std::string_view range = "not in range ";
    constexpr std::string_view set = " not in {";
    if (const std::size_t at = sentence.find(range); at != std::string::npos) {
        return fmt::format(
            "{}: `{}` is no number in the range {}",
            option.get_name(),
            given_to(option),
            sentence.substr(at + range.size())
        );
    }
    if (const std::size_t at = sentence.find(set); at != std::string::npos) {
        std::string words;
        const std::size_t begin = at + set.size();
        for (const char letter : sentence.substr(begin, sentence.find('}', begin) - begin)) {
            words += letter == ',' ? ", " : std::string{letter};
        }
        return fmt::format("{}: `{}` is none of {}", option.get_name(), given_to(option), words);
    }
    return sentence;
}

} // namespace

CLI::App& deepest(CLI::App& app) {
    const std::vector<CLI::App*> parsed = app.get_subcommands();
    return parsed.empty() ? app : deepest(*parsed.back());
}

std::string full_name(const CLI::App& app) {
    const CLI::App* const parent = app.get_parent();
    return parent == nullptr ? app.get_name() : full_name(*parent) + " " + app.get_name();
}

std::string explain(CLI::App& app, const CLI::ParseError& error) {
    const CLI::App& where = deepest(app);
    const std::string sentence{trim(error.what())};
    if (is_a<CLI::ExtrasError>(error)) {
        return explain_extra(app, where);
    }
    if (is_a<CLI::RequiredError>(error)) {
        return explain_missing(where, sentence);
    }
    if (is_a<CLI::ExcludesError>(error)) {
        return explain_pair(where, sentence);
    }
    const CLI::Option* const option = find_named(where, sentence);
    if (option == nullptr) {
        return sentence;
    }
    if (is_a<CLI::ArgumentMismatch>(error)) {
        return explain_count(*option);
    }
    if (is_a<CLI::ConversionError>(error)) {
        return explain_conversion(*option);
    }
    return is_a<CLI::ValidationError>(error) ? explain_check(*option, sentence) : sentence;
}

} // namespace reviewd::usage
