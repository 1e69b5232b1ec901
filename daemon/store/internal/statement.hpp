#pragma once

#include "daemon/store/connection.hpp"
#include "scoring/base/date.hpp"
#include "scoring/base/id.hpp"
#include "scoring/base/money.hpp"

#include <sqlite3.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace reviewd::store {

/// A prepared statement. On SQLite's own interface rather than SQLiteCpp's Statement: that has no
/// door for binding a string_view without a copy, nor for reading a column without counting a
/// shared pointer up and down, and both are paid millions of times here.
class Statement {
public:
    Statement(Connection::Implementation& connection, std::string_view sql);
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement();

    void bind(int index, std::nullptr_t);
    template <std::integral T>
    void bind(int index, T value) {
        bind_integer(index, static_cast<std::int64_t>(value));
    }
    void bind(int index, double value);
    void bind(int index, std::string_view text); ///< copied
    void bind(int index, const char* text) { bind(index, std::string_view{text}); }
    void bind(int index, const std::string& text) { bind(index, std::string_view{text}); }
    void bind(int index, Money value) { bind_integer(index, value.minor); }
    void bind(int index, Date value) { bind_integer(index, to_day_number(value)); }
    void bind(int index, TimePoint value) { bind_integer(index, value.time_since_epoch().count()); }
    template <class Tag>
    void bind(int index, Id<Tag> id) {
        if (id) {
            bind_integer(index, id.value);
        } else {
            bind(index, nullptr);
        }
    }
    template <class T>
    void bind(int index, const std::optional<T>& value) {
        if (value) {
            bind(index, *value);
        } else {
            bind(index, nullptr);
        }
    }
    /// Not copied: must live until the next reset or bind.
    void bind_static(int index, std::string_view text);

    /// Runs to the next row; false at the end. Throws as Connection::Implementation::raise.
    bool step();
    void reset() noexcept;
    /// Like reset, but what is bound stays bound: for rows that bind every parameter anew.
    void restart() noexcept;

    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] int small_integer(int column) const { return static_cast<int>(integer(column)); }
    [[nodiscard]] double number(int column) const;
    [[nodiscard]] bool boolean(int column) const { return integer(column) != 0; }
    /// Until the next step or reset.
    [[nodiscard]] std::string_view text_view(int column) const;
    [[nodiscard]] std::string text(int column) const { return std::string{text_view(column)}; }
    [[nodiscard]] Date date(int column) const {
        return from_day_number(static_cast<int>(integer(column)));
    }
    [[nodiscard]] TimePoint time(int column) const {
        return TimePoint{std::chrono::milliseconds{integer(column)}};
    }
    [[nodiscard]] std::optional<Date> optional_date(int column) const;
    [[nodiscard]] std::optional<TimePoint> optional_time(int column) const;
    /// SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_NULL
    [[nodiscard]] int type(int column) const;
    template <class AnyId>
    [[nodiscard]] AnyId id(int column) const {
        return AnyId{integer(column)};
    }

private:
    void bind_integer(int index, std::int64_t value);
    void check(int code);

    Connection::Implementation& connection_;
    sqlite3_stmt* statement_ = nullptr;
};

/// Finds texts of statements without copying them.
struct TextHash {
    using is_transparent = void;
    /// Of some words of the text: a connection has a few hundred statements, each looked up at
    /// every use, and hashing all of one takes longer than comparing it with the only candidate.
    [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept {
        constexpr std::size_t samples = 8;
        if (text.size() < samples * sizeof(std::uint64_t)) {
            return std::hash<std::string_view>{}(text);
        }
        const std::size_t stride = (text.size() - sizeof(std::uint64_t)) / (samples - 1);
        std::uint64_t hash = text.size();
        for (std::size_t sample = 0; sample < samples; ++sample) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + sample * stride, sizeof(word));
            hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
            hash ^= hash >> 32;
        }
        return hash;
    }
};

/// Prepared once, by their text; those lent to a Query are null here.
using Statements =
    std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>>;

/// One use of a prepared statement: taken from the connection's store, given back at the end.
class Query {
public:
    /// @param sql the prepared statement is kept by it as long as the connection
    Query(Connection& connection, std::string_view sql);
    Query(Connection::Implementation& connection, std::string_view sql);
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    ~Query();

    /// Binds all parameters, from ?1 on.
    template <class... Values>
    Query& bind(const Values&... values) {
        int index = 0;
        (statement_->bind(++index, values), ...);
        return *this;
    }
    /// Steps a statement without rows to its end; @returns the number of rows it changed
    int run();
    /// Runs an INSERT of one row. @returns the row's number; 0 when a conflict kept it out
    /// (RETURNING would tell it too, and builds a table for it in memory each time)
    std::int64_t insert();

    Statement* operator->() const { return statement_.get(); }
    [[nodiscard]] bool step() { return statement_->step(); }
    void reset() { statement_->reset(); }

private:
    Connection::Implementation& connection_;
    std::unique_ptr<Statement>* place_ = nullptr; ///< where it is kept
    std::unique_ptr<Statement> statement_;
};

} // namespace reviewd::store
