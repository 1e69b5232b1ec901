#include "daemon/message/mustache.hpp"

#include "daemon/message/link_words.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <kainjow/mustache.hpp>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace reviewd::message {
namespace {

std::string escape_html(const std::string& text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        case '\'':
            escaped += "&#39;";
            break;
        case '`':
            escaped += "&#96;";
            break;
        case '=':
            escaped += "&#61;";
            break;
        default:
            escaped += c;
        }
    }
    return escaped;
}

/// The first tag that templates may not use, or nothing.
std::string_view find_forbidden_tag(std::string_view source) {
    for (std::size_t at = source.find("{{"); at != std::string_view::npos;
         at = source.find("{{", at + 2)) {
        const std::size_t kind = source.find_first_not_of(" \t\r\n", at + 2);
        constexpr std::string_view forbidden = "{&>=";
        if (kind != std::string_view::npos && forbidden.find(source[kind]) != forbidden.npos) {
            return source.substr(at, kind - at + 1);
        }
    }
    return {};
}

/// Stands for a line's end while the library parses the template. It never meets a value: `fill`
/// drops it from them.
constexpr char line_end = '\x01';

/// Whether the line is one tag of a section or a comment, and nothing else.
bool is_lone_tag(std::string_view line) {
    const std::string_view tag = trim(line);
    return tag.size() > 4 && tag.starts_with("{{") && tag.ends_with("}}")
           && tag.find("{{", 2) == std::string_view::npos
           && std::string_view{"#^/!"}.find(tag[2]) != std::string_view::npos;
}

/// Lines that are one tag leave no line behind, as mustache has it. The library does so only for
/// sections that are filled; so those lines are joined with the next one here, and the ends of the
/// others are hidden from it.
std::string without_tag_lines(std::string_view source) {
    std::string joined;
    for (std::size_t begin = 0; begin < source.size();) {
        const std::size_t end = std::min(source.find('\n', begin), source.size());
        const std::string_view line = source.substr(begin, end - begin);
        if (is_lone_tag(line)) {
            joined += trim(line);
        } else {
            joined += line;
            joined += end < source.size() ? std::string_view{&line_end, 1} : std::string_view{};
        }
        begin = end + 1;
    }
    return joined;
}

/// A template as it is filled: its texts and tags in order, those of a section behind its begin.
struct Piece {
    enum class Kind { text, carriage_return, variable, section, inverted };
    Kind kind = Kind::text;
    std::string text;              ///< or the tag's name
    std::vector<std::string> path; ///< of a name with points, its parts
    std::size_t end = 0;           ///< of a section: the first piece behind it
};

using ParsedPart = kainjow::mustache::component<std::string>;

void add_pieces(const std::vector<ParsedPart>& components, std::vector<Piece>& pieces);

void add_text(const ParsedPart& component, std::vector<Piece>& pieces) {
    if (component.is_newline()) {
        pieces.push_back({Piece::Kind::carriage_return, component.text, {}, 0});
        return;
    }
    if (pieces.empty() || pieces.back().kind != Piece::Kind::text) {
        pieces.push_back({});
    }
    std::string text = component.text;
    std::replace(text.begin(), text.end(), line_end, '\n');
    pieces.back().text += text;
}

void add_tag(const ParsedPart& component, Piece::Kind kind, std::vector<Piece>& pieces) {
    const std::string& name = component.tag.name;
    const bool is_path = name.size() > 1 && name.find('.') != std::string::npos;
    pieces.push_back(
        {kind, name, is_path ? kainjow::mustache::split(name, '.') : std::vector<std::string>{}, 0}
    );
    if (kind != Piece::Kind::variable) {
        const std::size_t begin = pieces.size() - 1;
        add_pieces(component.children, pieces);
        pieces[begin].end = pieces.size();
        pieces.push_back({}); // for the text behind it, which must not join what is in the section
    }
}

void add_pieces(const std::vector<ParsedPart>& components, std::vector<Piece>& pieces) {
    using kainjow::mustache::tag_type;
    for (const ParsedPart& component : components) {
        switch (component.tag.type) {
        case tag_type::text:
            add_text(component, pieces);
            break;
        case tag_type::variable:
            add_tag(component, Piece::Kind::variable, pieces);
            break;
        case tag_type::section_begin:
            add_tag(component, Piece::Kind::section, pieces);
            break;
        case tag_type::section_begin_inverted:
            add_tag(component, Piece::Kind::inverted, pieces);
            break;
        default: // a comment; the others are forbidden
            break;
        }
    }
}

struct Parsed {
    explicit Parsed(const std::string& source);

    std::vector<Piece> pieces;
    std::string problem; ///< why it cannot be used; empty: it can
};

