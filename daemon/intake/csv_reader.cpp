// A row is scanned where it lies in the buffer, and scanned again from its beginning when the
// buffer ended too early; rows are short and buffers long. Unescaping copies, all else points.
#include "daemon/intake/csv_reader.hpp"

#include "daemon/intake/byte_scan.hpp"
#include "daemon/intake/csv_long_row.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace reviewd::intake {
namespace {

constexpr std::size_t first_buffer_bytes = 256UL * 1024;
constexpr std::size_t padding = sizeof(Word); ///< the scanner reads whole words

const char* find_byte(const char* begin, const char* end, char byte) {
    const auto size = static_cast<std::size_t>(end - begin);
    const void* found = size == 0 ? nullptr : std::memchr(begin, byte, size);
    return found == nullptr ? end : static_cast<const char*>(found);
}

std::string_view text_between(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

std::int64_t count_lines(const char* begin, const char* end) {
    return std::count(begin, end, '\n');
}

} // namespace

CsvReader::CsvReader(ByteSource& source, const CsvFormat& format)
    : source_(&source),
      format_(format),
      buffer_(std::min(first_buffer_bytes, format.row_bytes) + padding) {
    REVIEWD_ASSERT(format.delimiter != '"' && format.delimiter != '\n');
}

Result<CsvReader::Row> CsvReader::next() {
    while (true) {
        if (at_ == filled_ && is_final_) {
            return Row::end;
        }
        const Outcome outcome = at_ == filled_ ? Outcome::needs_more : scan_row();
        if (outcome == Outcome::complete) {
            if (is_blank()) {
                advance();
                continue;
            }
            return accept();
        }
        if (outcome != Outcome::needs_more) {
            return reject(outcome);
        }
        if (filled_ - at_ >= format_.row_bytes) {
            return skip_long_row();
        }
        const Result<bool> read = refill();
        if (!read) {
            return read.error();
        }
    }
}

Result<bool> CsvReader::refill() {
    const std::size_t kept = filled_ - at_;
    std::memmove(buffer_.data(), row_begin(), kept);
    buffer_offset_ += at_;
    at_ = 0;
    filled_ = kept;
    if (kept * 2 > buffer_.size()) {
        buffer_.resize(buffer_.size() * 2);
    }
    const std::span<char> room{buffer_.data() + filled_, buffer_.size() - padding - filled_};
    const Result<std::size_t> read = source_->read(buffer_offset_ + filled_, room);
    if (!read) {
        return read.error();
    }
    filled_ += *read;
    is_final_ = *read < room.size();
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (!has_started_ && text_between(row_begin(), buffer_end()).starts_with(byte_order_mark)) {
        at_ = byte_order_mark.size();
    }
    has_started_ = true;
    return true;
}

Result<CsvReader::Row> CsvReader::skip_long_row() {
    const Result<LongRow> skipped = intake::skip_long_row(*source_, format_, offset(), next_line_);
    if (!skipped) {
        return skipped.error();
    }
    row_line_ = next_line_;
    next_line_ = skipped->next_line;
    buffer_offset_ = skipped->next_offset;
    at_ = 0;
    filled_ = 0;
    is_final_ = false;
    problem_ = skipped->problem;
    readable_count_ = 0;
    return Row::bad;
}

void CsvReader::push(const char* begin, const char* end) {
    if (field_count_ < format_.columns) {
        fields_.push_back(text_between(begin, end));
    }
    ++field_count_;
}

CsvReader::Outcome CsvReader::scan_row() {
    fields_.clear();
    escaped_.clear();
    field_count_ = 0;
    const char* field = row_begin();
    const char* const end = buffer_end();
    SpecialScanner scanner{field, end, format_.delimiter};
    while (true) {
        if (field < end && *field == '"') {
            const Outcome outcome = scan_quoted(field);
            if (outcome != Outcome::complete || next_row_ != nullptr) {
                return outcome;
            }
            scanner.restart(field);
            continue;
        }
        const char* stop = scanner.next();
        if (stop == end) {
            if (!is_final_) {
                return Outcome::needs_more;
            }
            push(field, stop);
            return end_row(stop);
        }
        if (*stop == format_.delimiter) {
            push(field, stop);
            field = stop + 1;
            continue;
        }
        if (*stop == '"') {
            error_at_ = stop;
            next_row_ = find_byte(stop, end, '\n');
            return next_row_ == end && !is_final_ ? Outcome::needs_more : Outcome::stray_quote;
        }
        const bool is_crlf = stop > field && stop[-1] == '\r';
        push(field, is_crlf ? stop - 1 : stop);
        return end_row(stop);
    }
}

/// @param at the opening quotation mark; then the beginning of the next field. The row ended if
/// next_row_ is set.
CsvReader::Outcome CsvReader::scan_quoted(const char*& at) {
    const char* const end = buffer_end();
    const char* const opening = at;
    const char* closing = opening + 1;
    bool is_escaped = false;
    next_row_ = nullptr;
    error_field_ = opening;
    while (true) {
        closing = find_byte(closing, end, '"');
        if (closing == end) {
            error_at_ = opening;
            return is_final_ ? Outcome::unclosed_quote : Outcome::needs_more;
        }
        if (closing + 1 == end || closing[1] != '"') {
            break;
        }
        is_escaped = true;
        closing += 2;
    }
    if (is_escaped && field_count_ < format_.columns) {
        escaped_.push_back(field_count_);
    }
    push(opening + 1, closing);
    const char* after = closing + 1;
    if (after < end && *after == '\r') {
        ++after;
    }
    if (after == end) {
        return is_final_ ? end_row(after) : Outcome::needs_more;
    }
    if (*after == '\n') {
        return end_row(after);
    }
    if (*after == format_.delimiter && after == closing + 1) {
        at = after + 1;
        return Outcome::complete;
    }
    error_at_ = closing + 1;
    next_row_ = find_byte(opening, end, '\n');
    return next_row_ == end && !is_final_ ? Outcome::needs_more : Outcome::text_after_quote;
}

/// @param after the line feed, or the source's end
CsvReader::Outcome CsvReader::end_row(const char* after) {
    row_end_ = after;
    next_row_ = after;
    if (after < buffer_end()) {
        ++next_row_;
        if (after > row_begin() && after[-1] == '\r') {
            --row_end_;
        }
    }
    return Outcome::complete;
}

bool CsvReader::is_blank() const {
    // Each field but the last is followed by one delimiter; more bytes than that are content.
    return static_cast<std::size_t>(row_end_ - row_begin()) == field_count_ - 1;
}

void CsvReader::advance() {
    row_line_ = next_line_;
    next_line_ += count_lines(row_begin(), next_row_);
    last_row_ = at_;
    at_ = static_cast<std::size_t>(next_row_ - buffer_.data());
}

CsvReader::Row CsvReader::accept() {
    if (next_row_ > row_end_) {
        ++(next_row_ - row_end_ == 2 ? crlf_ends_ : lf_ends_);
    }
    const bool is_good = check_sizes() && check_bytes();
    readable_count_ = is_good ? 0 : count_readable();
    if (!escaped_.empty()) {
        unescape();
    }
    advance();
    return is_good ? Row::good : Row::bad;
}

/// How many of a bad row's fields are where the header says. With a wrong count nobody knows where
/// the row went wrong, but not before its first field; if it has several lines, some of them may be
/// rows of their own.
std::size_t CsvReader::count_readable() const {
    if (field_count_ == expected_) {
        return fields_.size();
    }
    return count_lines(row_begin(), row_end_) > 0 ? 0 : std::min<std::size_t>(field_count_, 1);
}

std::optional<std::string_view> CsvReader::readable_field(std::size_t field) const {
    if (field >= readable_count_) {
        return std::nullopt;
    }
    const std::string_view text = fields_[field];
    const bool is_text =
        text.find('\0') == std::string_view::npos && !find_invalid_utf8(text).has_value();
    return is_text ? std::optional{text} : std::nullopt;
}

bool CsvReader::check_sizes() {
    const auto refuse = [this](const char* at, std::string reason) {
        problem_ = locate(at);
        problem_.reason = std::move(reason);
        return false;
    };
    if (field_count_ > format_.columns) {
        return refuse(
            row_begin(), fmt::format("{} fields; a row may have {}", field_count_, format_.columns)
        );
    }
    if (expected_ != 0 && field_count_ != expected_) {
        const char* at = field_count_ > expected_ ? fields_[expected_].data() : row_end_;
        const char* what = field_count_ == 1 ? "field" : "fields";
        is_cut_off_ = field_count_ < expected_ && next_row_ == row_end_;
        return refuse(
            at, fmt::format("{} {} where the header has {}", field_count_, what, expected_)
        );
    }
    if (static_cast<std::size_t>(row_end_ - row_begin()) > format_.field_bytes) {
        for (const std::string_view field : fields_) {
            if (field.size() > format_.field_bytes) {
                const std::size_t limit = format_.field_bytes / 1024;
                return refuse(
                    field.data(),
                    fmt::format(
                        "a field of {} KiB; at most {} are read", field.size() / 1024, limit
                    )
                );
            }
        }
    }
    return true;
}

bool CsvReader::check_bytes() {
    is_plain_ = is_printable_ascii(row_begin(), row_end_);
    if (is_plain_) {
        return true;
    }
    const char* nul = find_byte(row_begin(), row_end_, '\0');
    if (nul != row_end_) {
        problem_ = locate(nul);
        problem_.reason = "a NUL byte; no text holds one";
        return false;
    }
    const auto invalid = find_invalid_utf8(text_between(row_begin(), row_end_));
    if (invalid) {
        problem_ = locate(row_begin() + *invalid);
        problem_.reason = fmt::format(
            "the byte 0x{:02X} is not UTF-8; save the file as \"CSV UTF-8\"",
            static_cast<unsigned char>(row_begin()[*invalid])
        );
        return false;
    }
    return true;
}

CsvReader::Row CsvReader::reject(Outcome outcome) {
    problem_ = locate(error_at_);
    readable_count_ = fields_.size();
    switch (outcome) {
    case Outcome::stray_quote:
        problem_.reason = "a quotation mark inside a field that does not begin with one; put the "
                          "field in quotation marks and write this one twice";
        break;
    case Outcome::text_after_quote:
        problem_.reason = "text follows a closing quotation mark; a quotation mark within a field "
                          "is written twice";
        --readable_count_; // it was taken for closed
        break;
    case Outcome::unclosed_quote:
        problem_.reason = "a quotation mark opens a field and nothing closes it";
        next_row_ = find_byte(error_field_, buffer_end(), '\n');
        is_cut_off_ = next_row_ == buffer_end();
        break;
    case Outcome::complete:
    case Outcome::needs_more:
        break;
    }
    if (next_row_ < buffer_end()) {
        ++next_row_;
    }
    unescape();
    advance();
    return Row::bad;
}

void CsvReader::unescape() {
    std::size_t bytes = 0;
    for (const std::size_t index : escaped_) {
        bytes += fields_[index].size();
    }
    unescaped_.clear();
    unescaped_.reserve(bytes);
    for (const std::size_t index : escaped_) {
        std::string_view& field = fields_[index];
        const std::size_t begin = unescaped_.size();
        for (std::size_t i = 0; i < field.size(); ++i) {
            unescaped_ += field[i];
            i += field[i] == '"' ? 1U : 0U;
        }
        field = std::string_view{unescaped_}.substr(begin);
    }
}

CsvProblem CsvReader::position_of(std::size_t field) const {
    const char* const row = buffer_.data() + last_row_;
    const char* at = row;
    bool is_quoted = false;
    for (; field > 0 && at < row_end_; ++at) {
        is_quoted = is_quoted != (*at == '"');
        field -= !is_quoted && *at == format_.delimiter ? 1U : 0U;
    }
    return locate(row, row_line_, at);
}

CsvProblem CsvReader::locate(const char* row, std::int64_t row_line, const char* at) {
    const char* line_begin = row;
    for (const char* feed = find_byte(line_begin, at, '\n'); feed != at;
         feed = find_byte(line_begin, at, '\n')) {
        line_begin = feed + 1;
    }
    const auto code_points = count_code_points(text_between(line_begin, at));
    return {row_line + count_lines(row, line_begin), static_cast<int>(code_points) + 1, {}};
}

} // namespace reviewd::intake
