#pragma once

#include <string>
#include <string_view>

namespace reviewd {

/// What kind of thing went wrong; decides the exit code of a command and the status of an answer.
enum class ErrorCode {
    usage,         ///< the command line or a request is malformed (EX_USAGE 64)
    bad_data,      ///< input data is wrong: a row, a file, an expression (EX_DATAERR 65)
    not_found,     ///< the named file, account, review … does not exist (EX_NOINPUT 66)
    unavailable,   ///< the daemon or a peer does not answer (EX_UNAVAILABLE 69)
    internal,      ///< a bug or an impossible state (EX_SOFTWARE 70)
    cannot_create, ///< lock held by another daemon, file cannot be made (EX_CANTCREAT 73)
    io_failed,     ///< read, write or sync failed (EX_IOERR 74)
    try_later,     ///< busy, held or full: the same request may succeed later (EX_TEMPFAIL 75)
    no_permission, ///< the caller may not do this (EX_NOPERM 77)
    bad_config,    ///< the configuration is wrong (EX_CONFIG 78)
    conflict, ///< the state of the thing does not allow it, for instance a review already done (65)
};

/// An expected failure, with a message for a person: what was expected, what was found, what to do.
/// Never holds a secret. One line without a final full stop, unless it shows diagnostics.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;

    friend bool operator==(const Error&, const Error&) = default;
};

/// The exit code of <sysexits.h> for `code`.
[[nodiscard]] int exit_code(ErrorCode code) noexcept;

/// The stable name used in JSON answers and in the log, for instance "bad_data".
[[nodiscard]] std::string_view name(ErrorCode code) noexcept;

} // namespace reviewd
