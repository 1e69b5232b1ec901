#pragma once

#include "daemon/ctl/terminal.hpp"

#include <string>
#include <vector>

namespace reviewd::ctl {

/// One cell: text from anywhere (it is made safe when shown) and how it looks.
struct Cell {
    std::string text;
    Style style = Style::plain;
    bool goes_without_saying = false; ///< is shown in its column, but not below its row

    Cell() = default;
    Cell(std::string value, Style look = Style::plain) // NOLINT(google-explicit-constructor)
        : text{std::move(value)}, style{look} {}
    Cell(const char* value, Style look = Style::plain) // NOLINT(google-explicit-constructor)
        : text{value}, style{look} {}
};

/// A table whose columns line up by the width that a terminal gives the text, whatever its script.
class Table {
public:
    enum class Align { left, right };
    struct Column {
        std::string title;
        Align align = Align::left;
        /// Where the screen is too narrow, what is `below` goes onto one line below the row, from
        /// the right; then what may be `left_out` is, from the right, until `if_needed` columns can
        /// keep their `least`; then these are cut, widest first.
        enum class Cut { never, if_needed, below, left_out } cut = Cut::never;
        /// In columns of the screen: what the text needs to be told from others. Less only where
        /// nothing else is left to cut.
        std::size_t least = 8;
    };
    /// What the name of an account needs, and that of a person.
    static constexpr std::size_t account_least = 24;
    static constexpr std::size_t person_least = 12;

    explicit Table(std::vector<Column> columns) : columns_{std::move(columns)} {}

    /// @pre one cell per column
    void add(std::vector<Cell> row);
    [[nodiscard]] bool is_empty() const { return rows_.empty(); }
    [[nodiscard]] std::size_t size() const { return rows_.size(); }

    /// Whether nothing has to be cut.
    [[nodiscard]] bool fits(const Screen& screen) const;
    /// Heading and rows, each ending in a line feed. Columns in which every cell is empty are left
    /// out. Cut to the screen only when it is a terminal.
    [[nodiscard]] std::string render(const Screen& screen) const;

private:
    /// How far columns are cut: to what each needs, or to what is still a word.
    enum class Floor { least, narrowest };

    [[nodiscard]] std::vector<std::size_t> full_widths() const;
    [[nodiscard]] std::vector<std::size_t> widths(const Screen& screen) const;
    void leave_out(std::vector<std::size_t>& widths, std::size_t columns) const;
    void cut(std::vector<std::size_t>& widths, std::size_t columns, Floor floor) const;
    [[nodiscard]] std::string line_below(
        const std::vector<Cell>& row, const std::vector<std::size_t>& width, const Screen& screen
    ) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

} // namespace reviewd::ctl