Parsed::Parsed(const std::string& source) {
    if (const std::string_view tag = find_forbidden_tag(source); !tag.empty()) {
        problem = fmt::format(
            "the template uses `{}`; only variables, sections and comments may stand in it",
            escape_controls(tag)
        );
        return;
    }
    kainjow::mustache::context<std::string> no_values;
    kainjow::mustache::context_internal<std::string> context{no_values};
    ParsedPart root;
    const kainjow::mustache::parser<std::string> parser{
        without_tag_lines(source), context, root, problem};
    if (problem.empty()) {
        add_pieces(root.children, pieces);
    } else {
        problem = escape_controls(problem);
    }
}

/// A template takes longer to parse than to fill, and the same few are filled again and again: they
/// are kept by their text, for each thread on its own.
const Parsed& parsed_of(const std::string& source) {
    constexpr std::size_t most_kept = 256;
    thread_local std::unordered_map<std::string, std::unique_ptr<const Parsed>> kept;
    const auto known = kept.find(source);
    if (known != kept.end()) {
        return *known->second;
    }
    auto parsed = std::make_unique<const Parsed>(source);
    if (kept.size() == most_kept) {
        kept.clear(); // drafts of templates and of reasons would pile up
    }
    return *kept.emplace(source, std::move(parsed)).first->second;
}

/// Fills one template, as the library does it with values of its own.
class Filling {
public:
    Filling(const std::vector<Piece>& pieces, const Value& values, Escaping escaping)
        : pieces_(pieces), values_{&values}, escaping_(escaping) {}

    std::string run() {
        fill(0, pieces_.size());
        end_line({});
        return std::move(text_);
    }

private:
    void fill(std::size_t begin, std::size_t end) {
        for (std::size_t at = begin; at < end; ++at) {
            const Piece& piece = pieces_[at];
            switch (piece.kind) {
            case Piece::Kind::text:
                text_ += piece.text;
                break;
            case Piece::Kind::carriage_return:
                end_line(piece.text);
                break;
            case Piece::Kind::variable:
                variable(piece);
                break;
            case Piece::Kind::section:
            case Piece::Kind::inverted:
                section(at);
                at = piece.end - 1;
                break;
            }
        }
    }

    void variable(const Piece& piece) {
        const Value* value = find(piece);
        const std::string* text = value == nullptr ? nullptr : value->text();
        if (text == nullptr) {
            return;
        }
        const std::size_t begin = text_.size();
        text_ += escaping_ == Escaping::html ? escape_html(*text) : *text;
        text_.erase(
            std::remove(text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.end(), line_end),
            text_.end()
        );
    }

    void section(std::size_t at) {
        const Piece& piece = pieces_[at];
        const Value* value = find(piece);
        const bool is_nothing = value == nullptr || value->is_nothing();
        if (is_nothing != (piece.kind == Piece::Kind::inverted)) {
            return;
        }
        const std::vector<Value>* items = value == nullptr ? nullptr : value->items();
        if (value == nullptr) {
            part(at, nullptr);
        } else if (items == nullptr || items->empty()) {
            part(at, value);
        } else {
            for (const Value& item : *items) {
                part(at, &item);
            }
        }
    }

    /// What stands in a section, once.
    void part(std::size_t at, const Value* value) {
        has_section_ = true;
        if (value != nullptr) {
            values_.push_back(value);
        }
        fill(at + 1, pieces_[at].end);
        if (value != nullptr) {
            values_.pop_back();
        }
        has_section_ = true;
    }

    /// The innermost value with the name.
    [[nodiscard]] const Value* find(const Piece& piece) const {
        if (piece.text == ".") {
            return values_.back();
        }
        for (std::size_t depth = values_.size(); depth > 0; --depth) {
            const Value* value = values_[depth - 1];
            if (piece.path.empty()) {
                value = value->find(piece.text);
            }
            for (std::size_t i = 0; i < piece.path.size() && value != nullptr; ++i) {
                value = value->find(piece.path[i]);
            }
            if (value != nullptr) {
                return value;
            }
        }
        return nullptr;
    }

    /// A line of blanks with tags of sections leaves no line behind. To the library, which saw no
    /// other end of a line, one ends at a carriage return alone.
    void end_line(std::string_view end) {
        const std::string_view line = std::string_view{text_}.substr(line_begin_);
        if (has_section_ && line.find_first_not_of(" \t") == std::string_view::npos) {
            text_.resize(line_begin_);
        } else {
            text_ += end;
        }
        line_begin_ = text_.size();
        has_section_ = false;
    }

    const std::vector<Piece>& pieces_;
    std::vector<const Value*> values_; ///< the innermost last
    Escaping escaping_;
    std::string text_;
    std::size_t line_begin_ = 0;
    bool has_section_ = false;
};

} // namespace

Result<std::string> fill(const std::string& source, const Value& values, Escaping escaping) {
    const Parsed& parsed = parsed_of(source);
    if (!parsed.problem.empty()) {
        return fail(ErrorCode::bad_data, parsed.problem);
    }
    return Filling{parsed.pieces, values, escaping}.run();
}

std::string shown(std::string_view value) {
    constexpr std::size_t columns = 200;
    return without_links(cut_to_width(escape_controls(value), columns));
}

} // namespace reviewd::message
