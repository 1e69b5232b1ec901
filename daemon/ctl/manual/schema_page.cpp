// A schema is walked once, key by key; a reference is followed where it stands, so that each key is
// told in full at its own place.

#include "daemon/ctl/manual/pages.hpp"
#include "daemon/ctl/manual/roff.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <set>

namespace reviewd::manual {

namespace {

namespace json = boost::json;

constexpr int deepest = 12;

std::string text_of(const json::value& value) {
    return value.is_string() ? std::string{value.get_string()} : json::serialize(value);
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
                    depth
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

    void enter(const json::value& value, const std::string& path, int depth) {
        if (!value.is_object()) {
            return;
        }
        const json::object& schema = value.as_object();
        if (told_.insert(path).second) {
            if (untold_.empty() && member(schema, "description") == nullptr) {
                untold_ = path;
            }
            text_ +=
                fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", roff(path), kind(schema), words(schema));
        }
        walk(schema, path, depth + 1);
    }

    [[nodiscard]] std::string kind(const json::object& schema) const {
        const json::value* const type = member(schema, "type");
        if (type == nullptr || !type->is_string()) {
            return {};
        }
        const std::string name = text_of(*type);
        return fmt::format(
            " (\\fI{}\\fR)",
            name == "object"   ? "map"
            : name == "array"  ? "list"
            : name == "string" ? "text"
                               : name
        );
    }

    [[nodiscard]] std::string words(const json::object& schema) const {
        const json::value* const description = member(schema, "description");
        std::string text = description == nullptr ? "" : text_of(*description);
        if (const json::value* const values = member(schema, "enum")) {
            std::string all;
            for (const json::value& each : values->as_array()) {
                all += (all.empty() ? "" : ", ") + text_of(each);
            }
            text += fmt::format(" One of: {}.", all);
        }
        if (const json::value* const otherwise = member(schema, "default")) {
            text += fmt::format(" Default: {}.", text_of(*otherwise));
        }
        if (const json::value* const examples = member(schema, "examples")) {
            text += fmt::format(" For instance: {}.", text_of(examples->as_array().front()));
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
    page += more;
    page += ".SH SEE ALSO\n.BR reviewd (8),\n.BR reviewctl (1)\n";
    return page;
}

} // namespace reviewd::manual
