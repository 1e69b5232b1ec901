// One pass over the bytes. Words and signs of other languages are reported once each, with what CEL
// writes instead, and handed on as that.
#include "scoring/cel/lexer.hpp"

#include "scoring/base/text.hpp"
#include "scoring/cel/literal.hpp"
#include "scoring/cel/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace reviewd::cel {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_word_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/// What people write who know another language, and what it is called here. Longest first.
struct Foreign {
    std::string_view written;
    std::string_view meant;
    std::string_view message;
};

constexpr std::array<Foreign, 11> foreign_signs{{
    {"===", "==", "`===` is not used here"},
    {"!==", "!=", "`!==` is not used here"},
    {"<>", "!=", "`<>` is not used here"},
    {"=<", "<=", "`=<` is not used here"},
    {"=>", ">=", "`=>` is not used here"},
    {"=", "==", "a single `=` compares nothing"},
    {"&", "&&", "a single `&` means nothing here"},
    {"|", "||", "a single `|` means nothing here"},
    {"\u2264", "<=", "`\u2264` cannot be used here"},
    {"\u2265", ">=", "`\u2265` cannot be used here"},
    {"\u2260", "!=", "`\u2260` cannot be used here"},
}};

constexpr std::array<std::string_view, 6> long_signs{"&&", "||", "==", "!=", "<=", ">="};
constexpr std::string_view short_signs = "+-*/%!<>?:.,()[]{}";

struct ForeignWord {
    std::string_view written;
    std::string_view meant;
};

constexpr std::array<ForeignWord, 6> foreign_words{
    {{"and", "&&"}, {"AND", "&&"}, {"or", "||"}, {"OR", "||"}, {"not", "!"}, {"NOT", "!"}}};

class Lexer {
public:
    Lexer(std::string_view source, Problems& problems) : source_(source), problems_(problems) {}

    std::vector<Token> run() {
        while (skip_blanks()) {
            read_token();
        }
        emit(Token::Kind::end, source_.size(), "end");
        return std::move(tokens_);
    }

private:
    /// Moves to the next token. @returns false at the end
    bool skip_blanks() {
        while (at_ < source_.size()) {
            if (is_blank(source_[at_])) {
                ++at_;
            } else if (source_.substr(at_).starts_with("//")) {
                at_ = std::min(source_.find('\n', at_), source_.size());
            } else {
                return true;
            }
        }
        return false;
    }

    void read_token() {
        const char c = source_[at_];
        const char next = at_ + 1 < source_.size() ? source_[at_ + 1] : '\0';
        if (string_prefix_length()) {
            read_string(*string_prefix_length());
        } else if (is_word_start(c)) {
            read_word();
        } else if (is_digit(c) || (c == '.' && is_digit(next))) {
            read_number();
        } else if (c == '`') {
            read_quoted_identifier();
        } else {
            read_symbol();
        }
    }

    Token& emit(Token::Kind kind, std::size_t begin, std::string_view text) {
        tokens_.push_back(Token{kind, begin, at_, text, {}});
        return tokens_.back();
    }

    void report(std::size_t begin, std::size_t end, std::string message, std::string hint = {}) {
        problems_.push_back(Problem{begin, end, std::move(message), std::move(hint)});
    }

    /// Letters before a quote: b, r, both in this order, or none; nothing if no string begins here.
    [[nodiscard]] std::optional<std::size_t> string_prefix_length() const {
        const auto is_at = [&](std::size_t at, std::string_view letters) {
            return at < source_.size() && letters.find(source_[at]) != std::string_view::npos;
        };
        std::size_t end = at_;
        end += is_at(end, "bB") ? 1U : 0U;
        end += is_at(end, "rR") ? 1U : 0U;
        return is_at(end, "\"'") ? std::optional{end - at_} : std::nullopt;
    }

    /// What the letters before the quote say.
    struct StringForm {
        enum class Escapes { resolved, raw };
        LiteralKind kind;
        Escapes escapes;
    };

    void read_string(std::size_t prefix_length) {
        const std::size_t begin = at_;
        const std::string_view prefix = source_.substr(at_, prefix_length);
        const bool is_raw = prefix.find_first_of("rR") != std::string_view::npos;
        const bool is_bytes = prefix.find_first_of("bB") != std::string_view::npos;
        const StringForm form{
            is_bytes ? LiteralKind::bytes : LiteralKind::string,
            is_raw ? StringForm::Escapes::raw : StringForm::Escapes::resolved};
        at_ += prefix_length;
        std::string_view quote = source_.substr(at_, 3);
        if (quote != "\"\"\"" && quote != "'''") {
            quote = source_.substr(at_, 1);
        }
        at_ += quote.size();
        const std::size_t body_begin = at_;
        if (!find_end_of_string(quote, form)) {
            report(
                begin,
                begin + prefix_length + quote.size(),
                "the text that begins here has no closing quote"
            );
            emit(Token::Kind::literal, begin, "").value = Value::of(std::string{});
            return;
        }
        const std::string_view body = source_.substr(body_begin, at_ - body_begin);
        at_ += quote.size();
        finish_string(begin, body_begin, body, form);
    }

