#include "daemon/message/template_names.hpp"

#include "config/loader/template_tags.hpp"
#include "daemon/message/mustache.hpp"
#include "daemon/message/sample.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::message {
namespace {

using Names = std::set<std::string, std::less<>>;

struct Name {
    std::string kind, part, language;
};

/// Nothing for `answer_style`, which is not filled.
std::optional<Name> parse_name(const std::string& name) {
    const std::size_t first = name.find('_');
    const std::size_t last = name.rfind('_');
    if (first == last) {
        return std::nullopt;
    }
    return Name{
        name.substr(0, first), name.substr(first + 1, last - first - 1), name.substr(last + 1)};
}

/// The part of `a.b.c` that nothing is called by, with its place; `.` is the element of a list.
std::optional<config::TemplateTag> unknown_part(
    const config::TemplateTag& tag, const Names& known
) {
    for (std::size_t begin = 0; begin < tag.name.size();) {
        const std::size_t end = std::min(tag.name.find('.', begin), tag.name.size());
        const std::string part = tag.name.substr(begin, end - begin);
        if (!part.empty() && known.count(part) == 0) {
            return config::TemplateTag{tag.offset + begin, part};
        }
        begin = end + 1;
    }
    return std::nullopt;
}

Diagnostic warning_at(const std::string& text, std::size_t offset) {
    const std::string_view before = std::string_view{text}.substr(0, offset);
    const std::size_t begin = before.rfind('\n') + 1; // npos + 1 is 0
    Diagnostic finding;
    finding.severity = Severity::warning;
    finding.position.line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    finding.position.column = 1 + static_cast<int>(count_code_points(before.substr(begin)));
    finding.source_line = text.substr(begin, text.find('\n', begin) - begin);
    return finding;
}

Diagnostic unknown_name(
    const std::string& text, const config::TemplateTag& tag, const Names& known
) {
    Diagnostic finding = warning_at(text, tag.offset);
    finding.message = fmt::format("nothing is called `{}`, and nothing is shown for it", tag.name);
    finding.hint = did_you_mean(tag.name, std::vector<std::string>{known.begin(), known.end()});
    return finding;
}

Diagnostic breaking_tag(const std::string& text, const config::TemplateFault& fault) {
    Diagnostic finding = warning_at(text, fault.offset);
    finding.message =
        fault.message + "; the template is not used, and a plain text is sent in its place";
    finding.hint = fault.hint;
    return finding;
}

/// The faults of a template that cannot be filled.
std::vector<config::TemplateFault> faults_of(const std::string& text) {
    std::vector<config::TemplateFault> faults = config::template_tags(text).faults;
    if (!faults.empty() && fill(text, Value{}, Escaping::text).has_value()) {
        faults.clear(); // only the reasons of rules are held to more than that
    }
    return faults;
}

/// What is wrong with the tags of one template. @param known what its messages fill
Diagnostics findings_of(const std::string& text, const Names& known) {
    Diagnostics findings;
    for (const config::TemplateFault& fault : faults_of(text)) {
        findings.push_back(breaking_tag(text, fault));
    }
    for (const config::TemplateTag& tag : config::template_tags(text).tags) {
        if (const auto part = unknown_part(tag, known)) {
            findings.push_back(unknown_name(text, *part, known));
        }
    }
    return findings;
}

} // namespace

Names template_names(const std::string& kind) {
    Names names;
    const std::map<std::string, Value> views = sample_views();
    const auto view = views.find(kind);
    if (view == views.end()) {
        return names;
    }
    view->second.add_names(names);
    const Templates built_in;
    for (const std::string& each : built_in.names()) {
        const std::optional<Name> name = parse_name(each);
        if (!name || name->kind != kind) {
            continue;
        }
        const std::string& text = built_in.find(kind, name->part, name->language);
        for (const config::TemplateTag& tag : config::template_tags(text).tags) {
            while (const auto part = unknown_part(tag, names)) {
                names.insert(part->name);
            }
        }
    }
    return names;
}

Diagnostics check_template_names(const Templates& templates, const std::string& directory) {
    Diagnostics findings;
    std::map<std::string, Names> known;
    for (const std::string& each : templates.names()) {
        const std::optional<Name> name = parse_name(each);
        if (!name) {
            continue;
        }
        const auto [names, is_new] = known.try_emplace(name->kind);
        if (is_new) {
            names->second = template_names(name->kind);
        }
        if (names->second.empty()) {
            continue; // of a kind that nothing is sent by
        }
        const auto file =
            std::make_shared<const std::string>(fmt::format("{}/{}.mustache", directory, each));
        const std::string& text = templates.find(name->kind, name->part, name->language);
        for (Diagnostic& finding : findings_of(text, names->second)) {
            finding.position.file = file;
            findings.push_back(std::move(finding));
        }
    }
    return findings;
}

std::set<std::string> broken_templates(const Templates& templates) {
    std::set<std::string> broken;
    for (const std::string& each : templates.names()) {
        const std::optional<Name> name = parse_name(each);
        if (name && !faults_of(templates.find(name->kind, name->part, name->language)).empty()) {
            broken.insert(each);
        }
    }
    return broken;
}

} // namespace reviewd::message
