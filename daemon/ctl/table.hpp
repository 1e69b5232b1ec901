#pragma once

#include "daemon/ctl/terminal.hpp"

#include <string>
#include <vector>

namespace reviewd::ctl {

/// One cell: text from anywhere (it is made safe when shown) and how it looks.
struct Cell {
    std::string text;
    Style style = Style::plain;

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
        /// Where the screen is too narrow, these columns are cut, widest first; but before that all
        /// that is `below` goes onto one line below the row.
        enum class Cut { never, if_needed, below } cut = Cut::never;
    };

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
    [[nodiscard]] std::vector<std::size_t> full_widths() const;
    [[nodiscard]] std::vector<std::size_t> widths(const Screen& screen) const;
    [[nodiscard]] std::string line_below(
        const std::vector<Cell>& row, const std::vector<std::size_t>& width, const Screen& screen
    ) const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

} // namespace reviewd::ctl
