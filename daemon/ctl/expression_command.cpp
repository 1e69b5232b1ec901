#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/manual/pages.hpp"
#include "daemon/ctl/repeatable.hpp"
#include "daemon/ctl/table.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/text.hpp"
#include "scoring/cel/conformance.hpp"
#include "scoring/cel/expression.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

struct ExpressionOptions {
    std::string text;
    std::vector<std::string> variables;
    std::string cases_file;
    bool is_standard = false;
    bool lists_functions = false;
};

struct Binding {
    std::string name;
    cel::Type type;
    cel::Value value;
    bool is_missing = false;
};

cel::Type type_of(const cel::Value& value) {
    using Kind = cel::Type::Kind;
    constexpr std::array kinds{
        Kind::null,
        Kind::boolean,
        Kind::integer,
        Kind::unsigned_integer,
        Kind::real,
        Kind::string,
        Kind::bytes,
        Kind::timestamp,
        Kind::duration};
    const std::size_t index = value.data().index();
    if (index < kinds.size()) {
        return cel::Type{kinds.at(index), {}};
    }
    if (value.get_if<std::shared_ptr<const cel::List>>() != nullptr) {
        return cel::list_of(cel::Type{});
    }
    if (value.get_if<std::shared_ptr<const cel::Map>>() != nullptr) {
        return cel::map_of(cel::Type{}, cel::Type{});
    }
    return cel::Type{};
}

/// A day, else any expression that stands for itself (5, 1.5, true, "a", ["a", "b"]), else text.
cel::Value value_of(const std::string& text) {
    if (const Result<Date> date = parse_date(text)) {
        const auto seconds = std::chrono::seconds{date->time_since_epoch()}.count();
        return cel::Value::of(cel::Timestamp{.seconds = seconds});
    }
    const auto constant = cel::compile(text, cel::Environment{cel::Dialect::standard});
    if (constant) {
        cel::Value value = cel::evaluate(*constant, {});
        if (value.is_plain()) {
            return value;
        }
    }
    return cel::Value::of(text);
}

bool is_name(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return is_letter(text.front()) && std::all_of(text.begin(), text.end(), [&](char c) {
               return is_letter(c) || (c >= '0' && c <= '9');
           });
}

Result<Binding> parse_binding(const std::string& text) {
    const std::size_t mark = text.find('=');
    const std::string name{trim(text.substr(0, mark))};
    if (mark == std::string::npos || name.empty()) {
        return fail(
            ErrorCode::usage,
            fmt::format(
                "--with takes name=value, for instance --with products_owned=2 or --with "
                "'owned=[\"printer\"]'; found `{}`",
                text
            )
        );
    }
    if (!is_name(name)) {
        return fail(
            ErrorCode::usage,
            fmt::format("`{}` is no name: write letters, digits and `_`, a letter first", name)
        );
    }
    const std::string value{trim(text.substr(mark + 1))};
    if (value == "?") {
        return Binding{.name = name, .type = {}, .value = {}, .is_missing = true};
    }
    cel::Value read = value_of(value);
    cel::Type type = type_of(read);
    return Binding{.name = name, .type = std::move(type), .value = std::move(read)};
}

/// How to give a value to a name that has none; empty for any other problem.
std::string binding_hint(const cel::Problem& problem) {
    constexpr std::string_view unknown = "there is nothing called `";
    const std::string_view message = problem.message;
    if (message.substr(0, unknown.size()) != unknown) {
        return {};
    }
    const std::string_view rest = message.substr(unknown.size());
    const std::string_view name = rest.substr(0, rest.find('`'));
    return fmt::format(
        "give it a value, for instance --with {}={}", name, name == "today" ? "2026-11-20" : "1"
    );
}

std::string show_problems(const std::string& text, const cel::Problems& problems, Colour colour) {
    const auto file = std::make_shared<const std::string>("expression");
    Diagnostics diagnostics;
    for (const cel::Problem& problem : problems) {
        const std::string_view before = std::string_view{text}.substr(0, problem.begin);
        const std::size_t line_begin = before.rfind('\n') + 1; // npos + 1 is 0
        const std::size_t line_end = text.find('\n', line_begin);
        const auto line = 1 + std::count(before.begin(), before.end(), '\n');
        const std::size_t column = count_code_points(before.substr(line_begin)) + 1;
        diagnostics.push_back(Diagnostic{
            .position =
                {.file = file, .line = static_cast<int>(line), .column = static_cast<int>(column)},
            .message = problem.message,
            .source_line = text.substr(line_begin, line_end - line_begin),
            .hint = problem.hint.empty() ? binding_hint(problem) : problem.hint,
        });
    }
    return render(std::move(diagnostics), colour);
}

