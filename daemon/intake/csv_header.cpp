#include "daemon/intake/csv_header.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace reviewd::intake {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t sniffed_bytes = 4096;
constexpr std::size_t shown_headers = 30;
constexpr std::size_t header_width = 30;
constexpr std::array likely_delimiters{',', ';', '\t', '|'};

struct Signature {
    std::string_view bytes;
    std::string_view what;
};

constexpr std::string_view save_as = "; in Excel choose \"Save as\", \"CSV UTF-8\"";

/// What people hand over instead of a CSV file.
constexpr std::array signatures{
    Signature{"PK\x03\x04"sv, "an Excel workbook or another zip archive"},
    Signature{"\xD0\xCF\x11\xE0"sv, "an old Excel workbook"},
    Signature{"\xFF\xFE"sv, "UTF-16 text"},
    Signature{"\xFE\xFF"sv, "UTF-16 text"},
    Signature{"SQLite format 3"sv, "a database"},
    Signature{"%PDF"sv, "a PDF document"},
    Signature{"\x1F\x8B"sv, "compressed"},
    Signature{"<?xml"sv, "an XML document"},
    Signature{"<!DOCTYPE"sv, "an HTML document"},
    Signature{"<html"sv, "an HTML document"},
};

std::optional<std::string> why_no_csv(std::string_view beginning) {
    if (beginning.empty()) {
        return "is empty; a header row was expected";
    }
    for (const Signature& signature : signatures) {
        if (beginning.starts_with(signature.bytes)) {
            return fmt::format("is {}, not a CSV file{}", signature.what, save_as);
        }
    }
    // Further down it costs its row only.
    if (beginning.substr(0, beginning.find('\n')).find('\0') != std::string_view::npos) {
        return fmt::format("is a binary file, not a CSV file{}", save_as);
    }
    if (beginning.find('\n') == std::string_view::npos
        && beginning.find('\r') != std::string_view::npos) {
        return fmt::format("ends its lines with a lone CR, as no program of today does{}", save_as);
    }
    return std::nullopt;
}

/// The delimiter that a header of one field was probably written with.
std::optional<char> likelier_delimiter(std::string_view header, char delimiter) {
    std::optional<char> best;
    std::ptrdiff_t most = 0;
    for (const char candidate : likely_delimiters) {
        const std::ptrdiff_t count = std::count(header.begin(), header.end(), candidate);
        if (candidate != delimiter && count > most) {
            most = count;
            best = candidate;
        }
    }
    return best;
}

std::string delimiter_hint(char found, char configured) {
    return fmt::format(
        "its columns seem to be separated by {}, not by {}; write `delimiter: \"{}\"` in the source",
        described_delimiter(found),
        described_delimiter(configured),
        found == '\t' ? "\\t" : std::string(1, found)
    );
}

Result<bool> sniff(const std::string& file, ByteSource& source) {
    std::array<char, sniffed_bytes> bytes{};
    const Result<std::size_t> read = source.read(0, bytes);
    if (!read) {
        return read.error();
    }
    if (const auto why = why_no_csv({bytes.data(), *read})) {
        return fail(ErrorCode::bad_data, fmt::format("`{}` {}", file, *why));
    }
    return true;
}

/// Excel's first line `sep=;`.
std::optional<char> separator_line(const CsvReader& reader, char delimiter) {
    const auto fields = reader.fields();
    if (!fields.front().starts_with("sep=")) {
        return std::nullopt;
    }
    if (fields.size() == 1 && fields.front().size() == 5) {
        return fields.front().back();
    }
    const bool is_ours = fields.size() == 2 && fields.front().size() == 4 && fields[1].empty();
    return is_ours ? std::optional{delimiter} : std::nullopt;
}

Result<bool> next_row(const std::string& file, CsvReader& reader) {
    const Result<CsvReader::Row> row = reader.next();
    if (!row) {
        return row.error();
    }
    if (*row == CsvReader::Row::end) {
        return fail(
            ErrorCode::bad_data,
            fmt::format("`{}` has no header row; its first row must name the columns", file)
        );
    }
    if (*row == CsvReader::Row::bad) {
        return fail(
            ErrorCode::bad_data,
            fmt::format(
                "`{}` has no header row that can be read: line {}: {}",
                file,
                reader.problem().line,
                reader.problem().reason
            )
        );
    }
    return true;
}

bool names_one(const std::vector<std::string>& wanted, const std::vector<std::string>& found) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
        return std::find(found.begin(), found.end(), name) != found.end()
               || closest_match(name, found).has_value();
    });
}

} // namespace

std::optional<std::string> missing_header(
    const std::string& file,
    const std::vector<std::string>& wanted,
    const std::vector<std::string>& found
) {
    if (wanted.empty() || names_one(wanted, found)) {
        return std::nullopt;
    }
    return fmt::format(
        "the first row of `{}` must name the columns, but names none that is read; expected some of: "
        "{}; found: {}; put a header row first, or say under `columns:` what the file calls them",
        file,
        listed_headers(wanted),
        listed_headers(found)
    );
}

std::string listed_headers(const std::vector<std::string>& headers) {
    std::string text;
    for (std::size_t i = 0; i < headers.size() && i < shown_headers; ++i) {
        text += text.empty() ? "" : ", ";
        text += cut_to_width(escape_controls(headers[i]), header_width);
    }
    return headers.size() > shown_headers ? text + ", …" : text;
}

std::string described_delimiter(char delimiter) {
    return delimiter == '\t' ? "a tab" : fmt::format("`{}`", delimiter);
}

Result<std::vector<std::string>> read_header(
    const std::string& file, ByteSource& source, CsvReader& reader, char delimiter
) {
    if (const Result<bool> sniffed = sniff(file, source); !sniffed) {
        return sniffed.error();
    }
    if (const Result<bool> row = next_row(file, reader); !row) {
        return row.error();
    }
    const auto wrong_delimiter = [&](char found) {
        return fail(
            ErrorCode::bad_data, fmt::format("`{}`: {}", file, delimiter_hint(found, delimiter))
        );
    };
    if (const auto named = separator_line(reader, delimiter)) {
        if (*named != delimiter) {
            return wrong_delimiter(*named);
        }
        if (const Result<bool> row = next_row(file, reader); !row) {
            return row.error();
        }
    }
    if (reader.fields().size() == 1) {
        if (const auto found = likelier_delimiter(reader.fields().front(), delimiter)) {
            return wrong_delimiter(*found);
        }
    }
    std::vector<std::string> names;
    for (const std::string_view field : reader.fields()) {
        names.emplace_back(trim(field));
    }
    reader.expect_fields(names.size());
    return names;
}

} // namespace reviewd::intake
