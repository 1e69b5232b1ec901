#include "daemon/ctl/command_line.hpp"
#include "daemon/runtime/signals.hpp"

#include <unistd.h>

#include <string>
#include <vector>

int main(int count, char** words) {
    reviewd::runtime::ignore_broken_pipes();
    const std::vector<std::string> arguments(words + 1, words + count);
    const reviewd::ctl::Terminal terminal = reviewd::ctl::Terminal::standard();
    const int code = reviewd::ctl::run_command_line(arguments, terminal);
    return reviewd::ctl::finish_output(terminal, STDOUT_FILENO, code);
}
