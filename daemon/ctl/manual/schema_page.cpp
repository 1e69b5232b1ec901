// A schema is walked once, key by key; a reference is followed where it stands, so that each key is
// told in full at its own place.

#include "daemon/ctl/manual/pages.hpp"
#include "daemon/ctl/manual/roff.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <vector>

namespace reviewd::manual {

namespace {

namespace json = boost::json;

constexpr int deepest = 12;

std::string text_of(const json::value& value) {
    return value.is_string() ? std::string{value.get_string()} : json::serialize(value);
}

/// As one would write it in YAML: `[mon, tue]`, `{ from: 09:00, to: 17:00 }`.
std::string yaml_of(const json::value& value) {
    std::string inside;
    if (value.is_array()) {
        for (const json::value& each : value.get_array()) {
            inside += (inside.empty() ? "" : ", ") + yaml_of(each);
        }
        return "[" + inside + "]";
    }
    if (value.is_object()) {
        for (const json::key_value_pair& each : value.get_object()) {
            inside += fmt::format(
                "{}{}: {}",
                inside.empty() ? "" : ", ",
                std::string_view{each.key()},
                yaml_of(each.value())
            );
        }
        return "{ " + inside + " }";
    }
    const std::string text = text_of(value);
    return text.size() == 1 && std::string_view{",.;|"}.find(text) != std::string_view::npos
               ? '"' + text + '"'
               : text;
}

std::string word_of_type(const std::string& type) {
    return type == "object" ? "map" : type == "array" ? "list" : type == "string" ? "text" : type;
}

/// Puts another one behind those that are there, once.
void add_choice(std::vector<std::string>& choices, const std::string& choice) {
    if (!choice.empty() && std::find(choices.begin(), choices.end(), choice) == choices.end()) {
        choices.push_back(choice);
    }
}

/// Whether the key is one of those that the schema asks for.
bool requires_key(const json::object& schema, std::string_view key) {
    const json::value* const required = schema.if_contains("required");
    if (required == nullptr) {
        return false;
    }
    const json::array& keys = required->as_array();
    return std::any_of(keys.begin(), keys.end(), [&](const json::value& each) {
        return std::string_view{each.as_string()} == key;
    });
}

/// Writes the keys of one schema, each with its path, once.
class KeyWriter {
public:
    explicit KeyWriter(const json::object& root) : root_{root} {}

    void walk(const json::object& schema, const std::string& path, int depth) {
        if (depth > deepest) {
            return;
        }
        if (const json::object* const target = referred(schema)) {
            walk(*target, path, depth + 1);
        }
        for (const char* list : {"allOf", "oneOf", "anyOf"}) {
            if (const json::value* const choices = schema.if_contains(list)) {
                for (const json::value& choice : choices->as_array()) {
                    walk(choice.as_object(), path, depth + 1);
                }
            }
        }
        if (const json::value* const keys = schema.if_contains("properties")) {
            for (const json::key_value_pair& key : keys->as_object()) {
                enter(
                    key.value(),
                    path.empty() ? std::string{key.key()}
                                 : fmt::format("{}.{}", path, std::string_view{key.key()}),
                    depth,
                    requires_key(schema, key.key()) ? Need::required : Need::optional
                );
            }
        }
        const json::value* const others = schema.if_contains("additionalProperties");
        if (others != nullptr && others->is_object()) {
            enter(*others, path + (path.empty() ? "NAME" : ".NAME"), depth);
        }
        const json::value* const items = schema.if_contains("items");
        if (items != nullptr && items->is_object()) {
            walk(items->as_object(), path + "[]", depth + 1);
        }
    }

    /// The definitions of values that keys above took: how they are written.
    [[nodiscard]] std::string values() const {
        std::string text;
        for (const std::string& name : values_) {
            const json::object& target = root_.at("definitions").as_object().at(name).as_object();
            text += fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(spaced(name)), words(target));
        }
        return text;
    }

    [[nodiscard]] std::string take() { return std::move(text_); }
    /// The first key that no sentence explains; empty when each is.
    [[nodiscard]] const std::string& untold() const { return untold_; }

private:
    [[nodiscard]] const json::object* referred(const json::object& schema) const {
        const json::value* const reference = schema.if_contains("$ref");
        if (reference == nullptr) {
            return nullptr;
        }
        const std::string target = text_of(*reference);
        const json::value* const definitions = root_.if_contains("definitions");
        const std::string name = target.substr(target.rfind('/') + 1);
        const json::value* const found =
            definitions == nullptr ? nullptr : definitions->as_object().if_contains(name);
        return found == nullptr ? nullptr : &found->as_object();
    }

