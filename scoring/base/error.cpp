#include "scoring/base/error.hpp"

#include "scoring/base/assert.hpp"

#include <sysexits.h>

#include <array>

namespace reviewd {
namespace {

struct CodeEntry {
    ErrorCode code;
    std::string_view name;
    int exit_code;
};

constexpr std::array codes{
    CodeEntry{ErrorCode::usage, "usage", EX_USAGE},
    CodeEntry{ErrorCode::bad_data, "bad_data", EX_DATAERR},
    CodeEntry{ErrorCode::not_found, "not_found", EX_NOINPUT},
    CodeEntry{ErrorCode::unavailable, "unavailable", EX_UNAVAILABLE},
    CodeEntry{ErrorCode::internal, "internal", EX_SOFTWARE},
    CodeEntry{ErrorCode::cannot_create, "cannot_create", EX_CANTCREAT},
    CodeEntry{ErrorCode::io_failed, "io_failed", EX_IOERR},
    CodeEntry{ErrorCode::try_later, "try_later", EX_TEMPFAIL},
    CodeEntry{ErrorCode::no_permission, "no_permission", EX_NOPERM},
    CodeEntry{ErrorCode::bad_config, "bad_config", EX_CONFIG},
    CodeEntry{ErrorCode::conflict, "conflict", EX_DATAERR},
};

const CodeEntry& entry(ErrorCode code) noexcept {
    for (const CodeEntry& candidate : codes) {
        if (candidate.code == code) {
            return candidate;
        }
    }
    assertion_failed("every ErrorCode has an entry", __FILE__, __LINE__);
}

} // namespace

int exit_code(ErrorCode code) noexcept {
    return entry(code).exit_code;
}

std::string_view name(ErrorCode code) noexcept {
    return entry(code).name;
}

} // namespace reviewd
