#include "daemon/ctl/table.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/base/text.hpp"

#include <algorithm>
#include <numeric>

namespace reviewd::ctl {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 8;
constexpr std::size_t indent = 8; ///< of what stands below its row

/// The text in `width` columns: padded, or cut with an ellipsis.
std::string fitted(const std::string& text, std::size_t width, Table::Align align) {
    const std::string shown = display_width(text) > width ? cut_to_width(text, width) : text;
    const std::string blanks(width - std::min(width, display_width(shown)), ' ');
    return align == Table::Align::right ? blanks + shown : shown + blanks;
}

/// Of the columns that are shown, and what is between them.
std::size_t total_of(const std::vector<std::size_t>& widths) {
    const auto shown = static_cast<std::size_t>(
        std::count_if(widths.begin(), widths.end(), [](std::size_t width) { return width > 0; })
    );
    const std::size_t gaps = shown == 0 ? 0 : gap * (shown - 1);
    return std::accumulate(widths.begin(), widths.end(), gaps);
}

} // namespace

void Table::add(std::vector<Cell> row) {
    REVIEWD_ASSERT(row.size() == columns_.size());
    for (Cell& cell : row) {
        cell.text = safe(cell.text);
    }
    rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::full_widths() const {
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (std::size_t at = 0; at < columns_.size(); ++at) {
        for (const std::vector<Cell>& row : rows_) {
            widths[at] = std::max(widths[at], display_width(row[at].text));
        }
        // An empty column has nothing to say, so its heading has not either.
        widths[at] = widths[at] == 0 ? 0 : std::max(widths[at], display_width(columns_[at].title));
    }
    return widths;
}

bool Table::fits(const Screen& screen) const {
    return !screen.is_terminal || total_of(full_widths()) <= screen.columns;
}

std::vector<std::size_t> Table::widths(const Screen& screen) const {
    std::vector<std::size_t> widths = full_widths();
    if (fits(screen)) {
        return widths;
    }
    for (std::size_t at = columns_.size(); at-- > 0 && total_of(widths) > screen.columns;) {
        widths[at] = columns_[at].cut == Column::Cut::below ? 0 : widths[at];
    }
    leave_out(widths, screen.columns);
    cut(widths, screen.columns, Floor::least);
    cut(widths, screen.columns, Floor::narrowest);
    return widths;
}

void Table::leave_out(std::vector<std::size_t>& widths, std::size_t columns) const {
    std::vector<std::size_t> needed = widths;
    for (std::size_t at = 0; at < columns_.size(); ++at) {
        if (columns_[at].cut == Column::Cut::if_needed) {
            needed[at] = std::min(needed[at], columns_[at].least);
        }
    }
    for (std::size_t at = columns_.size(); at-- > 0 && total_of(needed) > columns;) {
        if (columns_[at].cut == Column::Cut::left_out) {
            widths[at] = 0;
            needed[at] = 0;
        }
    }
}

void Table::cut(std::vector<std::size_t>& widths, std::size_t columns, Floor floor) const {
    for (std::size_t total = total_of(widths); total > columns; --total) {
        std::size_t widest = columns_.size();
        for (std::size_t at = 0; at < columns_.size(); ++at) {
            const std::size_t limit = floor == Floor::least ? columns_[at].least : narrowest;
            const bool may_cut = columns_[at].cut == Column::Cut::if_needed && widths[at] > limit;
            if (may_cut && (widest == columns_.size() || widths[at] > widths[widest])) {
                widest = at;
            }
        }
        if (widest == columns_.size()) {
            return;
        }
        --widths[widest];
    }
}

std::string Table::line_below(
    const std::vector<Cell>& row, const std::vector<std::size_t>& width, const Screen& screen
) const {
    std::size_t room = screen.columns - std::min(screen.columns, indent);
    std::string line;
    for (std::size_t at = 0; at < columns_.size(); ++at) {
        const bool is_below = columns_[at].cut == Column::Cut::below && width[at] == 0;
        if (!is_below || row[at].text.empty() || row[at].goes_without_saying || room == 0) {
            continue;
        }
        const std::string text = cut_to_width((line.empty() ? "" : "; ") + row[at].text, room);
        room -= std::min(room, display_width(text));
        line += styled(text, row[at].style, screen.colour);
    }
    return line.empty() ? line : std::string(indent, ' ') + line + '\n';
}

std::string Table::render(const Screen& screen) const {
    const std::vector<std::size_t> width = widths(screen);
    std::string out;
    const auto add_line = [&](auto&& cell_at) {
        std::string line;
        bool is_first = true;
        for (std::size_t at = 0; at < columns_.size(); ++at) {
            if (width[at] == 0) {
                continue;
            }
            const Cell& cell = cell_at(at);
            const std::string text = fitted(cell.text, width[at], columns_[at].align);
            line +=
                (is_first ? "" : std::string(gap, ' ')) + styled(text, cell.style, screen.colour);
            is_first = false;
        }
        if (screen.colour == Colour::off) {
            line.erase(line.find_last_not_of(' ') + 1);
        }
        out += line + '\n';
    };
    std::vector<Cell> titles;
    for (const Column& column : columns_) {
        titles.emplace_back(column.title, Style::faint);
    }
    add_line([&](std::size_t at) -> const Cell& { return titles[at]; });
    for (const std::vector<Cell>& row : rows_) {
        add_line([&](std::size_t at) -> const Cell& { return row[at]; });
        out += line_below(row, width, screen);
    }
    return out;
}

} // namespace reviewd::ctl
