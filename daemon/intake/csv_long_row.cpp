// A byte-by-byte automaton: rows like these are rare, and what they cost is reading them once.
#include "daemon/intake/csv_long_row.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace reviewd::intake {
namespace {

enum class State { field_start, bare, quoted, behind_quote, broken, done };

class LongRowScan {
public:
    LongRowScan(const CsvFormat& format, std::uint64_t offset, std::int64_t line)
        : format_(format), offset_(offset), line_(line), start_line_(line) {}

    /// @returns whether the row goes on
    bool take(char c) {
        ++offset_;
        state_ = after(c);
        if (c == '\n') {
            ++line_;
            // The first line end behind a field's beginning is where we could go on.
            if (!resume_offset_) {
                resume_offset_ = offset_;
                resume_line_ = line_;
            }
        }
        return state_ != State::done && !(state_ == State::broken && resume_offset_);
    }

    [[nodiscard]] LongRow finish() const {
        const bool is_broken = state_ == State::broken || state_ == State::quoted;
        if (is_broken) {
            return {
                resume_offset_.value_or(offset_),
                resume_offset_ ? resume_line_ : line_,
                {field_line_, 0, broken_reason()}};
        }
        return {offset_, line_, {start_line_, 0, long_reason()}};
    }

private:
    State after(char c) {
        switch (state_) {
        case State::field_start:
            if (c == '"') {
                field_line_ = line_;
                resume_offset_.reset();
                return State::quoted;
            }
            return after_bare(c);
        case State::bare:
            return after_bare(c);
        case State::quoted:
            return c == '"' ? State::behind_quote : State::quoted;
        case State::behind_quote:
            if (c == '"') {
                return State::quoted;
            }
            // A lone CR cannot be told from the first half of CR LF yet; the next byte shows it.
            return c == '\r' ? State::behind_quote : after_end_quote(c);
        case State::broken:
        case State::done:
            break;
        }
        return state_;
    }

    [[nodiscard]] State after_bare(char c) const {
        if (c == '\n') {
            return State::done;
        }
        return c == format_.delimiter ? State::field_start : State::bare;
    }

    [[nodiscard]] State after_end_quote(char c) const {
        if (c == '\n') {
            return State::done;
        }
        return c == format_.delimiter ? State::field_start : State::broken;
    }

    [[nodiscard]] std::string long_reason() const {
        return fmt::format(
            "the row is longer than {} MiB (lines {} to {}); a quotation mark that nothing closes "
            "may be the cause",
            format_.row_bytes / (1024 * 1024),
            start_line_,
            line_
        );
    }

    [[nodiscard]] std::string broken_reason() const {
        return state_ == State::quoted
                   ? "a quotation mark opens a field and nothing closes it"
                   : "text follows a closing quotation mark; a quotation mark within a field is "
                     "written twice";
    }

    const CsvFormat& format_;
    std::uint64_t offset_;
    std::int64_t line_;
    std::int64_t start_line_;
    State state_ = State::field_start;
    std::int64_t field_line_ = 0;
    std::optional<std::uint64_t> resume_offset_;
    std::int64_t resume_line_ = 0;
};

} // namespace

Result<LongRow> skip_long_row(
    ByteSource& source, const CsvFormat& format, std::uint64_t offset, std::int64_t line
) {
    LongRowScan scan{format, offset, line};
    std::array<char, 64UL * 1024> chunk{};
    while (true) {
        const Result<std::size_t> read = source.read(offset, chunk);
        if (!read) {
            return read.error();
        }
        for (std::size_t i = 0; i < *read; ++i) {
            if (!scan.take(chunk[i])) {
                return scan.finish();
            }
        }
        if (*read == 0) {
            return scan.finish();
        }
        offset += *read;
    }
}

} // namespace reviewd::intake
