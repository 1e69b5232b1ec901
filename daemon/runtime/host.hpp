#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace reviewd::runtime {

/// This host's name, for the right side of Message-IDs: letters, digits, `-` and `.` only;
/// "localhost.invalid" when it has none that is fit.
[[nodiscard]] std::string host_name();

/// The login name of that user, or its number in decimal when it has none. Any thread.
[[nodiscard]] std::string user_name(uid_t user);

/// A number that nobody can foresee.
[[nodiscard]] std::uint64_t random_seed();

/// An environment variable, or an empty text. Call it before threads are started.
[[nodiscard]] std::string environment(const char* name);

} // namespace reviewd::runtime
