// The table of functions tells names, forms and meaning; the value of each example is computed when
// the page is made, so that it cannot be wrong.

#include "daemon/ctl/manual/pages.hpp"
#include "daemon/ctl/manual/roff.hpp"
#include "scoring/cel/expression.hpp"
#include "scoring/cel/functions.hpp"

#include <fmt/format.h>

namespace reviewd::manual {

namespace {

std::string value_of_example(std::string_view expression) {
    const auto compiled =
        cel::compile(std::string{expression}, cel::Environment{cel::Dialect::rules});
    return compiled ? to_string(cel::evaluate(*compiled, {})) : std::string{};
}

std::string function_entry(const FunctionLine& line) {
    std::string forms;
    for (const std::string& form : line.forms) {
        forms += fmt::format("{}{}", forms.empty() ? "" : "\n.br\n", roff(form));
    }
    return fmt::format(
        ".TP\n\\fB{}\\fR\n{}\n.br\n{}\n.br\nFor instance \\fB{}\\fR is {}.\n",
        roff(line.name),
        roff(line.description),
        forms,
        roff(line.example),
        roff(line.value)
    );
}

std::string introduction() {
    return ".SH FUNCTIONS\n.nh\n"
           "Conditions and other expressions are CEL: \\fB==\\fR, \\fB!=\\fR, \\fB<\\fR, "
           "\\fB<=\\fR, \\fB>\\fR, \\fB>=\\fR, \\fBin\\fR, \\fB&&\\fR, \\fB||\\fR, \\fB!\\fR, "
           "\\fB+\\fR, \\fB\\-\\fR, \\fB*\\fR, \\fB/\\fR, \\fB%\\fR and \\fBcondition ? this : "
           "that\\fR, and the functions below. \\fBreviewctl expression \\-\\-functions\\fR lists "
           "them, \\fBreviewctl expression\\fR tries one.\n"
           ".PP\nA day is written \\fBtimestamp(\\(dq2026\\-01\\-31\\(dq)\\fR, text in quotes, a "
           "list in brackets: \\fB[\\(dqa\\(dq, \\(dqb\\(dq]\\fR. \\fBtoday\\fR is the day that is "
           "asked about, \\fBnull\\fR what is not there. Of the types below, \\fIint\\fR is a "
           "whole number, \\fIdouble\\fR one with a fraction (money too), \\fItimestamp\\fR a day "
           "or a moment, \\fIduration\\fR a length of time, \\fIdyn\\fR anything, \\fIA\\fR and "
           "\\fIB\\fR any type, the same wherever the letter stands.\n"
           ".PP\nWhole numbers divide to a whole number, the rest is dropped: \\fB7 / 2\\fR is 3, "
           "\\fB7 / 2.0\\fR is 3.5. What cannot be "
           "computed, such as a division by zero, is no missing value: no \\fBdefault:\\fR stands in "
           "for it, and the ledger says why the rule cannot be judged.\n"
           ".PP\nLists are looked through with a name for each element: "
           "\\fBlist.exists(x, x > 1)\\fR (for at least one), \\fBlist.all(x, x > 1)\\fR, "
           "\\fBlist.exists_one(x, x > 1)\\fR, \\fBlist.filter(x, x > 1)\\fR (those for which it "
           "holds), \\fBlist.map(x, x * 2)\\fR (the list of the results).\n";
}

std::string_view title_of(cel::Library library) {
    switch (library) {
    case cel::Library::rules:
        return "Functions of rules";
    case cel::Library::standard:
        return "Standard functions";
    case cel::Library::text:
        return "More for text";
    case cel::Library::math:
        return "Mathematics";
    case cel::Library::encoding:
        return "Encodings";
    case cel::Library::operators:
        break;
    }
    return {};
}

} // namespace

std::vector<FunctionLine> function_lines() {
    std::vector<FunctionLine> lines;
    for (const cel::Function& function : cel::functions()) {
        if (function.library == cel::Library::operators) {
            continue;
        }
        FunctionLine line;
        line.name = function.name;
        line.library = title_of(function.library);
        line.description = function.description;
        line.example = cel::example_of(function);
        line.value = value_of_example(line.example);
        std::string_view rest = function.signatures;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find("; "), rest.size());
            line.forms.emplace_back(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 2, rest.size()));
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string functions_section() {
    std::string text = introduction();
    std::string library;
    for (const FunctionLine& line : function_lines()) {
        if (line.library != library) {
            library = line.library;
            text += fmt::format(".SS {}\n", library);
        }
        text += function_entry(line);
    }
    return text + ".hy\n";
}

} // namespace reviewd::manual
