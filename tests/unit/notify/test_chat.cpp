// Every payload against what the services publish of their limits and shapes: Slack's block kit,
// Adaptive Cards in a Workflow's envelope, Discord's embeds, Mattermost's posts, ntfy's JSON.

#include "daemon/notify/api/message_text.hpp"
#include "daemon/notify/plugins/discord/discord_payload.hpp"
#include "daemon/notify/plugins/mattermost/mattermost_payload.hpp"
#include "daemon/notify/plugins/ntfy/ntfy_payload.hpp"
#include "daemon/notify/plugins/slack/slack_payload.hpp"
#include "daemon/notify/plugins/teams/teams_payload.hpp"
#include "daemon/notify/web/chat_text.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/notify/samples.hpp"

#include <boost/json.hpp>

#include <set>
#include <string>
#include <vector>

namespace reviewd::test::test_chat {

using namespace reviewd::notify;
using namespace reviewd::test;
namespace json = boost::json;

namespace {

const std::string page = "https://reviews.test/a/7Kd2";

Message long_message() {
    Message message = sample_message();
    message.payload = R"({"items":[{"answer_url":"https://reviews.test/a/7Kd2"}]})";
    message.text.clear();
    for (int i = 0; i < 3000; ++i) {
        message.text +=
            "HARTLEY *PRINT* <b>&co \xF0\x9F\x98\x80 \"line\" " + std::to_string(i) + "\n";
    }
    return message;
}

Message message_of(const std::string& text) {
    Message message = sample_message();
    message.subject = text;
    message.text = text;
    return message;
}

std::size_t units(const json::value& text) {
    return measured(std::string{text.as_string()}, Measure::characters);
}

/// Only these members, each of which Slack knows for such a block.
void check_slack_block(const json::value& block) {
    const std::string type{block.at("type").as_string()};
    CHECK((type == "header" || type == "section"));
    const json::object& text = block.at("text").as_object();
    const std::string kind{text.at("type").as_string()};
    CHECK((kind == "plain_text" || kind == "mrkdwn"));
    CHECK((type != "header" || kind == "plain_text"));
    CHECK(units(text.at("text")) >= 1);
    CHECK(units(text.at("text")) <= (type == "header" ? 150 : 3000));
    for (const auto& member : text) {
        const std::set<std::string> known{"type", "text", kind == "mrkdwn" ? "verbatim" : "emoji"};
        CHECK(known.count(std::string{member.key()}) == 1);
    }
}

} // namespace

TEST_CASE("a text that is too long is cut between lines, with a link", "[notify][chat]") {
    ChatFormat format;
    format.limit = 40;
    CHECK(chat_text("one\ntwo\nthree\n", "", format) == "one\ntwo\nthree");
    const std::string text = "first line\nsecond line\nthird line\nfourth line";
    CHECK(chat_text(text, "https://x.test", format) == "first line\n[+3: https://x.test]");
    CHECK(chat_text(text, "", format) == "first line\nsecond line\nthird line\n[+1]");
    format.limit = 12;
    CHECK(chat_text("abcdefghijklmnopqrstuvwxyz\nx", "", format) == "abcdefg [+2]");
    format.measure = Measure::bytes;
    CHECK(chat_text("\xE0\xA6\xB9\xE0\xA6\xBE\xE0\xA6\xB0\xE0\xA6\xA4", "", format).size() == 12);
    for (std::size_t limit = 6; limit < 60; ++limit) {
        format.limit = limit;
        const std::string cut =
            chat_text("\xE0\xA6\xB9\xE0\xA6\xBE \xF0\x9F\x98\x80 words\nmore", "", format);
        CHECK(cut.size() <= limit);
        CHECK(valid_utf8(cut) == cut);
    }
}

TEST_CASE("a cut never divides an escape", "[notify][chat]") {
    ChatFormat format;
    format.escape = [](std::string_view character, std::string_view /*before*/) {
        return character == "&" ? std::string{"&amp;"} : std::string{character};
    };
    for (std::size_t limit = 5; limit < 40; ++limit) {
        format.limit = limit;
        const std::string cut = chat_text("&&&&&&&&&&\n&", "", format);
        CHECK(cut.size() <= limit);
        std::string rest = cut.substr(0, cut.find(" ["));
        while (rest.substr(0, 5) == "&amp;") {
            rest.erase(0, 5);
        }
        CHECK((rest.empty() || rest[0] == '\n'));
    }
}

TEST_CASE("a link comes from the payload and from nowhere else", "[notify][chat][T16]") {
    Message message = message_of("see https://evil.test/login");
    CHECK(link_of(message).empty());
    message.payload = "no JSON";
    CHECK(link_of(message).empty());
    for (const char* bad :
         {"http://plain.test",
          "javascript:alert(1)",
          "https://a|b",
          "https://a b",
          "https://a>b"}) {
        message.payload = json::serialize(json::object{{"url", bad}});
        CHECK(link_of(message).empty());
    }
    message.payload = R"({"items":[{"answer_url":"https://reviews.test/a/1"}]})";
    CHECK(link_of(message) == "https://reviews.test/a/1");
}

TEST_CASE("Slack gets blocks within its limits", "[notify][chat][slack]") {
    for (const Message& message : {sample_message(), long_message()}) {
        const json::value document = json::parse(slack_payload(message));
        const json::array& blocks = document.at("blocks").as_array();
        CHECK(blocks.size() >= 2);
        CHECK(blocks.size() <= 50);
        std::size_t whole = 0;
        for (const json::value& block : blocks) {
            check_slack_block(block);
            whole += units(block.at("text").at("text"));
        }
        CHECK(whole < 12'000);
        CHECK(document.at("unfurl_links") == json::value(false));
    }
    const std::string posted = slack_payload(long_message());
    REVIEWD_CHECK_CONTAINS(posted, "<" + page + ">");
}

TEST_CASE("in Slack nobody is called but the recipient", "[notify][chat][slack][T15]") {
    Message message = message_of("<!channel> & <@U0EVIL00> <https://evil.test|pay>");
    message.recipient.address = "U012AB3CD";
    const json::value document = json::parse(slack_payload(message));
    CHECK(
        document.at("text").as_string()
        == "&lt;!channel&gt; &amp; &lt;@U0EVIL00&gt; &lt;https://evil.test|pay&gt;"
    );
    int marked = 0;
    for (const json::value& block : document.at("blocks").as_array()) {
        if (block.at("text").at("type") == "mrkdwn") {
            ++marked;
            CHECK(block.at("text").at("text") == "<@U012AB3CD>");
        }
    }
    CHECK(marked == 1);
    message.recipient.address = "U012AB3CD> <!channel";
    CHECK(slack_payload(message).find("mrkdwn") == std::string::npos);
}

TEST_CASE("Teams gets one Adaptive Card of at most 28 KB", "[notify][chat][teams]") {
    for (const Message& message : {sample_message(), long_message()}) {
        const std::string posted = teams_payload(message);
        CHECK(posted.size() <= 28UL * 1024);
        const json::value document = json::parse(posted);
        CHECK(document.at("type") == "message");
        REQUIRE(document.at("attachments").as_array().size() == 1);
        const json::value& attachment = document.at("attachments").at(0);
        CHECK(attachment.at("contentType") == "application/vnd.microsoft.card.adaptive");
        const json::value& card = attachment.at("content");
        CHECK(card.at("type") == "AdaptiveCard");
        CHECK(card.at("version") == "1.4");
        for (const json::value& block : card.at("body").as_array()) {
            CHECK(block.at("type") == "RichTextBlock"); // in which nothing is markup
            for (const json::value& run : block.at("inlines").as_array()) {
                CHECK(run.at("type") == "TextRun");
                CHECK(run.at("text").as_string().size() > 0);
            }
        }
    }
    const json::value card =
        json::parse(teams_payload(long_message())).at("attachments").at(0).at("content");
    CHECK(card.at("actions").at(0).at("type") == "Action.OpenUrl");
    CHECK(card.at("actions").at(0).at("url") == json::value(page));
}

TEST_CASE("Discord gets one embed within its limits", "[notify][chat][discord]") {
    for (const Message& message : {sample_message(), long_message()}) {
        const json::value document = json::parse(discord_payload(message));
        REQUIRE(document.at("embeds").as_array().size() == 1);
        const json::value& embed = document.at("embeds").at(0);
        CHECK(units(embed.at("title")) <= 256);
        CHECK(units(embed.at("description")) <= 4096);
        CHECK(units(embed.at("title")) + units(embed.at("description")) <= 6000);
    }
}

TEST_CASE("in Discord nobody is called but the recipient", "[notify][chat][discord][T15]") {
    Message message =
        message_of("@everyone <@123> **bold** [pay](https://evil.test) `x` ||spoiler||");
    message.recipient.address = "123456789012345678";
    const json::value document = json::parse(discord_payload(message));
    CHECK(document.at("content") == "<@123456789012345678>");
    CHECK(document.at("allowed_mentions").at("parse").as_array().empty());
    CHECK(document.at("allowed_mentions").at("users").as_array().size() == 1);
    const std::string text{document.at("embeds").at(0).at("description").as_string()};
    REVIEWD_CHECK_CONTAINS(
        text, "\\@everyone \\<\\@123\\> \\*\\*bold\\*\\* \\[pay\\]\\(https://evil.test\\)"
    );
    message.recipient.address = "jo@hartley.test";
    CHECK(json::parse(discord_payload(message)).as_object().count("content") == 0);
}

TEST_CASE("Mattermost gets one post within its limit", "[notify][chat][mattermost]") {
    CHECK(units(json::parse(mattermost_payload(long_message())).at("text")) <= 16'383);
    Message message = message_of("@channel and @jo, write jo@hartley.test");
    message.recipient.address = "@ana.costa";
    const json::value document = json::parse(mattermost_payload(message));
    CHECK(document.at("channel") == "@ana.costa");
    const std::string text{document.at("text").as_string()};
    CHECK(text.find("@channel") == std::string::npos);
    CHECK(text.find("@jo,") == std::string::npos);
    REVIEWD_CHECK_CONTAINS(text, "jo@hartley.test");
    message.recipient.address = "ana@client.test";
    CHECK(json::parse(mattermost_payload(message)).as_object().count("channel") == 0);
}

TEST_CASE("ntfy gets a topic, and a message that stays one", "[notify][chat][ntfy]") {
    Message message = long_message();
    message.recipient.address = "ana-k3J9x";
    const json::value document = json::parse(ntfy_payload(message, "all").value());
    CHECK(document.at("topic") == "ana-k3J9x");
    CHECK(document.at("message").as_string().size() <= 4096);
    CHECK(document.at("sequence_id") == json::value(message.id));
    CHECK(document.at("click") == json::value(page));
    CHECK(document.at("markdown") == json::value(false));
    message.recipient.address = "ana@client.test";
    CHECK(json::parse(ntfy_payload(message, "all").value()).at("topic") == "all");
    CHECK(ntfy_payload(message, "").has_error());
}

} // namespace reviewd::test::test_chat
