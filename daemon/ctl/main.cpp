#include "daemon/ctl/command_line.hpp"
#include "daemon/runtime/signals.hpp"

#include <iostream>
#include <string>
#include <vector>

int main(int count, char** words) {
    constexpr int write_failed = 74;
    reviewd::runtime::ignore_broken_pipes();
    const std::vector<std::string> arguments(words + 1, words + count);
    const int code = reviewd::ctl::run_command_line(arguments, reviewd::ctl::Terminal::standard());
    std::cout.flush();
    return code == 0 && !std::cout ? write_failed : code;
}
