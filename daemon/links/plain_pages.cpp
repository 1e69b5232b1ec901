#include "daemon/links/plain_pages.hpp"

#include "daemon/message/templates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace reviewd::links {
namespace {

struct Words {
    int status = 0;
    std::string_view what, advice;
};

constexpr std::string_view unclear = "This request was not understood";
constexpr std::string_view open_again =
    "Nothing was recorded. Open the link in your newest message once more.";
constexpr std::string_view nothing = "There is nothing here";
constexpr std::string_view copy_whole =
    "The address may have been cut off by a mail program: copy the whole line from the message.";
constexpr Words otherwise{0, "This did not work", open_again};

constexpr std::array words{
    Words{400, unclear, open_again},
    Words{
        403,
        "Please open the form again",
        "It has to be sent from its own page, so nothing was recorded. Open the link in your message "
        "and fill it in there."},
    Words{404, nothing, copy_whole},
    Words{405, unclear, open_again},
    Words{
        408,
        "That took too long",
        "Nothing was recorded. Please try again, where the connection is better perhaps."},
    Words{411, unclear, open_again},
    Words{
        413,
        "That is too much text",
        "Nothing was recorded. Go back one page, shorten what you wrote, and send it again."},
    Words{415, unclear, open_again},
    Words{417, unclear, open_again},
    Words{421, nothing, copy_whole},
    Words{429, "Too many tries", "Please wait a minute, then open the link again. It still works."},
    Words{431, "The address is too long", copy_whole},
    Words{
        500,
        "Something went wrong here",
        "Please open the link again in a moment: it shows whether your answer was recorded."},
    Words{501, unclear, open_again},
    Words{
        503,
        "Too busy just now",
        "Nothing was recorded. Please try again in a moment; the link still works."},
    Words{505, unclear, open_again}};

std::string page_with(std::string_view what, std::string_view advice) {
    static const message::Templates built_in;
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"robots\" content=\"noindex, nofollow\">\n<title>{0}</title>\n"
        "<style>{2}</style>\n</head>\n<body>\n<main>\n<section class=\"card\">\n<h1>{0}</h1>\n"
        "<p>{1}</p>\n</section>\n</main>\n</body>\n</html>\n",
        what,
        advice,
        built_in.style()
    );
}

} // namespace

std::string plain_page(int status) {
    const auto* const found = std::find_if(words.begin(), words.end(), [&](const Words& each) {
        return each.status == status;
    });
    const Words& told = found == words.end() ? otherwise : *found;
    return page_with(told.what, told.advice);
}

std::string calendar_page(int status) {
    constexpr int status_gone = 410;
    return page_with(
        status == status_gone ? "This calendar's address is too old"
                              : "This calendar's address does not work",
        "Ask whoever looks after the reviews for a new one, and subscribe to that."
    );
}

} // namespace reviewd::links
