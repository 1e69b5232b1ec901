#include "config/node/finding.hpp"
#include "config/node/node_data.hpp"
#include "config/node/reader.hpp"
#include "config/node/secrets.hpp"

#include <algorithm>
#include <utility>

namespace reviewd::config {
namespace {

constexpr std::size_t longest_line_bytes = 4096;
constexpr std::size_t most_findings = 500;

/// The line as it may be shown.
std::string shown_line(std::string_view line) {
    return line.size() > longest_line_bytes ? std::string{} : without_secrets(line);
}

} // namespace

Diagnostic finding_at(
    const SourcePlace& place, Severity severity, std::string message, std::string hint
) {
    Diagnostic finding;
    finding.severity = severity;
    finding.position = place.source.position_of(place.offset);
    finding.message = std::move(message);
    finding.hint = std::move(hint);
    finding.source_line = shown_line(place.source.line(finding.position.line));
    return finding;
}

void Report::error(const Node& at, std::string message, std::string hint) {
    const Node::Data& data = at.data();
    add(finding_at(
        {*data.source, data.offset}, Severity::error, std::move(message), std::move(hint)
    ));
}

void Report::warning(const Node& at, std::string message, std::string hint) {
    const Node::Data& data = at.data();
    add(finding_at(
        {*data.source, data.offset}, Severity::warning, std::move(message), std::move(hint)
    ));
}

void Report::error_in_text(
    const Node& at, std::size_t offset, std::string message, std::string hint
) {
    Diagnostic finding;
    finding.position = at.position_in_text(offset);
    finding.message = std::move(message);
    finding.hint = std::move(hint);
    finding.source_line = shown_line(at.source().line(finding.position.line));
    add(std::move(finding));
}

void Report::add(Diagnostic diagnostic) {
    const bool is_full = diagnostics_.size() >= most_findings;
    if (is_full && (diagnostic.severity != Severity::error || has_errors())) {
        return;
    }
    diagnostics_.push_back(std::move(diagnostic));
}

} // namespace reviewd::config
