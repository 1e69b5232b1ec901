#pragma once

#include "scoring/cel/environment.hpp"
#include "scoring/cel/evaluation.hpp"

#include <span>
#include <string_view>

namespace reviewd::cel {

/// Where a function comes from. `rules` is there in Dialect::rules only.
enum class Library {
    operators, ///< listed for their types; the interpreter applies them itself
    standard,  ///< the specification's own
    text,      ///< its optional library of strings
    math,      ///< its optional library of mathematics
    encoding,  ///< its optional library of encoders
    rules      ///< ours
};

/// One row of the table of functions. To add a function: one row in functions.cpp, its declaration
/// in implementations.hpp, one implementation beside the others of its library, and an example in
/// function_examples.cpp.
struct Function {
    std::string_view name;
    Library library;
    /// Its forms, separated by "; ", in the notation of signature.hpp: "string.contains(string) ->
    /// bool".
    std::string_view signatures;
    std::string_view description; ///< one sentence for the manual
    /// Null for operators and for what the interpreter must treat by itself (`known`).
    Value (*implementation)(std::string_view name, Arguments arguments, Evaluation& evaluation);
};

/// All functions and operators, in the order in which the manual lists them.
[[nodiscard]] std::span<const Function> functions();

/// An expression that shows the function or operator at work, without names of facts: it can be
/// evaluated as it stands. Empty when there is none.
[[nodiscard]] std::string_view example_of(const Function& function);

/// The function of that name, or null. Those of `rules` are found in Dialect::rules only.
[[nodiscard]] const Function* find_function(std::string_view name, Dialect dialect);

} // namespace reviewd::cel
