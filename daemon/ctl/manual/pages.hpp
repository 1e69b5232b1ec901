#pragma once

#include "daemon/ctl/manual/command_shape.hpp"
#include "scoring/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reviewd::manual {

/// reviewctl(1): every command with every option.
[[nodiscard]] std::string command_page(const CommandShape& program);

/// reviewd.yaml(5), rules(5), agenda(5): every key of a JSON schema.
/// @param name the page's name, for instance "reviewd.yaml"
/// @param more sections that follow the keys, marked up; may be empty
/// @errors `bad_data` when the text is no schema that this can read
[[nodiscard]] Result<std::string> schema_page(
    std::string_view name, std::string_view schema, std::string_view more
);

/// One function of expressions, as people look it up.
struct FunctionLine {
    std::string name;
    std::string library;            ///< the heading it stands below: "Mathematics"
    std::vector<std::string> forms; ///< "string.contains(string) -> bool"
    std::string description;        ///< one sentence
    std::string example;            ///< an expression
    std::string value;              ///< of the example, as CEL writes it
};

/// All functions but the operators, in the order of their table.
[[nodiscard]] std::vector<FunctionLine> function_lines();

/// What reviewd-rules(5) says of expressions and their functions.
[[nodiscard]] std::string functions_section();

/// What reviewd.yaml(5) says of the tables that sources fill.
[[nodiscard]] std::string tables_section();

/// reviewd-events(7): the table of events in README.md, a paragraph for each.
/// @errors `bad_data` when there is no such table
[[nodiscard]] Result<std::string> events_page(std::string_view readme);

/// reviewctl-json(5): the shape of every answer in JSON.
/// @param document answers.json of this folder
/// @errors `bad_data` when it is no such document, or names a type or a shape that it does not have
[[nodiscard]] Result<std::string> answers_page(std::string_view document);

} // namespace reviewd::manual
