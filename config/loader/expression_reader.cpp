#include "config/loader/expression_reader.hpp"

#include "scoring/base/text.hpp"

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

/// What YAML may have taken from an expression that does not compile, or an empty text.
std::string mangling_hint(const Node& node) {
    if (node.style() == Node::Style::double_quoted || node.style() == Node::Style::single_quoted) {
        return fmt::format("YAML takes the outer quotes away; to compare with a text, {}", below);
    }
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
    const std::string mangled = mangling_hint(node);
    for (const cel::Problem& problem : problems) {
        std::string hint = problem.hint;
        if (!mangled.empty()) {
            hint += (hint.empty() ? "" : "; ") + mangled;
        }
        report.error_in_text(node, problem.begin, problem.message, std::move(hint));
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
        const bool is_code =
            language.size() >= 2 && language.size() <= 12
            && std::all_of(language.begin(), language.end(), [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
               });
        if (!is_code) {
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
