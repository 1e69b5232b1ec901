#include "daemon/ctl/manual/command_shape.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

namespace reviewd::manual {

namespace {

/// "INT, 1 to 10000" of CLI11's "INT:INT in [1 - 10000]", "csv or json" of "TEXT:{csv,json}"; what
/// a check calls itself otherwise is told by the description.
std::string value_words(const std::string& type) {
    const std::size_t colon = type.find(':');
    const std::string name = type.substr(0, colon);
    const std::string check = colon == std::string::npos ? "" : type.substr(colon + 1);
    const std::size_t low = check.find(" in [");
    const std::size_t high = check.find(" - ");
    if (low != std::string::npos && high != std::string::npos && check.back() == ']') {
        constexpr std::size_t opening = 5; // of " in ["
        constexpr std::size_t between = 3; // of " - "
        return fmt::format(
            "{} from {} to {}",
            name,
            check.substr(low + opening, high - low - opening),
            check.substr(high + between, check.size() - high - between - 1)
        );
    }
    if (check.size() > 2 && check.front() == '{' && check.back() == '}') {
        std::string words = check.substr(1, check.size() - 2);
        std::replace(words.begin(), words.end(), ',', '|');
        return words;
    }
    return name;
}

OptionShape shape_of(const CLI::Option& option) {
    OptionShape shape;
    shape.is_argument = option.get_positional() && !option.nonpositional();
    if (shape.is_argument) {
        shape.names.push_back(option.get_name(true));
    }
    for (const std::string& name : option.get_snames()) {
        shape.names.push_back("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
        shape.names.push_back("--" + name);
    }
    const bool takes_value = !shape.is_argument && option.get_items_expected_max() > 0;
    shape.value = takes_value ? value_words(option.get_type_name()) : std::string{};
    shape.otherwise = takes_value ? option.get_default_str() : std::string{};
    shape.description = option.get_description();
    shape.is_required = option.get_required();
    shape.is_repeated = shape.is_argument && option.get_items_expected_max() > 1;
    return shape;
}

CommandShape shape_below(const CLI::App& app, const std::string& route) {
    CommandShape shape;
    shape.route = route;
    shape.name = app.get_name();
    shape.description = app.get_description();
    for (const CLI::Option* option : app.get_options()) {
        shape.options.push_back(shape_of(*option));
    }
    const auto is_shown = [](const CLI::App* command) {
        return !command->get_group().empty() && !command->get_name().empty();
    };
    for (const CLI::App* command : app.get_subcommands(is_shown)) {
        const std::string below =
            route.empty() ? command->get_name() : route + " " + command->get_name();
        shape.commands.push_back(shape_below(*command, below));
    }
    return shape;
}

} // namespace

CommandShape shape_of(const CLI::App& app) {
    return shape_below(app, "");
}

void for_each(const CommandShape& command, const std::function<void(const CommandShape&)>& visit) {
    visit(command);
    for (const CommandShape& below : command.commands) {
        for_each(below, visit);
    }
}

} // namespace reviewd::manual
