// Templates of messages, and the names of customers that are put into them.
#include "daemon/message/mustache.hpp"
#include "scoring/base/text.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <string>

namespace {

using namespace reviewd;
using fuzz::require;
using message::Escaping;
using message::Value;

/// Stands for a value; no template of the input has it.
const std::string mark = "\x02v\x02";

Value values(const std::string& name) {
    Value item;
    item.set("name", name);
    Value items = Value::list();
    items.push_back(item);
    items.push_back(Value{name});
    Value all;
    all.set("name", name);
    all.set("holds", Value{true});
    all.set("items", std::move(items));
    all.set("account", std::move(item));
    return all;
}

std::string replaced(std::string text, const std::string& part, const std::string& by) {
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += by.size()) {
        text.replace(at, part.size(), by);
    }
    return text;
}

/// A value takes its own place and changes nothing else, whatever it is.
void check_value(const std::string& source, const std::string& name, Escaping escaping) {
    const auto filled = message::fill(source, values(name), escaping);
    const auto marked = message::fill(source, values(mark), escaping);
    require(filled.has_value() == marked.has_value(), "no value breaks a template");
    if (!filled.has_value()) {
        require(!filled.error().message.empty(), "a refused template is told why");
        require(!has_controls(filled.error().message), "on one line");
        return;
    }
    const auto shown = message::fill("{{name}}", values(name), escaping);
    require(shown.has_value(), "a variable is a template");
    require(
        escaping == Escaping::text || shown->find_first_of("<>\"'`=") == std::string::npos,
        "in HTML a value is text"
    );
    require(*filled == replaced(*marked, mark, *shown), "a value is never read as a template");
}

void check_shown(std::string_view name) {
    const std::string shown = message::shown(name);
    require(!has_controls(shown), "a name is one line");
    require(!find_invalid_utf8(shown), "and text");
    require(shown.find("://") == std::string::npos, "and no link");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input{data, size};
    const std::string name{"n" + std::string{input.part_behind('\x03')}};
    const std::string source{input.rest().empty() ? std::string_view{name} : input.rest()};
    check_shown(name);
    if (source.find('\x02') == std::string::npos && name.find('\x02') == std::string::npos) {
        check_value(source, name, Escaping::text);
        check_value(source, name, Escaping::html);
    }
    return 0;
}
