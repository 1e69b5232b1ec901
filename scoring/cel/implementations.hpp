#pragma once

#include "scoring/cel/evaluation.hpp"

#include <string_view>

// The implementations that the table of functions names, by library. All have the form of
// Function::implementation: the arguments are neither errors nor unknown, but of any type and
// number when types are not checked beforehand.

namespace reviewd::cel {

#define REVIEWD_CEL_FUNCTION(name)                                                                 \
    [[nodiscard]] Value name(                                                                      \
        std::string_view name_in_source, Arguments arguments, Evaluation& evaluation               \
    )

namespace conversion { // functions_conversion.cpp
REVIEWD_CEL_FUNCTION(to_int);
REVIEWD_CEL_FUNCTION(to_uint);
REVIEWD_CEL_FUNCTION(to_double);
REVIEWD_CEL_FUNCTION(to_text);
REVIEWD_CEL_FUNCTION(to_bytes);
REVIEWD_CEL_FUNCTION(to_bool);
REVIEWD_CEL_FUNCTION(to_timestamp_value);
REVIEWD_CEL_FUNCTION(to_duration);
REVIEWD_CEL_FUNCTION(to_dyn);
REVIEWD_CEL_FUNCTION(to_type);
REVIEWD_CEL_FUNCTION(base64_encode);
REVIEWD_CEL_FUNCTION(base64_decode);
} // namespace conversion

namespace text { // functions_text.cpp, functions_format.cpp
REVIEWD_CEL_FUNCTION(size);
REVIEWD_CEL_FUNCTION(contains);
REVIEWD_CEL_FUNCTION(starts_with);
REVIEWD_CEL_FUNCTION(ends_with);
REVIEWD_CEL_FUNCTION(matches);
REVIEWD_CEL_FUNCTION(char_at);
REVIEWD_CEL_FUNCTION(index_of);
REVIEWD_CEL_FUNCTION(last_index_of);
REVIEWD_CEL_FUNCTION(lower_ascii);
REVIEWD_CEL_FUNCTION(upper_ascii);
REVIEWD_CEL_FUNCTION(replace);
REVIEWD_CEL_FUNCTION(split);
REVIEWD_CEL_FUNCTION(join);
REVIEWD_CEL_FUNCTION(substring);
REVIEWD_CEL_FUNCTION(trim);
REVIEWD_CEL_FUNCTION(reverse);
REVIEWD_CEL_FUNCTION(quote);
REVIEWD_CEL_FUNCTION(format);
} // namespace text

namespace calendar { // functions_time.cpp
REVIEWD_CEL_FUNCTION(full_year);
REVIEWD_CEL_FUNCTION(month);
REVIEWD_CEL_FUNCTION(date);
REVIEWD_CEL_FUNCTION(day_of_month);
REVIEWD_CEL_FUNCTION(day_of_week);
REVIEWD_CEL_FUNCTION(day_of_year);
REVIEWD_CEL_FUNCTION(hours);
REVIEWD_CEL_FUNCTION(minutes);
REVIEWD_CEL_FUNCTION(seconds);
REVIEWD_CEL_FUNCTION(milliseconds);
} // namespace calendar

namespace math { // functions_math.cpp
REVIEWD_CEL_FUNCTION(greatest);
REVIEWD_CEL_FUNCTION(least);
REVIEWD_CEL_FUNCTION(ceil);
REVIEWD_CEL_FUNCTION(floor);
REVIEWD_CEL_FUNCTION(round);
REVIEWD_CEL_FUNCTION(trunc);
REVIEWD_CEL_FUNCTION(sqrt);
REVIEWD_CEL_FUNCTION(abs);
REVIEWD_CEL_FUNCTION(sign);
REVIEWD_CEL_FUNCTION(is_nan);
REVIEWD_CEL_FUNCTION(is_inf);
REVIEWD_CEL_FUNCTION(is_finite);
REVIEWD_CEL_FUNCTION(bit_or);
REVIEWD_CEL_FUNCTION(bit_and);
REVIEWD_CEL_FUNCTION(bit_xor);
REVIEWD_CEL_FUNCTION(bit_not);
REVIEWD_CEL_FUNCTION(bit_shift_left);
REVIEWD_CEL_FUNCTION(bit_shift_right);
} // namespace math

namespace rules { // functions_rules.cpp
REVIEWD_CEL_FUNCTION(min);
REVIEWD_CEL_FUNCTION(max);
REVIEWD_CEL_FUNCTION(clamp);
REVIEWD_CEL_FUNCTION(months_between);
REVIEWD_CEL_FUNCTION(days_until);
} // namespace rules

#undef REVIEWD_CEL_FUNCTION

} // namespace reviewd::cel
