#include "daemon/ctl/unknown_words.hpp"

#include "daemon/ctl/reading.hpp"
#include "daemon/service/unknown_keys.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace reviewd::ctl {
namespace {

namespace json = boost::json;
using service::UnknownThing;

// Neither is a mistake for certain: rows often come before what they name.
constexpr const char* remedy_of_accounts =
    "such a row counts for nothing until its account comes; if it is not to come, mend the key in "
    "the export or by `columns:`, or leave the row out by `where:`";
constexpr const char* remedy_of_products =
    "nothing but the key is known of such a product until it comes; if it is not to come, mend the "
    "key in the export or by `aliases:` of its column";

store::UnknownKeys read(const json::value& answer) {
    store::UnknownKeys unknown;
    unknown.rows = number(answer, "rows");
    unknown.are_more = is_true(answer, "are_more");
    for (const json::value& key : list(answer, "keys")) {
        if (key.is_string()) {
            unknown.keys.emplace_back(std::string_view{key.get_string()});
        }
    }
    return unknown;
}

} // namespace

std::vector<UnknownWords> unknown_words(const json::value& source) {
    std::vector<UnknownWords> words;
    const auto add = [&](UnknownThing thing, const char* field, const char* remedy) {
        std::string what = service::describe(thing, read(member(source, field)));
        if (!what.empty()) {
            words.push_back({std::move(what), remedy});
        }
    };
    add(UnknownThing::account, "unknown_accounts", remedy_of_accounts);
    add(UnknownThing::product, "unknown_products", remedy_of_products);
    return words;
}

std::vector<std::string> unknown_lines(const json::value& source, const std::string& name) {
    std::vector<std::string> lines;
    for (const UnknownWords& words : unknown_words(source)) {
        lines.push_back(fmt::format("in {}, {}: {}", name, words.what, words.remedy));
    }
    return lines;
}

} // namespace reviewd::ctl
