#include "daemon/message/minimal.hpp"

#include "daemon/message/payload.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <array>
#include <vector>

namespace reviewd::message {
namespace {

namespace json = boost::json;

struct Words {
    std::string_view title;
    std::array<std::string_view, 5> sections; ///< in the order of Section, with a place for a count
};

constexpr Words english{
    "Reviews", {"{} escalated to you", "{} late", "{} for today", "{} to invite", "{} soon"}};
constexpr Words bengali{
    "রিভিউ", {"{}টি আপনার কাছে তোলা হয়েছে", "{}টি দেরি", "আজ {}টি", "{}টি আমন্ত্রণ", "শিগগির {}টি"}};

} // namespace

Rendered minimal(const Digest& digest) {
    const Words& words = digest.habits.language == "bn" ? bengali : english;
    std::array<std::size_t, 5> counts{};
    for (const Item& item : digest.items) {
        ++counts.at(static_cast<std::size_t>(item.section));
    }
    counts.at(static_cast<std::size_t>(Section::late)) += digest.more_late;
    counts.at(static_cast<std::size_t>(Section::week)) += digest.more_this_week;
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts.at(i) > 0) {
            parts.push_back(fmt::format(fmt::runtime(words.sections.at(i)), counts.at(i)));
        }
    }
    Rendered rendered;
    rendered.subject = fmt::format("{}: {}", words.title, fmt::join(parts, ", "));
    rendered.text = rendered.subject + "\n";
    json::object payload = json::parse(payload_of(digest)).as_object();
    payload["items"] = json::array{};
    payload.erase("stale");
    rendered.payload = json::serialize(payload);
    return rendered;
}

Rendered minimal(std::string_view kind, const std::string& id, const Habits& habits) {
    const bool is_bengali = habits.language == "bn";
    Rendered rendered;
    if (kind == "week") {
        rendered.subject = is_bengali ? "সাপ্তাহিক প্রতিবেদন তৈরি" : "Your weekly report is ready";
    } else if (kind == "invitation") {
        rendered.subject = is_bengali ? "একটি রিভিউর সময় ঠিক বা বদল হয়েছে"
                                      : "The time of a review was agreed or changed";
    } else if (kind == "operator") {
        rendered.subject = is_bengali ? "কিছু বার্তা পৌঁছায়নি বা অপেক্ষায়: reviewctl status"
                                      : "Not delivered or waiting: see reviewctl status";
    } else {
        rendered.subject =
            is_bengali ? "একটি রিভিউ আপনার অপেক্ষায়" : "A review needs your attention";
    }
    rendered.text = rendered.subject + "\n";
    rendered.payload = json::serialize(json::object{
        {"version", 1}, {"kind", kind}, {"id", id}, {"language", habits.language}});
    return rendered;
}

} // namespace reviewd::message
