#pragma once

#include <CLI/CLI.hpp>

namespace reviewd::ctl {

/// Lets an option be given any number of times with one value each, as its help then says: an
/// option that takes several would swallow the command's own words.
/// @pre it has its description
inline CLI::Option* repeatable(CLI::Option& option) {
    option.allow_extra_args(false);
    option.option_text(option.get_type_name());
    option.description(option.get_description() + "; repeat the option for more");
    return &option;
}

} // namespace reviewd::ctl
