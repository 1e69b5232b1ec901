#include "daemon/ctl/manual/command_shape.hpp"

#include <CLI/CLI.hpp>

namespace reviewd::manual {

namespace {

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
    shape.value = takes_value ? option.get_type_name() : std::string{};
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
