#include "daemon/links/plain_pages.hpp"

#include "daemon/message/templates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace reviewd::links {
namespace {

struct Told {
    std::string_view what, advice;
};

struct Words {
    int status = 0;
    Told english, bengali;
};

constexpr std::string_view open_again =
    "Nothing was recorded. Open the link in your newest message once more.";
constexpr std::string_view open_again_bengali =
    "কিছু লেখা হয়নি। আপনার সর্বশেষ বার্তার লিংকটি আবার খুলুন।";
constexpr std::string_view copy_whole =
    "The address may have been cut off by a mail program: copy the whole line from the message.";
constexpr std::string_view copy_whole_bengali =
    "মেইল প্রোগ্রাম হয়তো ঠিকানাটি কেটে ফেলেছে: বার্তা থেকে পুরো লাইনটি কপি করুন।";
constexpr Told unclear{"This request was not understood", open_again};
constexpr Told unclear_bengali{"অনুরোধটি বোঝা যায়নি", open_again_bengali};
constexpr Told nothing{"There is nothing here", copy_whole};
constexpr Told nothing_bengali{"এখানে কিছু নেই", copy_whole_bengali};
constexpr Words otherwise{
    0, {"This did not work", open_again}, {"এটি কাজ করেনি", open_again_bengali}};

constexpr std::array words{
    Words{400, unclear, unclear_bengali},
    Words{
        403,
        {"Please open the form again",
         "It has to be sent from its own page, so nothing was recorded. Open the link in your "
         "message and fill it in there."},
        {"ফর্মটি আবার খুলুন",
         "ফর্মটি নিজের পাতা থেকেই পাঠাতে হয়, তাই কিছু লেখা হয়নি। বার্তার লিংকটি খুলে সেখানে পূরণ "
         "করুন।"}},
    Words{404, nothing, nothing_bengali},
    Words{405, unclear, unclear_bengali},
    Words{
        408,
        {"That took too long",
         "Nothing was recorded. Please try again, where the connection is better perhaps."},
        {"অনেক সময় লেগেছে", "কিছু লেখা হয়নি। আবার চেষ্টা করুন, সংযোগ ভালো এমন জায়গা থেকে হলে ভালো।"}},
    Words{411, unclear, unclear_bengali},
    Words{
        413,
        {"That is too much text",
         "Nothing was recorded. Go back one page, shorten what you wrote, and send it again."},
        {"লেখা খুব বড়", "কিছু লেখা হয়নি। আগের পাতায় ফিরে লেখাটি ছোট করে আবার পাঠান।"}},
    Words{415, unclear, unclear_bengali},
    Words{417, unclear, unclear_bengali},
    Words{421, nothing, nothing_bengali},
    Words{
        429,
        {"Too many tries", "Please wait a minute, then open the link again. It still works."},
        {"অনেকবার চেষ্টা হয়েছে", "এক মিনিট অপেক্ষা করে লিংকটি আবার খুলুন। এটি এখনো কাজ করে।"}},
    Words{431, {"The address is too long", copy_whole}, {"ঠিকানাটি খুব লম্বা", copy_whole_bengali}},
    Words{
        500,
        {"Something went wrong here",
         "Please open the link again in a moment: it shows whether your answer was recorded."},
        {"এখানে কিছু ভুল হয়েছে", "একটু পরে লিংকটি আবার খুলুন: আপনার উত্তর লেখা হয়েছে কি না দেখা যাবে।"}},
    Words{501, unclear, unclear_bengali},
    Words{
        503,
        {"Too busy just now",
         "Nothing was recorded. Please try again in a moment; the link still works."},
        {"এখন খুব ব্যস্ত", "কিছু লেখা হয়নি। একটু পরে আবার চেষ্টা করুন; লিংকটি এখনো কাজ করে।"}},
    Words{505, unclear, unclear_bengali}};

constexpr std::string_view ask_for_another =
    "Ask whoever looks after the reviews for a new one, and subscribe to that.";
constexpr std::string_view ask_for_another_bengali =
    "যিনি রিভিউর ব্যবস্থা দেখেন তাঁর কাছে নতুন ঠিকানা চান, এবং সেটি যোগ করুন।";
constexpr Words old_calendar{
    410,
    {"This calendar's address is too old", ask_for_another},
    {"ক্যালেন্ডারের ঠিকানাটি খুব পুরোনো", ask_for_another_bengali}};
constexpr Words unknown_calendar{
    403,
    {"This calendar's address does not work", ask_for_another},
    {"ক্যালেন্ডারের এই ঠিকানা কাজ করে না", ask_for_another_bengali}};

std::string page_with(const Words& all, std::string_view language) {
    static const message::Templates built_in;
    const bool is_bengali = language == "bn";
    const Told& told = is_bengali ? all.bengali : all.english;
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{3}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n"
        "<meta name=\"robots\" content=\"noindex, nofollow\">\n<title>{0}</title>\n"
        "<style>{2}</style>\n</head>\n<body>\n<main>\n<section class=\"card\">\n<h1>{0}</h1>\n"
        "<p>{1}</p>\n</section>\n</main>\n</body>\n</html>\n",
        told.what,
        told.advice,
        built_in.style(),
        is_bengali ? "bn" : "en"
    );
}

} // namespace

std::string plain_page(int status, std::string_view language) {
    const auto* const found = std::find_if(words.begin(), words.end(), [&](const Words& each) {
        return each.status == status;
    });
    return page_with(found == words.end() ? otherwise : *found, language);
}

std::string calendar_page(int status, std::string_view language) {
    return page_with(status == old_calendar.status ? old_calendar : unknown_calendar, language);
}

} // namespace reviewd::links
