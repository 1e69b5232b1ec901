#include "daemon/store/internal/folded.hpp"

#include "scoring/base/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>

namespace reviewd::store {
namespace {

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
}

/// Takes out U+0300 to U+036F: CC 80 to CD AF in UTF-8.
/// @param text valid UTF-8
std::string without_accents(std::string_view text) {
    std::string bare;
    bare.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte == 0xCC || (byte == 0xCD && static_cast<unsigned char>(text[at + 1]) <= 0xAF)) {
            ++at;
        } else {
            bare += text[at];
        }
    }
    return bare;
}

/// The work of SQL's `folded`. It must not throw: C code calls it.
void fold_argument(sqlite3_context* context, int, sqlite3_value** arguments) {
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) {
        return;
    }
    const void* text = sqlite3_value_blob(arguments[0]); // null when it is empty
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(arguments[0]));
    try {
        const std::string result = size == 0 ? "" : folded({static_cast<const char*>(text), size});
        sqlite3_result_text64(context, result.data(), result.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

} // namespace

std::string folded(std::string_view text) {
    if (is_ascii(text)) {
        return lower_case(text);
    }
    constexpr auto ways = static_cast<utf8proc_option_t>(
        UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD
    );
    utf8proc_uint8_t* bytes = nullptr;
    const utf8proc_ssize_t size = utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
        static_cast<utf8proc_ssize_t>(text.size()),
        &bytes,
        ways
    );
    if (size == UTF8PROC_ERROR_NOMEM) {
        throw std::bad_alloc();
    }
    if (size < 0) {
        return lower_case(text);
    }
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned{bytes, &std::free};
    return without_accents({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)});
}

void add_folded(sqlite3* connection) {
    constexpr int kind = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    const int code = sqlite3_create_function_v2(
        connection, "folded", 1, kind, nullptr, &fold_argument, nullptr, nullptr, nullptr
    );
    if (code != SQLITE_OK) {
        throw std::runtime_error(sqlite3_errmsg(connection));
    }
}

} // namespace reviewd::store
