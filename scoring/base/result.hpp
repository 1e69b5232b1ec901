#pragma once

#include "scoring/base/error.hpp"

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace reviewd {

/// A value, or the expected failure that prevented it. Check with `has_value()`, read with `*` or
/// `value()`.
template <class T>
using Result = boost::system::result<T, Error>;

/// Thrown by `Result::value()` on a failure nobody checked, and by code that cannot continue.
/// Caught at four borders only: main, a request handler, a dispatcher item, a command.
class Failure : public std::runtime_error {
public:
    explicit Failure(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
    [[nodiscard]] const Error& error() const noexcept { return error_; }

private:
    Error error_;
};

/// Found by argument-dependent look-up from boost::system::result.
[[noreturn]] inline void
throw_exception_from_error(const Error& error, const boost::source_location& /*where*/) {
    throw Failure(error);
}

/// A failed Result of any type: `return fail(ErrorCode::bad_data, "…")`.
[[nodiscard]] inline Error fail(ErrorCode code, std::string message) {
    return Error{code, std::move(message)};
}

} // namespace reviewd
