// Recursive descent with one function for all binary operators, so that a nesting level costs few
// stack frames. Two guards bound the recursion: the nesting of the text while it is read and the
// depth of each node made. Chains of operators are no nesting: those of && and || are balanced,
// because their order does not matter; those of arithmetic are links (see is_link).
#include "scoring/cel/parser.hpp"

#include "scoring/base/text.hpp"
#include "scoring/cel/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace reviewd::cel {
namespace {

/// Ends the parsing; the problem has been reported already.
struct ParsingStopped {};

struct BinarySign {
    std::string_view sign;
    Operator operation;
    int level; ///< higher binds tighter
};

constexpr std::array<BinarySign, 14> binary_signs{{
    {"||", Operator::logical_or, 1},
    {"&&", Operator::logical_and, 2},
    {"<", Operator::less, 3},
    {"<=", Operator::less_equal, 3},
    {">", Operator::greater, 3},
    {">=", Operator::greater_equal, 3},
    {"==", Operator::equal, 3},
    {"!=", Operator::not_equal, 3},
    {"in", Operator::in, 3},
    {"+", Operator::add, 4},
    {"-", Operator::subtract, 4},
    {"*", Operator::multiply, 5},
    {"/", Operator::divide, 5},
    {"%", Operator::remainder, 5},
}};

constexpr std::array<std::string_view, 17> reserved_words{
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while"};

struct MacroForm {
    std::string_view name;
    std::size_t locals;
    std::size_t arguments; ///< all of them, with the names of the locals
    Macro macro;
};

constexpr std::array<MacroForm, 15> macro_forms{{
    {"all", 1, 2, Macro::all},
    {"all", 2, 3, Macro::all},
    {"exists", 1, 2, Macro::exists},
    {"exists", 2, 3, Macro::exists},
    {"exists_one", 1, 2, Macro::exists_one},
    {"exists_one", 2, 3, Macro::exists_one},
    {"existsOne", 1, 2, Macro::exists_one},
    {"existsOne", 2, 3, Macro::exists_one},
    {"filter", 1, 2, Macro::filter},
    {"map", 1, 2, Macro::map},
    {"map", 1, 3, Macro::map},
    {"transformList", 2, 3, Macro::map},
    {"transformList", 2, 4, Macro::map},
    {"transformMap", 2, 3, Macro::transform_map},
    {"transformMap", 2, 4, Macro::transform_map},
}};

class Parser {
public:
    Parser(std::string_view source, const Environment& environment, Problems& problems)
        : environment_(environment), problems_(problems), tokens_(tokenize(source, problems)) {}

    NodePointer run() {
        try {
            if (peek().kind == Token::Kind::end) {
                stop(peek(), "the expression is empty");
            }
            NodePointer root = parse_expression();
            if (peek().kind != Token::Kind::end) {
                stop_at_rest();
            }
            return root;
        } catch (const ParsingStopped&) {
            return nullptr;
        }
    }

private:
    // ---- Tokens ----

    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
        return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
    }

    const Token& take() {
        const Token& token = peek();
        next_ = std::min(next_ + 1, tokens_.size() - 1);
        return token;
    }

    [[nodiscard]] bool is_symbol(std::string_view sign, std::size_t ahead = 0) const {
        return peek(ahead).kind == Token::Kind::symbol && peek(ahead).text == sign;
    }

    bool take_symbol(std::string_view sign) {
        const bool is_there = is_symbol(sign);
        if (is_there) {
            take();
        }
        return is_there;
    }

    void expect_symbol(std::string_view sign, std::string_view purpose) {
        if (!take_symbol(sign)) {
            stop(
                peek(),
                fmt::format("`{}` is expected {}, {} is found", sign, purpose, shown(peek()))
            );
        }
    }

    [[nodiscard]] static std::string shown(const Token& token) {
        if (token.kind == Token::Kind::end) {
            return "the end";
        }
        if (token.kind == Token::Kind::literal && token.value.get_if<std::string>() != nullptr) {
            return "text";
        }
        return fmt::format("`{}`", cut_to_width(escape_controls(token.text), 32));
    }

    [[noreturn]] void stop(const Token& token, std::string message, std::string hint = {}) {
        problems_.push_back(Problem{token.begin, token.end, std::move(message), std::move(hint)});
        throw ParsingStopped{};
    }

    /// The expression is complete, but the text goes on.
    [[noreturn]] void stop_at_rest() {
        const Token& token = peek();
        std::string hint;
        if (token.kind == Token::Kind::identifier) {
            if (token.text == "is") {
                hint = "write `==`";
            } else if (token.text == "contains" || token.text == "startsWith"
                       || token.text == "endsWith" || token.text == "matches") {
                hint = fmt::format("write name.{}(\"text\")", token.text);
            } else {
                hint = "join two conditions by `&&` (and) or `||` (or)";
            }
        } else if (token.text == ",") {
            hint = "numbers are written with a point, and thousands without a sign: 1.5, 20000";
        }
        stop(
            token,
            fmt::format("an operator is expected, {} is found", shown(token)),
            std::move(hint)
        );
    }

    // ---- Nodes ----

    NodePointer make(Node::Kind kind, std::size_t begin) {
        auto node = std::make_unique<Node>();
        node->kind = kind;
        node->begin = begin;
        node->focus = begin;
        return node;
    }

    /// Sets what follows from the children, and refuses a tree that is too deep.
    NodePointer finish(NodePointer node, std::size_t end) {
        node->end = end;
        for (const NodePointer& child : node->children) {
            const bool is_continued =
                is_link(*node) && &child == &node->children.front() && is_link(*child);
            node->depth = std::max(node->depth, child->depth + (is_continued ? 0 : 1));
        }
        if (node->depth > environment_.limits.depth) {
            problems_.push_back(Problem{
                node->begin,
                node->end,
                fmt::format(
                    "the expression is nested deeper than {} levels", environment_.limits.depth
                ),
                "split it into several facts"});
            throw ParsingStopped{};
        }
        return node;
    }

    [[nodiscard]] std::size_t last_end() const { return next_ == 0 ? 0 : tokens_[next_ - 1].end; }

    NodePointer operation(
        Operator chosen, const Token& sign, NodePointer left, NodePointer right = nullptr
    ) {
        NodePointer node = make(Node::Kind::operation, std::min(left->begin, sign.begin));
        node->operation = chosen;
        node->focus = sign.begin;
        const std::size_t end = right ? right->end : std::max(left->end, sign.end);
        node->children.push_back(std::move(left));
        if (right) {
            node->children.push_back(std::move(right));
        }
        return finish(std::move(node), end);
    }

    /// Counts the nesting of the text for as long as it lives.
    class Nesting {
    public:
        explicit Nesting(Parser& parser) : parser_(parser) {
            if (++parser_.nesting_ > parser_.environment_.limits.depth) {
                --parser_.nesting_;
                parser_.stop(
                    parser_.peek(),
                    fmt::format(
                        "the expression is nested deeper than {} levels",
                        parser_.environment_.limits.depth
                    ),
                    "split it into several facts"
                );
            }
        }
        Nesting(const Nesting&) = delete;
        Nesting& operator=(const Nesting&) = delete;
        ~Nesting() { --parser_.nesting_; }

    private:
        Parser& parser_;
    };

    // ---- Grammar ----

    NodePointer parse_expression() {
        const Nesting nesting{*this};
        NodePointer condition = parse_binary(1);
        if (!is_symbol("?")) {
            return condition;
        }
        const Token& sign = take();
        NodePointer node = make(Node::Kind::operation, condition->begin);
        node->operation = Operator::conditional;
        node->focus = sign.begin;
        node->children.push_back(std::move(condition));
        node->children.push_back(parse_binary(1));
        expect_symbol(":", "between the two answers of `? :`");
        node->children.push_back(parse_expression());
        const std::size_t end = node->children.back()->end;
        return finish(std::move(node), end);
    }

    [[nodiscard]] const BinarySign* binary_sign() const {
        const Token& token = peek();
        if (token.kind != Token::Kind::symbol && token.kind != Token::Kind::identifier) {
            return nullptr;
        }
        const auto* found = std::find_if(
            binary_signs.begin(),
            binary_signs.end(),
            [&token](const BinarySign& sign) {
                return sign.sign == token.text
                       && (sign.sign == "in") == (token.kind == Token::Kind::identifier);
            }
        );
        return found == binary_signs.end() ? nullptr : found;
    }

    /// All operators of `level` and tighter, by precedence climbing.
    NodePointer parse_binary(int level) {
        NodePointer left = parse_unary();
        for (const BinarySign* sign = binary_sign(); sign != nullptr && sign->level >= level;
             sign = binary_sign()) {
            if (sign->level <= 2) {
                left = parse_chain(*sign, std::move(left));
                continue;
            }
            const Token& token = take();
            NodePointer right = parse_binary(sign->level + 1);
            left = operation(sign->operation, token, std::move(left), std::move(right));
        }
        return left;
    }

    /// The rest of `left && b && c …`, balanced.
    NodePointer parse_chain(const BinarySign& sign, NodePointer left) {
        std::vector<NodePointer> terms;
        std::vector<const Token*> signs;
        terms.push_back(std::move(left));
        while (is_symbol(sign.sign)) {
            signs.push_back(&take());
            terms.push_back(parse_binary(sign.level + 1));
        }
        return balance(sign.operation, terms, signs, 0, terms.size());
    }

    NodePointer balance(
        Operator chosen,
        std::vector<NodePointer>& terms,
        const std::vector<const Token*>& signs,
        std::size_t from,
        std::size_t to
    ) {
        if (to - from == 1) {
            return std::move(terms[from]);
        }
        const std::size_t middle = from + (to - from + 1) / 2;
        NodePointer left = balance(chosen, terms, signs, from, middle);
        NodePointer right = balance(chosen, terms, signs, middle, to);
        return operation(chosen, *signs[middle - 1], std::move(left), std::move(right));
    }

    NodePointer parse_unary() {
        const bool is_sign = is_symbol("!") || is_symbol("-");
        if (!is_sign) {
            return parse_member(parse_primary());
        }
        const std::string_view text = peek().text;
        std::vector<const Token*> signs;
        while (is_symbol(text)) {
            signs.push_back(&take());
        }
        NodePointer operand;
        if (text == "-" && is_number()) {
            operand = parse_member(parse_number(signs.back()));
            signs.pop_back();
        } else if (is_symbol("!") || is_symbol("-")) {
            const Nesting nesting{*this};
            operand = parse_unary();
        } else {
            operand = parse_member(parse_primary());
        }
        // A pair of signs cancels out; one pair is kept, so that the type is still checked.
        const std::size_t kept = signs.size() <= 2 ? signs.size() : 2 - signs.size() % 2;
        for (std::size_t i = 0; i < kept; ++i) {
            operand = operation(
                text == "!" ? Operator::logical_not : Operator::negate,
                *signs[kept - 1 - i],
                std::move(operand)
            );
        }
        return operand;
    }

    [[nodiscard]] bool is_number() const {
        return peek().kind == Token::Kind::integer
               || (peek().kind == Token::Kind::literal && peek().value.get_if<double>() != nullptr);
    }

    /// @param minus the sign before it, or null
    NodePointer parse_number(const Token* minus) {
        const Token& token = take();
        NodePointer node =
            make(Node::Kind::constant, minus != nullptr ? minus->begin : token.begin);
        if (const auto* real = token.value.get_if<double>()) {
            node->value = Value::of(minus != nullptr ? -*real : *real);
            return finish(std::move(node), token.end);
        }
        constexpr auto greatest =
            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        const std::uint64_t magnitude = *token.value.get_if<std::uint64_t>();
        if (magnitude > greatest + (minus != nullptr ? 1 : 0)) {
            problems_.push_back(Problem{
                node->begin, token.end, fmt::format("the number {} is too large", token.text), {}});
        }
        // Unsigned arithmetic wraps, so that the least integer comes out right.
        node->value = Value::of(
            static_cast<std::int64_t>(minus != nullptr ? std::uint64_t{0} - magnitude : magnitude)
        );
        return finish(std::move(node), token.end);
    }

    /// Everything that follows an operand: fields, calls, positions.
    NodePointer parse_member(NodePointer operand) {
        while (true) {
            if (is_symbol(".")) {
                take();
                operand = parse_field(std::move(operand));
            } else if (is_symbol("[")) {
                const Token& sign = take();
                NodePointer key = parse_expression();
                expect_symbol("]", "after the position or key");
                operand = operation(Operator::index, sign, std::move(operand), std::move(key));
                operand->end = last_end();
            } else if (is_symbol("{") && is_message_name(*operand)) {
                operand = parse_message(std::move(operand));
            } else {
                return operand;
            }
        }
    }

    NodePointer parse_field(NodePointer operand) {
        const Token& token = take();
        const bool is_name = token.kind == Token::Kind::identifier && !is_keyword(token.text);
        if (!is_name && token.kind != Token::Kind::quoted_identifier) {
            stop(
                token, fmt::format("a name is expected after the point, {} is found", shown(token))
            );
        }
        if (token.kind == Token::Kind::identifier && is_symbol("(")) {
            return parse_call(token, std::move(operand));
        }
        NodePointer node = make(Node::Kind::select, operand->begin);
        node->name = token.text;
        node->focus = token.begin;
        // Only a plain name can be part of a qualified one.
        node->has_receiver = token.kind == Token::Kind::quoted_identifier;
        node->children.push_back(std::move(operand));
        return finish(std::move(node), token.end);
    }

    [[nodiscard]] static bool is_keyword(std::string_view word) {
        return word == "in" || word == "true" || word == "false" || word == "null";
    }

    NodePointer parse_primary() {
        const Token& token = peek();
        switch (token.kind) {
        case Token::Kind::integer:
            return parse_number(nullptr);
        case Token::Kind::literal: {
            NodePointer node = make(Node::Kind::constant, token.begin);
            node->value = take().value;
            return finish(std::move(node), token.end);
        }
        case Token::Kind::identifier:
            return parse_name();
        case Token::Kind::symbol:
            return parse_bracket();
        case Token::Kind::quoted_identifier:
            stop(token, "a name in back quotes can only stand after a point");
        case Token::Kind::end:
            break;
        }
        stop(token, "a value is expected, the end is found");
    }

    NodePointer parse_bracket() {
        const Token& token = peek();
        if (token.text == "(") {
            take();
            NodePointer inner = parse_expression();
            if (is_symbol(",")) {
                stop(
                    peek(), "a bracket holds one value", "a list stands in square brackets: [1, 2]"
                );
            }
            expect_symbol(")", "to close the bracket");
            return inner;
        }
        if (token.text == "[") {
            return parse_list();
        }
        if (token.text == "{") {
            return parse_map();
        }
        if (token.text == "." && peek(1).kind == Token::Kind::identifier) {
            return parse_name();
        }
        stop(token, fmt::format("a value is expected, {} is found", shown(token)));
    }

    NodePointer parse_name() {
        const std::size_t begin = peek().begin;
        const bool is_absolute = take_symbol(".");
        const Token& token = take();
        if (!is_absolute
            && (token.text == "true" || token.text == "false" || token.text == "null")) {
            NodePointer node = make(Node::Kind::constant, begin);
            node->value = token.text == "null" ? Value{} : Value::of(token.text == "true");
            return finish(std::move(node), token.end);
        }
        if (is_keyword(token.text)) {
            stop(token, fmt::format("a value is expected, `{}` is found", token.text));
        }
        if (std::find(reserved_words.begin(), reserved_words.end(), token.text)
            != reserved_words.end()) {
            const bool is_condition = token.text == "if" || token.text == "else";
            stop(
                token,
                fmt::format("`{}` is a reserved word", token.text),
                is_condition ? "write condition ? value : other value" : "choose another name"
            );
        }
        if (is_symbol("(")) {
            return parse_call(token, nullptr, is_absolute ? "." : "");
        }
        NodePointer node = make(Node::Kind::identifier, begin);
        node->name = (is_absolute ? "." : "") + std::string{token.text};
        return finish(std::move(node), token.end);
    }

    std::vector<NodePointer> parse_arguments(std::string_view closing, std::string_view purpose) {
        std::vector<NodePointer> arguments;
        while (!is_symbol(closing)) {
            arguments.push_back(parse_expression());
            if (arguments.size() > environment_.limits.list_size) {
                stop(peek(), fmt::format("more than {} elements", environment_.limits.list_size));
            }
            if (!take_symbol(",")) {
                break;
            }
            if (is_symbol(closing) && closing == ")") {
                stop(peek(), "a value is expected after the comma");
            }
        }
        expect_symbol(closing, purpose);
        return arguments;
    }

    NodePointer parse_call(const Token& name, NodePointer receiver, std::string_view prefix = {}) {
        take(); // the bracket
        NodePointer node = make(Node::Kind::call, receiver ? receiver->begin : name.begin);
        node->name = std::string{prefix} + std::string{name.text};
        node->focus = name.begin;
        std::vector<NodePointer> arguments =
            parse_arguments(")", fmt::format("after the arguments of {}()", name.text));
        if (environment_.has_macros && prefix.empty()) {
            if (NodePointer macro = expand(name, receiver, arguments)) {
                return macro;
            }
        }
        node->has_receiver = receiver != nullptr;
        if (receiver) {
            node->children.push_back(std::move(receiver));
        }
        std::move(arguments.begin(), arguments.end(), std::back_inserter(node->children));
        return finish(std::move(node), last_end());
    }

    NodePointer parse_list() {
        NodePointer node = make(Node::Kind::list, take().begin);
        node->children = parse_arguments("]", "to close the list");
        return finish(std::move(node), last_end());
    }

    NodePointer parse_map() {
        NodePointer node = make(Node::Kind::map, take().begin);
        while (!is_symbol("}")) {
            node->children.push_back(parse_expression());
            expect_symbol(":", "between key and value");
            node->children.push_back(parse_expression());
            if (!take_symbol(",")) {
                break;
            }
        }
        expect_symbol("}", "to close the map");
        return finish(std::move(node), last_end());
    }

    [[nodiscard]] static bool is_message_name(const Node& node) {
        if (node.kind == Node::Kind::select && !node.has_receiver) {
            return is_message_name(*node.children.front());
        }
        return node.kind == Node::Kind::identifier;
    }

    [[nodiscard]] static std::string full_name(const Node& node) {
        return node.kind == Node::Kind::identifier
                   ? node.name
                   : full_name(*node.children.front()) + "." + node.name;
    }

    NodePointer parse_message(NodePointer name) {
        take(); // the brace
        NodePointer node = make(Node::Kind::message, name->begin);
        node->name = full_name(*name);
        while (!is_symbol("}")) {
            const Token& field = take();
            if (field.kind != Token::Kind::identifier
                && field.kind != Token::Kind::quoted_identifier) {
                stop(
                    field, fmt::format("the name of a field is expected, {} is found", shown(field))
                );
            }
            NodePointer key = make(Node::Kind::constant, field.begin);
            key->value = Value::of(std::string{field.text});
            node->children.push_back(finish(std::move(key), field.end));
            expect_symbol(":", "between field and value");
            node->children.push_back(parse_expression());
            if (!take_symbol(",")) {
                break;
            }
        }
        expect_symbol("}", "to close the message");
        return finish(std::move(node), last_end());
    }

    // ---- Macros ----

    /// The macro that `name` with these arguments stands for, or null if it is an ordinary call.
    NodePointer expand(
        const Token& name, NodePointer& receiver, std::vector<NodePointer>& arguments
    ) {
        if (!receiver) {
            return name.text == "has" && arguments.size() == 1
                       ? expand_has(name, std::move(arguments[0]))
                       : nullptr;
        }
        if (name.text == "bind" && arguments.size() == 3 && receiver->kind == Node::Kind::identifier
            && receiver->name == "cel") {
            return expand_bind(name, *receiver, arguments);
        }
        for (const MacroForm& form : macro_forms) {
            const bool is_form = form.name == name.text && form.arguments == arguments.size();
            // map(x, filter, transform) and the forms with two locals differ by their second
            // argument alone.
            if (is_form) {
                return expand_loop(form, name, std::move(receiver), arguments);
            }
        }
        return nullptr;
    }

    NodePointer expand_has(const Token& name, NodePointer argument) {
        if (argument->kind != Node::Kind::select) {
            const bool is_rules = environment_.dialect == Dialect::rules;
            stop(
                name,
                "has() asks for a field: has(map.field)",
                is_rules ? "to ask whether a fact is there, write known(name)" : ""
            );
        }
        argument->kind = Node::Kind::has_field;
        argument->begin = name.begin;
        argument->end = last_end();
        return argument;
    }

    std::string local_name(const Token& macro, const Node& argument) {
        if (argument.kind != Node::Kind::identifier || argument.name.starts_with('.')) {
            problems_.push_back(Problem{
                argument.begin,
                argument.end,
                fmt::format(
                    "{}() expects a name of your choice here, for the element it looks at",
                    macro.text
                ),
                fmt::format("write for instance {}(x, x > 1)", macro.text)});
            throw ParsingStopped{};
        }
        return argument.name;
    }

    NodePointer expand_loop(
        const MacroForm& form,
        const Token& name,
        NodePointer range,
        std::vector<NodePointer>& arguments
    ) {
        NodePointer node = make(Node::Kind::comprehension, range->begin);
        node->macro = form.macro;
        node->focus = name.begin;
        for (std::size_t i = 0; i < form.locals; ++i) {
            node->locals.push_back(local_name(name, *arguments[i]));
        }
        if (form.locals == 2 && node->locals[0] == node->locals[1]) {
            stop(name, fmt::format("{}() needs two different names", name.text));
        }
        node->children.push_back(std::move(range));
        node->children.push_back(std::move(arguments.back()));
        if (arguments.size() == form.locals + 2) {
            node->children.push_back(std::move(arguments[form.locals]));
        }
        return finish(std::move(node), last_end());
    }

    NodePointer expand_bind(
        const Token& name, const Node& receiver, std::vector<NodePointer>& arguments
    ) {
        NodePointer node = make(Node::Kind::comprehension, receiver.begin);
        node->macro = Macro::bind;
        node->focus = name.begin;
        node->locals.push_back(local_name(name, *arguments[0]));
        node->children.push_back(std::move(arguments[1]));
        node->children.push_back(std::move(arguments[2]));
        return finish(std::move(node), last_end());
    }

    const Environment& environment_;
    Problems& problems_;
    std::vector<Token> tokens_;
    std::size_t next_ = 0;
    int nesting_ = 0;
};

} // namespace

NodePointer parse(std::string_view source, const Environment& environment, Problems& problems) {
    return Parser{source, environment, problems}.run();
}

} // namespace reviewd::cel
