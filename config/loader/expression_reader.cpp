#include "config/loader/expression_reader.hpp"

#include "scoring/base/text.hpp"
#include "scoring/cel/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace reviewd::config {
namespace {

constexpr std::string_view below =
    "write `>-` behind the key and the expression on the next line, indented";

constexpr std::size_t longest_shown_comment = 40;

/// What follows the last character of a plain scalar on its line.
std::string_view rest_of_line(const Node& node) {
    const SourcePosition end = node.position_in_text(node.text().size());
    const std::string_view line = node.source().line(end.line);
    std::size_t at = 0;
    for (int column = 1; column < end.column && at < line.size(); ++column) {
        do {
            ++at;
        } while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U);
    }
    return trim(line.substr(at));
}

/// The comment behind an expression, if it looks as if it were meant as a part of it.
std::string_view swallowed_part(const Node& node) {
    if (node.style() != Node::Style::plain) {
        return {};
    }
    const std::string_view rest = rest_of_line(node);
    constexpr std::array<std::string_view, 5> operators{"&&", "||", "==", "<=", ">="};
    const bool has_operator = std::any_of(operators.begin(), operators.end(), [&](auto each) {
        return rest.find(each) != std::string_view::npos;
    });
    return !rest.empty() && rest.front() == '#' && has_operator ? rest : std::string_view{};
}

/// What to do where a word in quotes was meant as a text: it is all that the expression holds, and
/// nothing has that name. Words of other languages mean what they say.
std::string quotes_hint(const Node& node, const cel::Problem& problem) {
    static constexpr std::array<std::string_view, 3> operators{"and", "or", "not"};
    const std::string& text = node.text();
    const bool is_quoted =
        node.style() == Node::Style::double_quoted || node.style() == Node::Style::single_quoted;
    const bool is_whole = problem.begin == 0 && problem.end == text.size();
    const bool is_name =
        !text.empty() && std::all_of(text.begin(), text.end(), cel::is_word_character);
    if (!is_quoted || !is_whole || !is_name
        || std::find(operators.begin(), operators.end(), text) != operators.end()) {
        return {};
    }
    return fmt::format("YAML takes the outer quotes away; to compare with a text, {}", below);
}

/// What YAML may have taken from an expression that does not compile, or an empty text.
std::string mangling_hint(const Node& node) {
    if (node.style() != Node::Style::plain) {
        return {};
    }
    const std::string_view rest = rest_of_line(node);
    if (!rest.empty() && rest.front() == '#') {
        return fmt::format("YAML read ` #` as the beginning of a comment; {}", below);
    }
    if (node.is_in_flow() && !rest.empty() && rest.front() == ',') {
        return fmt::format("inside {{ }} and [ ] YAML ends a value at a comma; {}", below);
    }
    return {};
}

void report_problems(const Node& node, const cel::Problems& problems, Report& report) {
    for (const cel::Problem& problem : problems) {
        const std::string quoted = quotes_hint(node, problem);
        const std::string mangled = quoted.empty() ? mangling_hint(node) : quoted;
        std::string hint = problem.hint;
        if (!mangled.empty()) {
            hint += (hint.empty() ? "" : "; ") + mangled;
        }
        report.error_in_text(node, problem.begin, problem.message, std::move(hint));
    }
}

/// Whether a number reads as thousands where the point parts them: `20.000`.
bool is_like_thousands(std::string_view number) {
    constexpr std::string_view zeros = ".000";
    const std::size_t whole = number.find('.');
    return whole != std::string_view::npos && whole > 0 && whole <= 3 && number.front() != '0'
           && number.substr(whole) == zeros;
}

/// Nobody writes a fraction of three zeros: who writes 20.000 means thousands, and would get 20.
void warn_of_thousands(const Node& node, Report& report) {
    cel::Problems none;
    for (const cel::Token& token : cel::tokenize(node.text(), none)) {
        const std::string written = node.text().substr(token.begin, token.end - token.begin);
        if (token.kind != cel::Token::Kind::literal || !is_like_thousands(written)) {
            continue;
        }
        const std::string whole = written.substr(0, written.find('.'));
        report.warning_in_text(
            node,
            token.begin,
            fmt::format("`{}` counts as {}: the point is the decimal sign", written, whole),
            fmt::format("write `{0}000` for thousands, `{0}` if it is meant", whole)
        );
    }
}