    void finish_string(
        std::size_t begin, std::size_t body_begin, std::string_view body, StringForm form
    ) {
        Unescaped content = form.escapes == StringForm::Escapes::raw
                                ? Unescaped{std::string{body}, {}, 0}
                                : unescape(body, form.kind);
        if (!content.problem.empty()) {
            report(
                body_begin + content.problem_at,
                body_begin + content.problem_at + 2,
                content.problem
            );
        }
        Token& token = emit(Token::Kind::literal, begin, source_.substr(begin, at_ - begin));
        token.value = form.kind == LiteralKind::bytes ? Value::of(Bytes{std::move(content.text)})
                                                      : Value::of(std::move(content.text));
    }

    /// Moves to the closing quote. @returns false if there is none
    bool find_end_of_string(std::string_view quote, StringForm form) {
        while (at_ < source_.size()) {
            if (source_.substr(at_).starts_with(quote)) {
                return true;
            }
            const char c = source_[at_];
            if (quote.size() == 1 && (c == '\n' || c == '\r')) {
                return false;
            }
            at_ += c == '\\' && form.escapes == StringForm::Escapes::resolved ? 2U : 1U;
        }
        at_ = source_.size();
        return false;
    }

    void read_word() {
        const std::size_t begin = at_;
        while (at_ < source_.size() && is_word_character(source_[at_])) {
            ++at_;
        }
        const std::string_view word = source_.substr(begin, at_ - begin);
        const bool is_field = !tokens_.empty() && tokens_.back().text == "."
                              && tokens_.back().kind == Token::Kind::symbol;
        const bool is_operand_before = !tokens_.empty() && ends_operand(tokens_.back());
        for (const ForeignWord& foreign : foreign_words) {
            // `and` may be a variable's name; only between operands it is meant as the operator.
            const bool is_possible =
                foreign.meant == "!" ? !is_operand_before && starts_operand() : is_operand_before;
            if (word == foreign.written && !is_field && is_possible) {
                report(
                    begin,
                    at_,
                    fmt::format("`{}` is not used here", word),
                    fmt::format("write `{}`", foreign.meant)
                );
                emit(Token::Kind::symbol, begin, foreign.meant);
                return;
            }
        }
        emit(Token::Kind::identifier, begin, word);
    }

    [[nodiscard]] static bool ends_operand(const Token& token) {
        if (token.kind != Token::Kind::symbol) {
            return token.kind != Token::Kind::end;
        }
        return token.text == ")" || token.text == "]" || token.text == "}";
    }

    /// Whether an operand comes next that no operator or bracket separates from the word before it.
    [[nodiscard]] bool starts_operand() {
        const std::size_t here = at_;
        const bool is_more = skip_blanks();
        const char c = is_more ? source_[at_] : '\0';
        const bool is_separate = at_ > here;
        at_ = here;
        return is_more
               && ((is_separate && (is_word_character(c) || c == '"' || c == '\'' || c == '('))
                   || c == '(');
    }

    void read_number() {
        const std::size_t begin = at_;
        if (source_.substr(at_).starts_with("0x")) {
            at_ += 2;
            while (at_ < source_.size() && is_hex_digit(source_[at_])) {
                ++at_;
            }
            finish_integer(begin);
            return;
        }
        bool is_real = false;
        skip_digits();
        if (at_ + 1 < source_.size() && source_[at_] == '.' && is_digit(source_[at_ + 1])) {
            is_real = true;
            ++at_;
            skip_digits();
        }
        if (at_ < source_.size() && (source_[at_] == 'e' || source_[at_] == 'E')
            && has_exponent()) {
            is_real = true;
            at_ += is_digit(source_[at_ + 1]) ? 1U : 2U;
            skip_digits();
        }
        if (!is_real) {
            finish_integer(begin);
            return;
        }
        const std::string_view text = source_.substr(begin, at_ - begin);
        check_number_end(begin);
        emit(Token::Kind::literal, begin, text).value = Value::of(parse_real(text).value_or(0.0));
    }

    void skip_digits() {
        while (at_ < source_.size() && is_digit(source_[at_])) {
            ++at_;
        }
    }

    [[nodiscard]] bool has_exponent() const {
        const std::string_view rest = source_.substr(at_ + 1, 2);
        if (!rest.empty() && is_digit(rest[0])) {
            return true;
        }
        return rest.size() == 2 && (rest[0] == '+' || rest[0] == '-') && is_digit(rest[1]);
    }