int evaluate_expression(const ExpressionOptions& options, const Invocation& invocation) {
    const Terminal& terminal = invocation.terminal;
    if (find_invalid_utf8(options.text)) {
        return invocation.failed(fail(ErrorCode::bad_data, "the expression is not valid UTF-8"));
    }
    cel::Environment environment{
        options.is_standard ? cel::Dialect::standard : cel::Dialect::rules};
    std::vector<cel::Value> values;
    for (const std::string& text : options.variables) {
        Result<Binding> binding = parse_binding(text);
        if (!binding) {
            return invocation.failed(binding.error());
        }
        if (environment.slot_of(binding->name)) {
            return invocation.failed(
                fail(ErrorCode::usage, fmt::format("--with names `{}` twice", binding->name))
            );
        }
        const std::uint32_t slot = environment.declare(binding->name, binding->type);
        values.push_back(
            binding->is_missing ? cel::Value::unknown(slot) : std::move(binding->value)
        );
    }
    const auto expression = cel::compile(options.text, environment);
    if (!expression) {
        *terminal.error().stream << show_problems(
            options.text, expression.error(), terminal.error().colour
        );
        return exit_code(ErrorCode::bad_data);
    }
    const cel::Value value = cel::evaluate(*expression, values);
    json::object answer{{"type", to_string(expression->type())}};
    std::string missing;
    if (const cel::Unknown* const unknown = value.get_if<cel::Unknown>()) {
        json::array names;
        for (const std::uint32_t slot : unknown->slots) {
            const std::string& name = environment.variables().at(slot).name;
            missing += (missing.empty() ? "" : ", ") + name;
            names.emplace_back(name);
        }
        answer["missing"] = std::move(names);
    } else if (const auto* const error = value.get_if<cel::EvaluationError>()) {
        answer["error"] = error->message;
    } else {
        answer["value"] = to_string(value);
    }
    if (invocation.options.is_json) {
        invocation.show_json(answer);
    } else if (value.is_unknown()) {
        terminal.line(fmt::format("cannot be judged: {} missing", safe(missing)));
    } else if (!value.is_error()) {
        terminal.line(safe(to_string(value)));
    }
    if (const auto* const error = value.get_if<cel::EvaluationError>()) {
        return invocation.failed(fail(ErrorCode::bad_data, error->message));
    }
    return 0;
}

int run_cases(const std::string& file, const Invocation& invocation) {
    std::ifstream stream{file};
    if (!stream) {
        return invocation.failed(
            fail(ErrorCode::not_found, fmt::format("{} cannot be read", safe(file)))
        );
    }
    int passed = 0;
    int failed = 0;
    json::array failures;
    std::string line;
    for (int number = 1; std::getline(stream, line); ++number) {
        if (trim(line).empty()) {
            continue;
        }
        const cel::ConformanceResult result = cel::run_conformance_case(line);
        (result.passed ? passed : failed) += 1;
        if (result.passed) {
            continue;
        }
        const std::string name = result.name.empty() ? fmt::format("line {}", number) : result.name;
        if (invocation.options.is_json) {
            failures.push_back(json::object{
                {"line", number}, {"name", name}, {"message", result.message}});
        } else {
            invocation.terminal.line(fmt::format("{}: {}", safe(name), safe(result.message)));
        }
    }
    if (stream.bad()) {
        return invocation.failed(
            fail(ErrorCode::io_failed, fmt::format("{} could not be read to its end", safe(file)))
        );
    }
    if (invocation.options.is_json) {
        invocation.show_json(json::object{
            {"passed", passed}, {"failed", failed}, {"failures", std::move(failures)}});
    } else {
        invocation.terminal.line(fmt::format("{} passed, {} failed", passed, failed));
    }
    return failed == 0 ? 0 : exit_code(ErrorCode::bad_data);
}

int list_functions(const Invocation& invocation) {
    Table table{
        {{"FUNCTION"},
         {"EXAMPLE", Table::Align::left, Table::Column::Cut::below},
         {"WHAT IT IS", Table::Align::left, Table::Column::Cut::if_needed}}};
    json::array functions;
    for (const manual::FunctionLine& line : manual::function_lines()) {
        functions.push_back(json::object{
            {"name", line.name},
            {"library", line.library},
            {"forms", json::array(line.forms.begin(), line.forms.end())},
            {"description", line.description},
            {"example", line.example},
            {"value", line.value}});
        table.add({line.name, fmt::format("{} is {}", line.example, line.value), line.description});
    }
    if (invocation.options.is_json) {
        invocation.show_json(json::object{{"functions", std::move(functions)}});
    } else {
        const Screen& screen = invocation.terminal.out();
        *screen.stream << table.render(screen);
    }
    return 0;
}

} // namespace

void add_expression_command(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<ExpressionOptions>();
    CLI::App* const command = app.add_subcommand(
        "expression", "evaluate an expression as rules use them, or run conformance cases"
    );
    command->add_option(
        "EXPRESSION", options->text, "the expression, for instance 'budget > 20000'"
    );
    auto* const cases = command->add_option(
        "--cases", options->cases_file, "run a file of conformance cases as standard CEL"
    );
    auto* const with = command->add_option(
        "--with",
        options->variables,
        "name=value of a variable; a day is 2026-11-20, ? stands for a missing value"
    );
    repeatable(*with)->excludes(cases);
    command->add_flag("--standard", options->is_standard, "standard CEL, without our additions")
        ->excludes(cases);
    command->add_flag(
        "--functions",
        options->lists_functions,
        "list the functions that an expression may use (man reviewd-rules has their forms)"
    );
    command->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            if (options->lists_functions && options->text.empty() && options->cases_file.empty()) {
                return list_functions(invocation);
            }
            if (options->lists_functions || options->text.empty() == options->cases_file.empty()) {
                return invocation.failed(fail(
                    ErrorCode::usage,
                    "give either an expression, for instance reviewctl expression '1 + 1', or "
                    "--cases FILE, or --functions alone"
                ));
            }
            return options->cases_file.empty() ? evaluate_expression(*options, invocation)
                                               : run_cases(options->cases_file, invocation);
        };
    });
}

} // namespace reviewd::ctl