    /// The member of the schema, or of the first that it refers to and that has it.
    [[nodiscard]] const json::value* member(
        const json::object& schema, const char* name, int depth = 0
    ) const {
        if (const json::value* const own = schema.if_contains(name)) {
            return own;
        }
        if (depth > deepest) {
            return nullptr;
        }
        if (const json::object* const target = referred(schema)) {
            return member(*target, name, depth + 1);
        }
        const json::value* const all = schema.if_contains("allOf");
        if (all != nullptr) {
            for (const json::value& each : all->as_array()) {
                if (const json::value* const found = member(each.as_object(), name, depth + 1)) {
                    return found;
                }
            }
        }
        return nullptr;
    }

    enum class Need { optional, required };

    void enter(
        const json::value& value, const std::string& path, int depth, Need need = Need::optional
    ) {
        if (!value.is_object()) {
            return;
        }
        const json::object& schema = value.as_object();
        if (told_.insert(path).second) {
            if (untold_.empty() && member(schema, "description") == nullptr) {
                untold_ = path;
            }
            text_ += fmt::format(
                ".TP\n\\fB{}\\fR{}\n{}\n", roff(path), remark(schema, need), words(schema)
            );
        }
        walk(schema, path, depth + 1);
    }

    /// The name of the definition that says how such a value is written; empty when none does.
    [[nodiscard]] std::string name_of_value(const json::object& schema) const {
        const json::value* const all = schema.if_contains("allOf");
        const bool is_wrapped = all != nullptr && all->as_array().size() == 1;
        const json::object& inner = is_wrapped ? all->as_array().front().as_object() : schema;
        const json::object* const target = referred(inner);
        if (target == nullptr || target->contains("properties")) {
            return {};
        }
        const std::string reference = text_of(inner.at("$ref"));
        return reference.substr(reference.rfind('/') + 1);
    }

    static std::string spaced(std::string name) {
        std::replace(name.begin(), name.end(), '_', ' ');
        return name;
    }

    /// "text", "list of word", "period"; empty when the schema does not say.
    [[nodiscard]] std::string kind(const json::object& schema) {
        if (const std::string name = name_of_value(schema); !name.empty()) {
            values_.insert(name);
            return spaced(name);
        }
        std::vector<std::string> kinds;
        if (const json::value* const choices = schema.if_contains("oneOf")) {
            for (const json::value& choice : choices->as_array()) {
                add_choice(kinds, kind(choice.as_object()));
            }
            return fmt::format("{}", fmt::join(kinds, " or "));
        }
        const json::value* const type = member(schema, "type");
        if (type == nullptr) {
            return schema.contains("enum") || schema.contains("const") ? "word" : "";
        }
        if (const json::array* const types = type->if_array()) {
            for (const json::value& each : *types) {
                add_choice(kinds, word_of_type(text_of(each)));
            }
            return fmt::format("{}", fmt::join(kinds, " or "));
        }
        const json::value* const items = schema.if_contains("items");
        const std::string each = items == nullptr ? "" : kind(items->as_object());
        const std::string word = word_of_type(text_of(*type));
        return each.empty() ? word : fmt::format("{} of {}", word, each);
    }

    /// What stands behind the key: its kind, and whether it must be there.
    [[nodiscard]] std::string remark(const json::object& schema, Need need) {
        const std::string word = kind(schema);
        const json::value* const description = member(schema, "description");
        const bool is_told =
            description != nullptr && text_of(*description).find("Required.") != std::string::npos;
        const bool is_needed = need == Need::required && !is_told;
        const std::string kind_text = word.empty() ? "" : fmt::format("\\fI{}\\fR", roff(word));
        const std::string more = is_needed ? (kind_text.empty() ? "required" : ", required") : "";
        return kind_text.empty() && more.empty() ? "" : fmt::format(" ({}{})", kind_text, more);
    }

    /// The words that the schema allows, those of its choices and of its elements among them.
    void collect_words(const json::object& schema, std::vector<std::string>& found) const {
        if (const json::value* const one = schema.if_contains("const")) {
            add_choice(found, text_of(*one));
        }
        if (const json::value* const values = member(schema, "enum")) {
            for (const json::value& each : values->as_array()) {
                add_choice(found, yaml_of(each));
            }
        }
        if (const json::value* const choices = schema.if_contains("oneOf")) {
            for (const json::value& choice : choices->as_array()) {
                collect_words(choice.as_object(), found);
            }
        }
        const json::value* const items = schema.if_contains("items");
        if (items != nullptr && items->is_object()) {
            collect_words(items->as_object(), found);
        }
    }

