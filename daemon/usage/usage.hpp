#pragma once

// daemon/usage: what is wrong with a command line, in the words of the house instead of those of
// the library that reads it. Shared by reviewd and reviewctl. Includes scoring/base.

#include <string>

namespace CLI {
class App;
class ParseError;
} // namespace CLI

namespace reviewd::usage {

/// The app of the last command that was recognised; `app` itself where there is none.
[[nodiscard]] CLI::App& deepest(CLI::App& app);

/// "reviewctl review done".
[[nodiscard]] std::string full_name(const CLI::App& app);

/// What was found, what was expected and what to do, on one line without the program's name. Words
/// of the caller's own checks stand as they are.
/// @param app that could not read its words, and threw `error`
[[nodiscard]] std::string explain(CLI::App& app, const CLI::ParseError& error);

} // namespace reviewd::usage
