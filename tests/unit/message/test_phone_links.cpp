// What a tap on a telephone number dials.
#include "daemon/message/render.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/message/golden.hpp"

#include <array>
#include <string>
#include <vector>

namespace reviewd::test {
namespace {

std::string html_with(const std::string& phone, std::size_t full_items) {
    message::Digest digest = target_digest();
    digest.items[0].contact->phone = phone;
    digest.full_items = full_items;
    return message::render(digest, message::Templates{}).html;
}

/// As the mail has it; empty: the number stands there without a link.
std::string link_of(const std::string& phone) {
    const std::string html = html_with(phone, 1);
    const std::string before = "<a href=\"";
    const std::size_t begin = html.find(before + "tel:");
    return begin == std::string::npos
               ? std::string{}
               : html.substr(
                   begin + before.size(), html.find('"', begin + before.size()) - begin - 9
               );
}

TEST_CASE("a telephone link dials the number as it is dialled from afar", "[message][phone]") {
    const std::vector<std::array<std::string, 2>> vectors{
        {"+44 20 7946 0123", "tel:+442079460123"},
        {"+44 (0)20 7946 0199", "tel:+442079460199"},
        {"+44(0) 20-7946-0199", "tel:+442079460199"},
        {"0044 (0)20 7946 0199", "tel:00442079460199"},
        {"(020) 7946 0199", "tel:02079460199"},
        {"(0)20 7946 0199", "tel:02079460199"},
        {"030/1234567", "tel:0301234567"},
        {"Tel.: +49 30 1234567", "tel:+49301234567"},
        {"mobile 07700 900123", "tel:07700900123"},
        {"+44\u00A020\u00A07946\u20110199", "tel:+442079460199"},
        {"\u202A+44 20 7946 0199\u202C", "tel:+442079460199"},
        {"112", "tel:112"}};
    for (const auto& [phone, link] : vectors) {
        CAPTURE(phone);
        CHECK(link_of(phone) == link);
    }
}

TEST_CASE("an extension is dialled as one", "[message][phone]") {
    for (const char* extension :
         {" ext 89", " ext. 89", ", ext.89", "x89", " x 89", " Extension 89", " #89", ";ext=89"}) {
        CAPTURE(extension);
        // In the document `=` is escaped.
        CHECK(
            link_of("+1 (555) 123-4567" + std::string{extension}) == "tel:+15551234567;ext&#61;89"
        );
    }
}

TEST_CASE("what is not understood is no link, and is shown as it is", "[message][phone]") {
    for (const char* phone :
         {"7946 0123 - 7946 0124",
          "7946 0123 \u2013 7946 0124",
          "+378 (0)549 882345",
          "+49 30 1234567 Durchwahl 89",
          "Durchwahl 89",
          "ext 8900",
          "+49 30 1234567 ext 89 or 90",
          "+49 30 1234567 ext",
          "020 7946 0199 / 020 7946 0200",
          "020 7946 0199, 020 7946 0200",
          "555-1234/1235",
          "020 7946 0199 020 7946 0200",
          "+44 20 7946 0199 +44 20 7946 0200",
          "+44 (020) 7946 0199",
          "+39 (0)6 1234 5678",
          "1-800-FLOWERS",
          "call Jo first: 020 7946 0199",
          "+৪৪ ২০ ৭৯৪৬",
          "+44 20 ৭৯৪৬ 0199",
          "12",
          "+"}) {
        CAPTURE(phone);
        CHECK(link_of(phone).empty());
        REVIEWD_CHECK_CONTAINS(html_with(phone, 1), "<bdi>" + std::string{phone} + "</bdi>");
        REVIEWD_CHECK_CONTAINS(html_with(phone, 0), "<bdi>" + std::string{phone} + "</bdi>");
    }
}

} // namespace
} // namespace reviewd::test
