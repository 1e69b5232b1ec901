#pragma once

#include "daemon/store/field.hpp"

#include <string>
#include <string_view>

namespace reviewd::store {

/// Appends `text` as a JSON string, with its quotes. @pre valid UTF-8
void append_json(std::string& json, std::string_view text);

/// Appends the value as the database keeps it: a date as its day number, money in minor units, a
/// boolean as 0 or 1.
void append_json(std::string& json, const Field& field);

} // namespace reviewd::store
