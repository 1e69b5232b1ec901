#pragma once

#include "daemon/ctl/command_line.hpp"

#include <sstream>
#include <string>
#include <vector>

namespace reviewd::ctl::test {

struct Ran {
    int code = 0;
    std::string out;
    std::string error;
};

/// Runs reviewctl with these arguments; its streams are no terminals.
inline Ran run(const std::vector<std::string>& arguments) {
    std::ostringstream out;
    std::ostringstream error;
    const Terminal terminal{Screen{.stream = &out}, Screen{.stream = &error}};
    const int code = run_command_line(arguments, terminal);
    return Ran{.code = code, .out = out.str(), .error = error.str()};
}

} // namespace reviewd::ctl::test