    void finish_integer(std::size_t begin) {
        const std::string_view digits = source_.substr(begin, at_ - begin);
        const std::optional<std::uint64_t> value = parse_digits(digits);
        const bool is_unsigned =
            at_ < source_.size() && (source_[at_] == 'u' || source_[at_] == 'U');
        at_ += is_unsigned ? 1U : 0U;
        if (!value) {
            report(begin, at_, fmt::format("the number {} is too large", digits));
        }
        check_number_end(begin);
        const Token::Kind kind = is_unsigned ? Token::Kind::literal : Token::Kind::integer;
        emit(kind, begin, digits).value = Value::of(value.value_or(0));
    }

    /// A number that runs into letters or a decimal comma was meant otherwise.
    void check_number_end(std::size_t begin) {
        if (at_ >= source_.size() || !is_word_character(source_[at_])) {
            return;
        }
        const std::size_t letters = at_;
        while (at_ < source_.size() && is_word_character(source_[at_])) {
            ++at_;
        }
        report(
            begin,
            at_,
            fmt::format("`{}` is neither a number nor a name", source_.substr(begin, at_ - begin)),
            source_[letters] == '_' ? "write numbers without separators, for instance 20000" : ""
        );
    }

    void read_quoted_identifier() {
        const std::size_t begin = at_++;
        const std::size_t close = source_.find('`', at_);
        if (close == std::string_view::npos) {
            report(begin, begin + 1, "the name that begins here has no closing back quote");
            at_ = source_.size();
            return;
        }
        const std::string_view name = source_.substr(at_, close - at_);
        at_ = close + 1;
        const bool is_valid = std::all_of(name.begin(), name.end(), [](char c) {
            return is_word_character(c) || c == '.' || c == '-' || c == '/' || c == ' ';
        });
        if (name.empty() || !is_valid) {
            report(
                begin,
                at_,
                "a name in back quotes has letters, digits, `_`, `.`, `-`, `/` and spaces only"
            );
        }
        emit(Token::Kind::quoted_identifier, begin, name);
    }

    void read_symbol() {
        const std::size_t begin = at_;
        const std::string_view rest = source_.substr(at_);
        for (const Foreign& sign : foreign_signs) {
            const bool is_regular =
                rest.starts_with("==") || rest.starts_with("&&") || rest.starts_with("||");
            if (rest.starts_with(sign.written) && !(is_regular && sign.written.size() < 3)) {
                at_ += sign.written.size();
                report(
                    begin, at_, std::string{sign.message}, fmt::format("write `{}`", sign.meant)
                );
                emit(Token::Kind::symbol, begin, sign.meant);
                return;
            }
        }
        for (const std::string_view sign : long_signs) {
            if (rest.starts_with(sign)) {
                at_ += sign.size();
                emit(Token::Kind::symbol, begin, sign);
                return;
            }
        }
        if (short_signs.find(rest.front()) != std::string_view::npos) {
            ++at_;
            emit(Token::Kind::symbol, begin, rest.substr(0, 1));
            return;
        }
        read_unexpected(rest);
    }

    void read_unexpected(std::string_view rest) {
        const std::size_t begin = at_;
        at_ += character_bytes(rest, 0);
        const std::string_view sign = source_.substr(begin, at_ - begin);
        const char32_t point = code_point(rest, 0);
        const bool is_curly =
            (point >= 0x2018 && point <= 0x201F) || point == 0xAB || point == 0xBB;
        if (is_curly) {
            report(
                begin,
                at_,
                fmt::format("`{}` is a typographic quote", sign),
                "write text in straight quotes: \"text\""
            );
            read_curly_text(begin);
            return;
        }
        if (point == 0xA0 || point == 0x3000 || point == 0xFEFF
            || (point >= 0x2000 && point <= 0x200B)) {
            report(begin, at_, "an invisible special space stands here", "write an ordinary space");
            return;
        }
        report(begin, at_, fmt::format("`{}` cannot be used here", escape_controls(sign)));
    }

    /// The text between typographic quotes, as the string that was meant.
    void read_curly_text(std::size_t begin) {
        const std::size_t body = at_;
        while (at_ < source_.size()) {
            const char32_t point = code_point(source_, at_);
            if ((point >= 0x2018 && point <= 0x201F) || point == 0xAB || point == 0xBB
                || point == '"') {
                break;
            }
            at_ += character_bytes(source_, at_);
        }
        const std::string_view text = source_.substr(body, at_ - body);
        at_ += at_ < source_.size() ? character_bytes(source_, at_) : 0;
        emit(Token::Kind::literal, begin, text).value = Value::of(std::string{text});
    }

    std::string_view source_;
    Problems& problems_;
    std::size_t at_ = 0;
    std::vector<Token> tokens_;
};

} // namespace

bool is_word_character(char c) noexcept {
    return is_word_start(c) || is_digit(c);
}

std::vector<Token> tokenize(std::string_view source, Problems& problems) {
    return Lexer{source, problems}.run();
}

} // namespace reviewd::cel
