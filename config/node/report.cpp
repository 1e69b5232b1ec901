#include "config/node/finding.hpp"
#include "config/node/node_data.hpp"
#include "config/node/reader.hpp"
#include "config/node/secrets.hpp"

#include <algorithm>
#include <utility>

namespace reviewd::config {
namespace {

constexpr std::size_t most_findings = 500;

/// Fewer letters say nothing: they may stand anywhere in a sentence.
constexpr std::size_t shortest_secret = 3;
/// A secret may stand in a message cut to some width; so much of it gives it away.
constexpr std::size_t telling_letters = 6;

std::string without(std::string message, std::string_view secret) {
    const std::string_view begin = secret.substr(0, telling_letters);
    if (secret.size() < shortest_secret) {
        return message;
    }
    for (std::size_t at = message.find(begin); at != std::string::npos;
         at = message.find(begin, at)) {
        const auto rest = std::string_view{message}.substr(at);
        const auto [end, ignored] =
            std::mismatch(rest.begin(), rest.end(), secret.begin(), secret.end());
        message.replace(at, static_cast<std::size_t>(end - rest.begin()), "***");
        at += 3;
    }
    return message;
}

/// What is said about a node as it may be shown.
std::string without_secrets_of(const Node& at, std::string message) {
    if (at.is_scalar()) {
        for (const TextRange& part : at.secret_parts()) {
            const std::string_view text = at.text();
            message = without(std::move(message), text.substr(part.begin, part.end - part.begin));
        }
    }
    return without_address_secrets(message);
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
    finding.source_line = place.source.shown_line(finding.position.line);
    return finding;
}

void Report::error(const Node& at, std::string message, std::string hint) {
    const Node::Data& data = at.data();
    add(finding_at(
        {*data.source, data.offset},
        Severity::error,
        without_secrets_of(at, std::move(message)),
        without_secrets_of(at, std::move(hint))
    ));
}

void Report::warning(const Node& at, std::string message, std::string hint) {
    const Node::Data& data = at.data();
    add(finding_at(
        {*data.source, data.offset},
        Severity::warning,
        without_secrets_of(at, std::move(message)),
        without_secrets_of(at, std::move(hint))
    ));
}

void Report::error_in_text(
    const Node& at, std::size_t offset, std::string message, std::string hint
) {
    add_in_text(at, offset, Severity::error, std::move(message), std::move(hint));
}

void Report::warning_in_text(
    const Node& at, std::size_t offset, std::string message, std::string hint
) {
    add_in_text(at, offset, Severity::warning, std::move(message), std::move(hint));
}

void Report::add_in_text(
    const Node& at, std::size_t offset, Severity severity, std::string message, std::string hint
) {
    Diagnostic finding;
    finding.severity = severity;
    finding.position = at.position_in_text(offset);
    finding.message = without_secrets_of(at, std::move(message));
    finding.hint = without_secrets_of(at, std::move(hint));
    finding.source_line = at.source().shown_line(finding.position.line);
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
