// The document answers.json: what each type means, which shape each command answers with, and the
// fields of each shape, `"path": [type, words]`. A path stands with the paths above it, as in the
// pages of the schemas; `"*"` names a shape whose fields come first. A type is one of `types`, a
// shape, `map` (its fields follow), `[type]` for a list, `{type}` for a map with names of any kind,
// a `literal`, null, or absent; ` | ` stands between several.

#include "daemon/ctl/manual/pages.hpp"
#include "daemon/ctl/manual/roff.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <exception>

namespace reviewd::manual {

namespace {

namespace json = boost::json;

constexpr std::string_view between_types = " | ";

std::string string_in(const json::value& value) {
    return std::string{value.as_string()};
}

/// Writes the shapes, and looks whether each name in them stands for something.
class AnswerWriter {
public:
    explicit AnswerWriter(const json::object& document)
        : types_{document.at("types").as_object()},
          commands_{document.at("commands").as_object()},
          scripts_{document.at("scripts").as_object()},
          shapes_{document.at("shapes").as_object()} {}

    [[nodiscard]] std::string types() const {
        std::string text;
        for (const auto& [name, words] : types_) {
            text += fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(name), roff(string_in(words)));
        }
        return text;
    }

    [[nodiscard]] std::string commands() {
        std::string text;
        for (const auto& [command, shape] : commands_) {
            check_shape(string_in(shape), command);
            text += fmt::format(
                ".TP\n\\fBreviewctl {}\\fR\n\\fI{}\\fR\n", roff(command), roff(string_in(shape))
            );
        }
        for (const auto& [command, words] : scripts_) {
            text += fmt::format(
                ".TP\n\\fBreviewctl {}\\fR\n{}\n", roff(command), roff(string_in(words))
            );
        }
        return text;
    }

    [[nodiscard]] std::string shapes() {
        std::string text;
        for (const auto& [name, fields] : shapes_) {
            text += fmt::format(".SS {}\n", roff(name));
            for (const auto& [path, field] : fields.as_object()) {
                const std::string type = string_in(field.as_array().at(0));
                const std::string words = string_in(field.as_array().at(1));
                const std::string where =
                    fmt::format("{}: {}", std::string_view{name}, std::string_view{path});
                if (path == "*") {
                    check_shape(type, where);
                    text += fmt::format("The fields of \\fI{}\\fR, and these:\n", roff(type));
                    continue;
                }
                text += fmt::format(
                    ".TP\n\\fB{}\\fR\n\\fI{}\\fR{}{}\n",
                    roff(path),
                    roff(in_words(type, where)),
                    words.empty() ? "" : "; ",
                    roff(words)
                );
            }
        }
        return text;
    }

    /// What names nothing; empty when all is well.
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    void check_shape(const std::string& name, std::string_view where) {
        if (!shapes_.contains(name) && problem_.empty()) {
            problem_ = fmt::format("{}: there is no shape `{}`", where, name);
        }
    }

    [[nodiscard]] std::string in_words(std::string_view type, std::string_view where) {
        if (const std::size_t end = type.find(between_types); end != std::string_view::npos) {
            return fmt::format(
                "{} or {}",
                in_words(type.substr(0, end), where),
                in_words(type.substr(end + between_types.size()), where)
            );
        }
        if (type == "null" || type == "absent" || type == "map" || types_.contains(type)) {
            return std::string{type};
        }
        if (type.size() > 2) {
            const std::string_view inner = type.substr(1, type.size() - 2);
            if (type.front() == '[' && type.back() == ']') {
                return "list of " + in_words(inner, where);
            }
            if (type.front() == '{' && type.back() == '}') {
                return "map from name to " + in_words(inner, where);
            }
            if (type.front() == '`' && type.back() == '`') {
                return fmt::format("\"{}\"", inner);
            }
        }
        check_shape(std::string{type}, where);
        return std::string{type};
    }

    const json::object& types_;
    const json::object& commands_;
    const json::object& scripts_;
    const json::object& shapes_;
    std::string problem_;
};

std::string page_of(AnswerWriter& writer) {
    std::string page = roff(PageHead{
        .name = "reviewctl-json", .section = "5", .summary = "what reviewctl answers in JSON"});
    page +=
        ".SH DESCRIPTION\nWith \\fB\\-\\-json\\fR, \\fBreviewctl\\fR(1) writes its answer to "
        "standard output as one JSON object in UTF\\-8: on one line, or indented on a "
        "terminal.\n.PP\nA command that fails writes no answer; the exit code says which kind "
        "of failure it is, and standard error has the words. These answer and then exit with "
        "another code than 0 when something is not well: \\fBaccount merge\\fR, "
        "\\fBcheck\\fR, \\fBdoctor\\fR, \\fBexpression\\fR, \\fBimport\\fR, \\fBnotifier test\\fR, \\fBreload\\fR and "
        "\\fBsimulate\\fR.\n.PP\nEvery field is always there, unless its type names "
        "\\fIabsent\\fR; what is not known or does not apply is null. Later versions may add "
        "fields.\n";
    page += ".SH TYPES\n" + writer.types();
    page += ".SH ANSWERS\nThe shape of each command's answer.\n" + writer.commands();
    page += ".SH SHAPES\nA field stands with the fields above it, \\fB[]\\fR for each entry of a "
            "list.\n";
    page += writer.shapes();
    page += ".SH SEE ALSO\n.BR reviewctl (1),\n.BR reviewd (8)\n";
    return page;
}

} // namespace

Result<std::string> answers_page(std::string_view document) {
    boost::system::error_code error;
    const json::value root = json::parse({document.data(), document.size()}, error);
    if (error || !root.is_object()) {
        return fail(ErrorCode::bad_data, "the document of answers is no JSON object");
    }
    try {
        AnswerWriter writer{root.get_object()};
        std::string page = page_of(writer);
        if (!writer.problem().empty()) {
            return fail(ErrorCode::bad_data, writer.problem());
        }
        return page;
    } catch (const std::exception& exception) { // a part is missing, or of another type
        return fail(
            ErrorCode::bad_data, fmt::format("the document of answers: {}", exception.what())
        );
    }
}

} // namespace reviewd::manual
