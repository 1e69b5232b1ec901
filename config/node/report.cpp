#include "config/node/finding.hpp"
#include "config/node/node_data.hpp"
#include "config/node/reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace reviewd::config {
namespace {

constexpr std::size_t longest_line_bytes = 4096;
constexpr std::size_t most_findings = 500;

bool is_word_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The line as it may be shown: what stands behind a key that should have named a file is a secret
/// somebody wrote into the wrong place.
std::string shown_line(std::string_view line) {
    if (line.size() > longest_line_bytes) {
        return {};
    }
    for (const std::string_view key : secret_keys()) {
        for (std::size_t at = line.find(key); at != std::string_view::npos;
             at = line.find(key, at + 1)) {
            std::size_t end = at + key.size();
            const bool is_whole = at == 0 || !is_word_letter(line[at - 1]);
            end += end < line.size() && (line[end] == '"' || line[end] == '\'') ? 1U : 0U;
            end = std::min(line.find_first_not_of(' ', end), line.size());
            if (is_whole && end < line.size() && line[end] == ':') {
                return std::string{line.substr(0, end + 1)} + " ***";
            }
        }
    }
    return std::string{line};
}

} // namespace

std::span<const std::string_view> secret_keys() {
    static constexpr std::array<std::string_view, 8> keys{
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "api_key",
        "private_key",
        "auth_key"};
    return keys;
}

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
