#include "daemon/message/template_names.hpp"

#include "config/loader/template_tags.hpp"
#include "daemon/message/sample.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
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

Diagnostic finding_at(const std::string& text, const config::TemplateTag& tag, const Names& known) {
    const std::string_view before = std::string_view{text}.substr(0, tag.offset);
    const std::size_t begin = before.rfind('\n') + 1; // npos + 1 is 0
    Diagnostic finding;
    finding.severity = Severity::warning;
    finding.position.line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    finding.position.column = 1 + static_cast<int>(count_code_points(before.substr(begin)));
    finding.message = fmt::format("nothing is called `{}`, and nothing is shown for it", tag.name);
    finding.source_line = text.substr(begin, text.find('\n', begin) - begin);
    finding.hint = did_you_mean(tag.name, std::vector<std::string>{known.begin(), known.end()});
    return finding;
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
        for (const config::TemplateTag& tag : config::template_tags(text).tags) {
            if (const auto part = unknown_part(tag, names->second)) {
                findings.push_back(finding_at(text, *part, names->second));
                findings.back().position.file = file;
            }
        }
    }
    return findings;
}

} // namespace reviewd::message
