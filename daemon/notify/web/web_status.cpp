#include "daemon/notify/web/web_status.hpp"

#include "scoring/base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace reviewd::notify {
namespace {

using std::chrono::seconds;

constexpr long retry_seconds_max = 1'000'000'000; // beyond any use; keeps the arithmetic safe
constexpr std::array<std::string_view, 12> month_names{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<long> parse_number(std::string_view digits) {
    const bool is_number = !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) {
        return c >= '0' && c <= '9';
    });
    if (!is_number) {
        return std::nullopt;
    }
    long value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return result.ec == std::errc{} ? std::min(value, retry_seconds_max) : retry_seconds_max;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT"
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
    if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT"
        || text[19] != ':' || text[22] != ':') {
        return std::nullopt;
    }
    const auto month = std::find(month_names.begin(), month_names.end(), text.substr(8, 3));
    const auto day = parse_number(text.substr(5, 2));
    const auto year = parse_number(text.substr(12, 4));
    const auto hour = parse_number(text.substr(17, 2));
    const auto minute = parse_number(text.substr(20, 2));
    const auto second = parse_number(text.substr(23, 2));
    if (month == month_names.end() || !day || !year || !hour || !minute || !second) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{
        std::chrono::year{static_cast<int>(*year)},
        std::chrono::month{static_cast<unsigned>(month - month_names.begin()) + 1},
        std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) {
        return std::nullopt;
    }
    return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute}
           + seconds{*second};
}

struct Judgement {
    Verdict verdict;
    Reason reason;
};

Judgement judge(int status) {
    if (status >= 200 && status < 300) {
        return {Verdict::accepted, Reason::none};
    }
    switch (status) {
    case 401:
    case 403:
    case 407:
        return {Verdict::misconfigured, Reason::authentication};
    case 408:
    case 425:
        return {Verdict::temporary, Reason::deferred};
    case 410:
        return {Verdict::misconfigured, Reason::endpoint_gone};
    case 429:
        return {Verdict::temporary, Reason::rate_limited};
    default:
        break;
    }
    if (status >= 300 && status < 400) {
        return {Verdict::permanent, Reason::redirected};
    }
    if (status >= 400 && status < 500) {
        return {Verdict::permanent, Reason::rejected};
    }
    if (status >= 500 && status < 600) {
        return {Verdict::temporary, Reason::deferred};
    }
    return {Verdict::uncertain, Reason::protocol};
}

} // namespace

std::optional<seconds> parse_retry_after(std::string_view value, TimePoint now) {
    const std::string_view text = trim(value);
    if (const auto number = parse_number(text)) {
        return seconds{*number};
    }
    if (const auto date = parse_http_date(text)) {
        const auto wait = std::chrono::ceil<seconds>(*date - now);
        return std::clamp(wait, seconds{0}, seconds{retry_seconds_max});
    }
    return std::nullopt;
}

Outcome judge_status(const WebReply& reply, TimePoint now) {
    const Judgement judgement = judge(reply.status);
    Outcome outcome;
    outcome.verdict = judgement.verdict;
    outcome.reason = judgement.reason;
    outcome.code = reply.status;
    if (outcome.verdict != Verdict::temporary) {
        return outcome;
    }
    for (const auto& [name, value] : reply.headers) {
        if (name == "retry-after" && !outcome.retry_after) {
            outcome.retry_after = parse_retry_after(value, now);
        }
    }
    return outcome;
}

} // namespace reviewd::notify
