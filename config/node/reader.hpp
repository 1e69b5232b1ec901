#pragma once

#include "config/node/node.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/money.hpp"
#include "scoring/base/period.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::config {

/// The keys that a map at a path may have ("sources.crm" -> "file", "table" …).
using KeyLog = std::map<std::string, std::set<std::string, std::less<>>>;

/// Collects findings while files are read; reading goes on after each, so that a person sees all of
/// them at once.
class Report {
public:
    void error(const Node& at, std::string message, std::string hint = {});
    void warning(const Node& at, std::string message, std::string hint = {});
    /// At a byte of a scalar's text, for instance inside an expression.
    void error_in_text(
        const Node& at, std::size_t offset, std::string message, std::string hint = {}
    );
    void warning_in_text(
        const Node& at, std::size_t offset, std::string message, std::string hint = {}
    );
    void add(Diagnostic diagnostic);
    /// From now on every MapReader writes the keys it was asked for into `log`, which outlives
    /// this.
    void log_keys(KeyLog* log) { key_log_ = log; }
    [[nodiscard]] KeyLog* key_log() const { return key_log_; }

    /// In the order they were added. After several hundred only errors are kept, and after the
    /// first of those nothing.
    [[nodiscard]] const Diagnostics& diagnostics() const { return diagnostics_; }
    [[nodiscard]] bool has_errors() const { return reviewd::has_errors(diagnostics_); }

private:
    void add_in_text(
        const Node& at,
        std::size_t offset,
        Severity severity,
        std::string message,
        std::string hint
    );

    Diagnostics diagnostics_;
    KeyLog* key_log_ = nullptr;
};

/// Each of these returns the value, or reports what was expected and found and returns nothing.
/// Scalars are read strictly: a quoted scalar is text, never a number; `yes`, `010`, `1e3`, `12:30`
/// and `.nan` are no numbers.
[[nodiscard]] std::optional<std::string> read_text(const Node& node, Report& report);
[[nodiscard]] std::optional<std::int64_t> read_integer(
    const Node& node, Report& report, std::int64_t smallest, std::int64_t largest
);
[[nodiscard]] std::optional<double> read_number(const Node& node, Report& report);
/// An amount in major units with at most `minor_digits` decimal places: `42000`, `1054.5`.
[[nodiscard]] std::optional<Money> read_money(
    const Node& node, Report& report, int minor_digits = 2
);
[[nodiscard]] std::optional<bool> read_boolean(
    const Node& node, Report& report
); ///< true or false, nothing else
[[nodiscard]] std::optional<Date> read_date(const Node& node, Report& report);
[[nodiscard]] std::optional<Period> read_period(const Node& node, Report& report);
/// A span of machine time: "500 ms", "10 s", "5 minutes", "1 hour", "2 days".
[[nodiscard]] std::optional<std::chrono::milliseconds> read_duration(
    const Node& node, Report& report
);
/// "HH:MM", 00:00 … 23:59.
[[nodiscard]] std::optional<std::chrono::minutes> read_time_of_day(
    const Node& node, Report& report
);
/// A name for a thing of the configuration: letters, digits, `-` and `_`, beginning with a letter
/// or digit, at most 64.
[[nodiscard]] std::optional<std::string> read_name(const Node& node, Report& report);
/// Whether a text is written as the code of a language: `en`, `pt-BR`, `zh-Hant-TW`.
[[nodiscard]] bool is_language_code(std::string_view text);
/// A sequence of texts, or one text.
[[nodiscard]] std::vector<std::string> read_texts(const Node& node, Report& report);
/// One word of `words`; the index of it.
[[nodiscard]] std::optional<std::size_t> read_word(
    const Node& node, Report& report, std::span<const std::string_view> words
);

/// What stands there, for a message: "`010`", "the text `5`", "a list", "nothing".
[[nodiscard]] std::string described(const Node& node);

/// What to write where the key is the rest of a number that a comma cut in two: `{ points: 2,5 }`.
/// Empty where it is none.
[[nodiscard]] std::string hint_for_split_number(const Node& map, const Node::Entry& entry);

/// Reads a map key by key and reports the keys that nobody asked for, with a "did you mean".
class MapReader {
public:
    /// Reports when `node` is no map; then every key is missing silently. Both references outlive
    /// the reader.
    MapReader(const Node& node, Report& report);
    MapReader(const MapReader&) = delete;
    MapReader& operator=(const MapReader&) = delete;
    ~MapReader(); ///< calls finish() if nobody did

    /// The value, or null when the key is absent.
    [[nodiscard]] const Node* find(std::string_view key);
    /// The value; reports and returns null when the key is absent.
    [[nodiscard]] const Node* require(std::string_view key);
    /// `find` and a read function in one: `reader.read("port", [&](const Node& n) { return
    /// read_integer(n, report, 1, 65535); })`.
    template <class Read>
    auto read(std::string_view key, Read&& read_value)
        -> decltype(read_value(std::declval<const Node&>())) {
        const Node* value = find(key);
        return value == nullptr ? decltype(read_value(*value)){} : read_value(*value);
    }
    /// All keys are taken: for maps whose keys are names chosen by people.
    void allow_any_key();
    void finish();

    [[nodiscard]] const Node& node() const { return node_; }
    [[nodiscard]] Report& report() { return report_; }

private:
    const Node node_;
    Report& report_;
    std::set<std::string, std::less<>> asked_;
    bool is_open_ = false;
    bool is_finished_ = false;
};

/// The value of `key` in a map, or the node itself: where a message about it points.
[[nodiscard]] const Node& place_of(const Node& node, std::string_view key);

} // namespace reviewd::config
