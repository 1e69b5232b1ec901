#include "daemon/notify/plugins/teams/teams_payload.hpp"

#include "daemon/notify/api/message_text.hpp"
#include "daemon/notify/web/chat_text.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>

#include <cstddef>

namespace reviewd::notify {
namespace {

namespace json = boost::json;

constexpr std::size_t document_bytes = 27'000; // of 28 KB
constexpr std::size_t subject_columns = 200;

json::object run_of(std::string_view text) {
    return json::object{{"type", "TextRun"}, {"text", text}};
}

json::object line_of(std::string_view line, const char* spacing) {
    json::object run = run_of(line);
    run["fontType"] = "Monospace";
    return json::object{
        {"type", "RichTextBlock"}, {"spacing", spacing}, {"inlines", json::array{std::move(run)}}};
}

json::array body_of(std::string_view subject, std::string_view text) {
    json::array body;
    if (!subject.empty()) {
        json::object run = run_of(subject);
        run["size"] = "Large";
        run["weight"] = "Bolder";
        body.push_back(json::object{
            {"type", "RichTextBlock"}, {"inlines", json::array{std::move(run)}}});
    }
    bool is_new_paragraph = true;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        if (!trim(line).empty()) {
            body.push_back(line_of(line, is_new_paragraph ? "Medium" : "None"));
        }
        is_new_paragraph = trim(line).empty();
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return body;
}

std::string document(const Message& message, std::size_t text_limit) {
    const std::string link = link_of(message);
    ChatFormat format;
    format.limit = text_limit;
    format.measure = Measure::bytes;
    json::object card{
        {"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
        {"type", "AdaptiveCard"},
        {"version", "1.4"},
        {"msteams", json::object{{"width", "Full"}}},
        {"body",
         body_of(
             one_line(message.subject, subject_columns), chat_text(message.text, link, format)
         )}};
    if (!link.empty()) {
        card["actions"] = json::array{
            json::object{{"type", "Action.OpenUrl"}, {"title", "\xE2\x86\x97"}, {"url", link}}};
    }
    json::object attachment{
        {"contentType", "application/vnd.microsoft.card.adaptive"},
        {"contentUrl", nullptr},
        {"content", std::move(card)}};
    return json::serialize(json::object{
        {"type", "message"}, {"attachments", json::array{std::move(attachment)}}});
}

} // namespace

std::string teams_payload(const Message& message) {
    // What a line costs as JSON depends on its words: halve until it fits.
    for (std::size_t limit = document_bytes;; limit /= 2) {
        std::string made = document(message, limit);
        if (made.size() <= document_bytes || limit < 100) {
            return made;
        }
    }
}

} // namespace reviewd::notify
