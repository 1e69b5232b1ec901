// Rules in YAML, through the parser and every reader of their sections.
#include "config/loader/configuration.hpp"
#include "config/node/parse.hpp"
#include "scoring/base/text.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <string>

namespace {

using namespace reviewd;
using config::Node;
using fuzz::require;

const rules::Schema& schema() {
    static const rules::Schema built_in = rules::built_in_schema();
    return built_in;
}

bool has_place(const Diagnostic& finding, std::string_view text) {
    const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
    const SourcePosition& at = finding.position;
    // What is kept of several files names them below the text's own name.
    return at.file_name().starts_with("rules.yaml") && at.line >= 0 && at.line <= lines
           && at.column >= 0;
}

bool are_equal(const Node& a, const Node& b) {
    if (a.kind() != b.kind()) {
        return false;
    }
    const auto are_equal_entries = [](const Node::Entry& left, const Node::Entry& right) {
        return left.key.text() == right.key.text() && are_equal(left.value, right.value);
    };
    switch (a.kind()) {
    case Node::Kind::scalar:
        return a.text() == b.text() && a.style() == b.style();
    case Node::Kind::sequence:
        return std::equal(
            a.elements().begin(),
            a.elements().end(),
            b.elements().begin(),
            b.elements().end(),
            are_equal
        );
    case Node::Kind::map:
        break;
    }
    return std::equal(
        a.entries().begin(),
        a.entries().end(),
        b.entries().begin(),
        b.entries().end(),
        are_equal_entries
    );
}

/// A copy of a marked file that broke off is refused, or means the same.
void check_cut(std::string_view text, std::size_t at) {
    config::Report whole_report;
    const auto whole = config::parse_yaml("rules.yaml", std::string{text}, whole_report);
    if (!whole || !config::has_begin_marker(text)) {
        return;
    }
    config::Report report;
    const auto cut = config::parse_yaml("rules.yaml", std::string{text.substr(0, at)}, report);
    require(cut || report.has_errors(), "what is refused has a reason");
    require(
        !cut || are_equal(*cut, *whole) || cut->is_empty_document(),
        "a file that broke off is refused or means the same"
    );
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    const std::string text{input.rest()};
    config::Report report;
    const auto rules = config::parse_rules("rules.yaml", text, schema(), report);
    require((rules == nullptr) == report.has_errors(), "either rules or errors");
    for (const Diagnostic& finding : report.diagnostics()) {
        require(has_place(finding, text), "a finding has its place");
        require(!finding.message.empty(), "a finding has a sentence");
    }
    require(report.diagnostics().empty() == render(report.diagnostics()).empty(), "it is shown");
    if (rules != nullptr) {
        config::Report again_report;
        const auto again =
            config::parse_rules("rules.yaml", rules->content, schema(), again_report);
        require(again != nullptr, "what is kept of rules can be read again");
        require(again->content_hash == rules->content_hash, "and is the same");
    }
    const std::size_t share = input.below(256);
    check_cut(text, text.size() * share / 256);
    return 0;
}
