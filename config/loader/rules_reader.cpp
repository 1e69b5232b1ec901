#include "config/loader/rules_reader.hpp"

#include "config/loader/configuration.hpp"
#include "config/node/parse.hpp"

#include <fmt/format.h>

#include <openssl/evp.h>

#include <array>
#include <filesystem>
#include <utility>

namespace reviewd::config {
namespace {

/// Begins a line that separates files in RuleSet::content; no file may hold one itself.
constexpr std::string_view separator = "# ==== rules file: ";

/// All sections of all files.
struct Collected {
    Sections facts, products, groups, rules, cadences, triggers;
    std::optional<Node> score, levels, keep_level;
    std::optional<Node> first_root;
};

void take_single(
    MapReader& reader, std::string_view key, std::optional<Node>& place, Report& report
) {
    const Node* value = reader.find(key);
    if (value == nullptr) {
        return;
    }
    if (place) {
        report.error(
            *value, fmt::format("`{}:` is given in a second file", key), first_given(*place)
        );
        return;
    }
    place = *value;
}

void take(MapReader& reader, std::string_view key, Sections& sections) {
    if (const Node* value = reader.find(key)) {
        sections.push_back(*value);
    }
}

void collect(const Node& root, Collected& collected, Report& report) {
    MapReader reader{root, report};
    take(reader, "facts", collected.facts);
    take(reader, "products", collected.products);
    take(reader, "groups", collected.groups);
    take(reader, "rules", collected.rules);
    take(reader, "cadences", collected.cadences);
    take(reader, "triggers", collected.triggers);
    take_single(reader, "score", collected.score, report);
    take_single(reader, "levels", collected.levels, report);
    take_single(reader, "keep_level", collected.keep_level, report);
    if (!collected.first_root) {
        collected.first_root = root;
    }
}

void read_all(RulesContext& context, const Collected& collected) {
    declare_facts(context, collected.facts);
    read_facts(context, collected.facts);
    read_products(context, collected.products);
    read_groups(context, collected.groups);
    read_rules(context, collected.rules);
    if (collected.score) {
        read_score(context, *collected.score);
    }
    if (collected.levels) {
        read_levels(context, *collected.levels);
    } else if (collected.first_root) {
        context.report.error(
            *collected.first_root,
            "no rules file has `levels:`",
            "write at least one level, from the highest to the lowest"
        );
    }
    if (collected.keep_level) {
        read_keep_level(context, *collected.keep_level);
    }
    read_cadences(context, collected.cadences);
    read_triggers(context, collected.triggers);
    if (collected.rules.empty() && collected.first_root) {
        context.report.warning(
            *collected.first_root, "there are no `rules:`; every score is `base`"
        );
    }
}

/// Reports a line that would part the file in two once it is kept with others.
void refuse_separator(const Node& root, Report& report) {
    const SourceText& source = root.source();
    std::size_t at = source.text.rfind(separator, 0);
    if (at != 0) {
        at = source.text.find(fmt::format("\n{}", separator));
        if (at == std::string::npos) {
            return;
        }
        ++at;
    }
    Diagnostic finding;
    finding.position = source.position_of(at);
    finding.message = "a rules file may not hold a line that begins with `# ==== rules file:`, "
                      "which marks where one file ends and the next begins in the history of rules";
    finding.source_line = std::string{source.line(finding.position.line)};
    finding.hint = "leave the line out";
    report.add(std::move(finding));
}

} // namespace

std::string sha256(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
    std::string hexadecimal;
    for (unsigned int index = 0; index < size; ++index) {
        hexadecimal += fmt::format("{:02x}", digest.at(index));
    }
    return hexadecimal;
}

void check_completeness(const Node& root, EndMarker marker, Report& report) {
    if (root.is_empty_document()) {
        report.error(
            root, "the file holds nothing: it may be cut off", "write `{}` if nothing is meant"
        );
        return;
    }
    const std::string& text = root.source().text;
    if (has_end_marker(text) || has_begin_marker(text)) {
        return; // the parser has refused a file that has the first and not the last
    }
    constexpr std::string_view hint = "make `---` its first line and `...` its last";
    if (marker == EndMarker::required) {
        report.error(
            root, "the file does not end with `...`: it may be cut off", std::string{hint}
        );
    } else {
        report.warning(
            root,
            "the file does not say where it ends, so a copy that broke off would not be noticed",
            std::string{hint}
        );
    }
}

ReadRules read_rule_files(
    const std::vector<RulesFile>& files,
    const rules::Schema& schema,
    EndMarker marker,
    Report& report
) {
    Report own;
    own.log_keys(report.key_log());
    Collected collected;
    std::size_t roots = 0;
    for (const RulesFile& file : files) {
        const std::optional<Node> root = parse_yaml_for_checking(file.name, file.text, own);
        if (root) {
            ++roots;
            check_completeness(*root, marker, own);
            refuse_separator(*root, own);
            collect(*root, collected, own);
        }
    }
    RulesContext context{own, {}, cel::Environment{cel::Dialect::rules}, {}, {}, {}, {}};
    context.rules.schema = schema;
    // If one file cannot be read at all, the others would seem to miss its facts.
    const bool is_readable = !files.empty() && roots == files.size();
    if (is_readable) {
        read_all(context, collected);
        finish_facts(context);
        if (!own.has_errors()) {
            warn_of_unused_groups(context, collected.groups);
        }
    }
    for (const Diagnostic& finding : own.diagnostics()) {
        report.add(finding);
    }
    ReadRules read{nullptr, std::move(context.environment), std::move(context.answers)};
    if (is_readable && !own.has_errors()) {
        context.rules.content = joined_content(files);
        context.rules.content_hash = sha256(context.rules.content);
        for (const RulesFile& file : files) {
            context.rules.file_names.push_back(std::filesystem::path{file.name}.filename().string()
            );
        }
        read.rules = std::make_shared<rules::RuleSet>(std::move(context.rules));
    }
    return read;
}

std::string joined_content(const std::vector<RulesFile>& files) {
    if (files.size() == 1) {
        return files.front().text;
    }
    std::string content;
    for (const RulesFile& file : files) {
        const std::string name = std::filesystem::path{file.name}.filename().string();
        content += fmt::format("{}{}\n{}", separator, name, file.text);
        content += content.back() == '\n' ? "" : "\n";
    }
    return content;
}

std::vector<RulesFile> split_content(const std::string& name, const std::string& content) {
    if (content.substr(0, separator.size()) != separator) {
        return {{name, content}};
    }
    std::vector<RulesFile> files;
    for (std::size_t at = 0; at < content.size();) {
        const std::size_t line_end = content.find('\n', at);
        const std::size_t body = line_end == std::string::npos ? content.size() : line_end + 1;
        const std::size_t next = content.find(fmt::format("\n{}", separator), body - 1);
        const std::size_t end = next == std::string::npos ? content.size() : next + 1;
        const std::size_t label = at + separator.size();
        files.push_back(
            {fmt::format("{}/{}", name, content.substr(label, line_end - label)),
             content.substr(body, end - body)}
        );
        at = end;
    }
    return files;
}

std::shared_ptr<const rules::RuleSet> parse_rules(
    const std::string& name, const std::string& text, const rules::Schema& schema, Report& report
) {
    return read_rule_files(split_content(name, text), schema, EndMarker::advised, report).rules;
}

} // namespace reviewd::config
