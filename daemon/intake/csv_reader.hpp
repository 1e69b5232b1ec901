#pragma once

#include "daemon/intake/byte_source.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::intake {

/// How a file is written, and the bounds that none of its rows may pass.
struct CsvFormat {
    char delimiter = ','; ///< not `"`, CR or LF
    std::size_t field_bytes = 1024 * 1024;
    std::size_t row_bytes = 4 * 1024 * 1024;
    std::size_t columns = 4096;
};

/// What is wrong with one row.
struct CsvProblem {
    std::int64_t line = 0; ///< counts from 1
    int column = 0;        ///< code points from 1; 0: the row as a whole
    std::string reason;
};

/// Reads RFC 4180 row by row in bounded memory: one buffer that grows to `row_bytes` at most.
///
/// A row that breaks the rules is reported and left out, and reading goes on behind it: after a
/// quotation mark that nothing closes, or that text follows, with the line below the one on which
/// its field began, so that one slip of a keyboard does not swallow the rest of the file. Empty
/// lines, and rows whose fields are all empty and bare (`;;;`), are passed over.
///
/// The byte order mark is skipped. A row ends with LF, CR LF or the end of the file.
class CsvReader {
public:
    enum class Row { good, bad, end };

    /// @param source outlives the reader
    explicit CsvReader(ByteSource& source, const CsvFormat& format = {});

    /// From now on a row of another number of fields is a bad row.
    void expect_fields(std::size_t count) { expected_ = count; }

    /// Reads the next row. After `good`, `fields()` has it; after `bad`, `problem()` says why.
    /// @errors `io_failed`, from the source
    [[nodiscard]] Result<Row> next();

    /// The good row's fields, without quotation marks. Valid until `next()`.
    [[nodiscard]] std::span<const std::string_view> fields() const { return fields_; }
    /// Whether the good row has neither control characters nor anything beyond ASCII.
    [[nodiscard]] bool is_plain() const { return is_plain_; }
    [[nodiscard]] const CsvProblem& problem() const { return problem_; }
    /// A field of the bad row, if it is beyond doubt that it is that field and what it says: in
    /// front of a stray or unclosed quotation mark, beside a byte that is no text, the first one of
    /// a line with too many or too few. Nothing for what the row swallowed. Valid until `next()`.
    [[nodiscard]] std::optional<std::string_view> readable_field(std::size_t field) const;

    /// Physical line on which the last row began, from 1.
    [[nodiscard]] std::int64_t line() const { return row_line_; }
    /// Line and column at which a field of the good row begins, without a reason. Costs a second
    /// look at the row.
    [[nodiscard]] CsvProblem position_of(std::size_t field) const;

    /// Bytes of the source that are done with.
    [[nodiscard]] std::uint64_t offset() const { return buffer_offset_ + at_; }
    /// Whether the source breaks off within its last row: that one was bad for want of fields or of
    /// a closing quotation mark, and no line end follows. `problem()` is about it.
    [[nodiscard]] bool is_cut_off() const { return is_cut_off_; }
    /// Both LF and CR LF ended rows.
    [[nodiscard]] bool has_mixed_line_ends() const { return lf_ends_ > 0 && crlf_ends_ > 0; }

private:
    enum class Outcome { complete, needs_more, stray_quote, text_after_quote, unclosed_quote };

    [[nodiscard]] Result<bool> refill();
    [[nodiscard]] Result<Row> skip_long_row();
    [[nodiscard]] Outcome scan_row();
    [[nodiscard]] Outcome scan_quoted(const char*& at);
    [[nodiscard]] Outcome end_row(const char* after);
    [[nodiscard]] Row accept();
    [[nodiscard]] Row reject(Outcome outcome);
    [[nodiscard]] Row bad(CsvProblem problem);
    [[nodiscard]] bool is_blank() const;
    [[nodiscard]] bool check_sizes();
    [[nodiscard]] bool check_bytes();
    [[nodiscard]] std::size_t count_readable() const;
    [[nodiscard]] CsvProblem locate(const char* at) const {
        return locate(row_begin(), next_line_, at);
    }
    [[nodiscard]] static CsvProblem locate(const char* row, std::int64_t row_line, const char* at);
    void push(const char* begin, const char* end);
    void unescape();
    void advance();

    [[nodiscard]] const char* row_begin() const { return buffer_.data() + at_; }
    [[nodiscard]] const char* buffer_end() const { return buffer_.data() + filled_; }

    ByteSource* source_;
    CsvFormat format_;
    std::size_t expected_ = 0; ///< 0: any number
    bool is_cut_off_ = false;

    std::vector<char> buffer_;
    std::size_t last_row_ = 0; ///< the good row's beginning
    std::size_t at_ = 0;       ///< the next row begins here …
    std::size_t filled_ = 0;   ///< … and the buffer's bytes end here
    std::uint64_t buffer_offset_ = 0;
    bool is_final_ = false; ///< the buffer holds the source's end
    bool has_started_ = false;

    std::vector<std::string_view> fields_;
    std::vector<std::size_t> escaped_; ///< fields with doubled quotation marks
    std::string unescaped_;            ///< their text; never grows while views point into it
    std::size_t field_count_ = 0;      ///< counts those beyond the limit too
    std::size_t readable_count_ = 0; ///< of the bad row: the first so many stand where they belong
    const char* row_end_ = nullptr;  ///< behind the last field
    const char* next_row_ = nullptr; ///< behind the line end
    const char* error_at_ = nullptr;
    const char* error_field_ = nullptr;
    bool is_plain_ = false;
    CsvProblem problem_;
    std::int64_t row_line_ = 0;
    std::int64_t next_line_ = 1;
    std::uint64_t lf_ends_ = 0;
    std::uint64_t crlf_ends_ = 0;
};

} // namespace reviewd::intake