    /// " From 1 to 50.", or what there is of it.
    [[nodiscard]] std::string range(const json::object& schema) const {
        const json::value* const least = member(schema, "minimum");
        const json::value* const above = member(schema, "exclusiveMinimum");
        const json::value* const most = member(schema, "maximum");
        if (least != nullptr && most != nullptr) {
            return fmt::format(" From {} to {}.", text_of(*least), text_of(*most));
        }
        const std::string low = least != nullptr   ? "At least " + text_of(*least)
                                : above != nullptr ? "More than " + text_of(*above)
                                                   : std::string{};
        const std::string high = most == nullptr ? "" : text_of(*most);
        if (low.empty() || high.empty()) {
            return low.empty() && high.empty() ? ""
                   : low.empty()               ? fmt::format(" At most {}.", high)
                                               : fmt::format(" {}.", low);
        }
        return fmt::format(" {}, at most {}.", low, high);
    }

    [[nodiscard]] std::string words(const json::object& schema) const {
        const json::value* const description = member(schema, "description");
        std::string text = description == nullptr ? "" : text_of(*description);
        std::vector<std::string> allowed;
        collect_words(schema, allowed);
        if (allowed.size() > 1) {
            text += fmt::format(" One of: {}.", fmt::join(allowed, ", "));
        }
        text += range(schema);
        if (const json::value* const otherwise = member(schema, "default")) {
            text += fmt::format(" Default: {}.", yaml_of(*otherwise));
        }
        if (const json::value* const examples = member(schema, "examples")) {
            text += fmt::format(" For instance: {}.", yaml_of(examples->as_array().front()));
        }
        std::string escaped = roff(text);
        for (std::size_t at = escaped.find('\t'); at != std::string::npos;
             at = escaped.find('\t')) {
            escaped.replace(at, 1, "TAB");
        }
        return escaped;
    }

    const json::object& root_;
    std::set<std::string> told_;
    std::set<std::string> values_;
    std::string untold_;
    std::string text_;
};

/// The keys of each kind of notifier: which of them a channel takes is said by its `type:` alone,
/// so they have a section of their own.
std::string notifiers(const json::object& root) {
    const json::value* const definitions = root.if_contains("definitions");
    const json::value* const kinds =
        definitions == nullptr ? nullptr : definitions->as_object().if_contains("notifiers");
    if (kinds == nullptr) {
        return {};
    }
    std::string text = ".SH KINDS OF NOTIFIER\nBesides the keys above a channel has those of its "
                       "\\fBtype\\fR.\n";
    for (const json::key_value_pair& kind : kinds->as_object()) {
        const json::object& schema = kind.value().as_object();
        text += fmt::format(
            ".SS {}\n{}\n", roff(std::string{kind.key()}), roff(text_of(schema.at("description")))
        );
        KeyWriter writer{root};
        writer.walk(schema, "", 0);
        text += writer.take();
    }
    return text;
}

} // namespace

Result<std::string> schema_page(
    std::string_view name, std::string_view schema, std::string_view more
) {
    boost::system::error_code error;
    const json::value root = json::parse({schema.data(), schema.size()}, error);
    if (error || !root.is_object()) {
        return fail(ErrorCode::bad_data, fmt::format("the schema of {} is no JSON object", name));
    }
    const json::object& object = root.as_object();
    const json::value* const title = object.if_contains("title");
    const json::value* const about = object.if_contains("description");
    if (title == nullptr || about == nullptr) {
        return fail(
            ErrorCode::bad_data, fmt::format("the schema of {} has no title or description", name)
        );
    }
    const std::string summary = text_of(*title);
    std::string page = roff(PageHead{.name = name, .section = "5", .summary = summary});
    page += fmt::format(".SH DESCRIPTION\n{}\n", roff(text_of(*about)));
    page += ".PP\nKeys stand with the keys above them; \\fBNAME\\fR is a name of your own, "
            "\\fB[]\\fR each entry of a list. \\fBreviewctl check\\fR reports every mistake with "
            "its line.\n.SH KEYS\n";
    KeyWriter writer{object};
    writer.walk(object, "", 0);
    if (!writer.untold().empty()) {
        return fail(
            ErrorCode::bad_data,
            fmt::format(
                "the schema of {} does not say what `{}` is; give it a description",
                name,
                writer.untold()
            )
        );
    }
    page += writer.take();
    page += notifiers(object);
    if (const std::string values = writer.values(); !values.empty()) {
        page += ".SH VALUES\nHow values of these kinds are written.\n" + values;
    }
    page += more;
    page += ".SH SEE ALSO\n.BR reviewd (8),\n.BR reviewctl (1),\n.BR reviewd\\-messages (5)\n";
    return page;
}

} // namespace reviewd::manual