bool is_suitable(const cel::Type& type, Wanted wanted) {
    using Kind = cel::Type::Kind;
    switch (wanted) {
    case Wanted::anything:
        return true;
    case Wanted::condition:
        return type.kind == Kind::boolean || type.kind == Kind::dyn;
    case Wanted::number:
        break;
    }
    return type.kind == Kind::integer || type.kind == Kind::unsigned_integer
           || type.kind == Kind::real || type.kind == Kind::dyn;
}

} // namespace

std::optional<cel::Expression> read_expression(
    const Node& node, const cel::Environment& environment, Wanted wanted, Report& report
) {
    if (!node.is_scalar() || node.is_null()) {
        const bool is_flow = !node.is_scalar() && node.is_in_flow();
        report.error(
            node,
            fmt::format("expected an expression, found {}", described(node)),
            is_flow ? fmt::format("YAML reads a leading `[` or `{{` as its own; {}", below) : ""
        );
        return std::nullopt;
    }
    if (node.text().empty() && node.style() == Node::Style::plain) {
        return std::nullopt; // YAML took all of it for a tag, and that was reported
    }
    auto compiled = cel::compile(node.text(), environment);
    if (!compiled.has_value()) {
        report_problems(node, compiled.error(), report);
        return std::nullopt;
    }
    if (!is_suitable(compiled->type(), wanted)) {
        const std::string_view expected =
            wanted == Wanted::condition ? "a condition that is true or false" : "a number";
        report.error_in_text(
            node,
            0,
            fmt::format("expected {}, found {}", expected, cel::described(compiled->type())),
            mangling_hint(node)
        );
        return std::nullopt;
    }
    warn_of_thousands(node, report);
    if (const std::string_view swallowed = swallowed_part(node); !swallowed.empty()) {
        report.warning(
            node,
            fmt::format(
                "YAML took `{}` for a comment, not for a part of the expression",
                cut_to_width(swallowed, longest_shown_comment)
            ),
            fmt::format("if it is a part, {}; if not, put it on a line of its own", below)
        );
    }
    return std::move(*compiled);
}

rules::Texts read_language_texts(const Node& node, Report& report) {
    rules::Texts texts;
    if (node.is_scalar()) {
        if (std::optional<std::string> text = read_text(node, report)) {
            texts.emplace("en", std::move(*text));
        }
        return texts;
    }
    MapReader reader{node, report};
    reader.allow_any_key();
    if (!node.is_map()) {
        return texts;
    }
    for (const Node::Entry& entry : node.entries()) {
        const std::string& language = entry.key.text();
        if (!is_language_code(language)) {
            report.error(
                entry.key,
                fmt::format("`{}` is no code of a language", cut_to_width(language, 30)),
                "write for instance `en`, `bn` or `pt-BR`"
            );
        }
        if (std::optional<std::string> text = read_text(entry.value, report)) {
            texts.emplace(language, std::move(*text));
        }
    }
    return texts;
}

std::vector<Node> language_scalars(const Node& node) {
    std::vector<Node> scalars;
    if (node.is_scalar()) {
        scalars.push_back(node);
    } else if (node.is_map()) {
        for (const Node::Entry& entry : node.entries()) {
            if (entry.value.is_scalar()) {
                scalars.push_back(entry.value);
            }
        }
    }
    return scalars;
}

void for_each_tag(
    const Node& node, const std::function<void(const Node& scalar, const TemplateTag& tag)>& look
) {
    for (const Node& scalar : language_scalars(node)) {
        for (const TemplateTag& tag : template_tags(scalar.text()).tags) {
            look(scalar, tag);
        }
    }
}

rules::Texts read_templates(const Node& node, Report& report) {
    for (const Node& scalar : language_scalars(node)) {
        for (TemplateFault& fault : template_tags(scalar.text()).faults) {
            report.error_in_text(
                scalar, fault.offset, std::move(fault.message), std::move(fault.hint)
            );
        }
    }
    return read_language_texts(node, report);
}

} // namespace reviewd::config
