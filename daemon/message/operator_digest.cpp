#include "daemon/message/operator_digest.hpp"

#include "daemon/message/mustache.hpp"
#include "daemon/message/payload.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace reviewd::message {
namespace {

namespace json = boost::json;
constexpr std::size_t reply_columns = 160;

struct Remedy {
    /// In the advice `{}` or `{0}` is the channel, `{1}` the number of a delivery.
    std::string_view what, advice;
};

struct ReasonRemedy {
    std::string_view reason;
    Remedy english, bengali;
};

constexpr Remedy unreached_english{
    "the receiver could not be reached",
    "see whether it runs and whether the channel names it rightly: reviewctl doctor"};
constexpr Remedy unreached_bengali{
    "প্রাপক সার্ভারে পৌঁছানো যায়নি",
    "সার্ভারটি চলছে কি না এবং চ্যানেলে নাম ঠিক আছে কি না দেখুন: reviewctl doctor"};
constexpr Remedy address_english{
    "the person has no address that can be used there",
    "give them one in `people:` or in the people table"};
constexpr Remedy address_bengali{
    "সেখানে তাঁর ব্যবহারযোগ্য কোনো ঠিকানা নেই", "`people:` অংশে বা people তালিকায় একটি ঠিকানা দিন"};
constexpr Remedy secure_english{
    "no secure connection could be made", "mend the certificate: reviewctl notifier test {}"};
constexpr Remedy secure_bengali{
    "নিরাপদ সংযোগ করা যায়নি", "সার্টিফিকেট ঠিক করুন: reviewctl notifier test {}"};
constexpr Remedy later_english{
    "the receiver kept putting it off",
    "ask those who run it why, or send less there with `per_minute:`"};
constexpr Remedy later_bengali{
    "প্রাপক সার্ভার বারবার পরে আসতে বলেছে",
    "যাঁরা সেটি চালান তাঁদের জিজ্ঞাসা করুন, অথবা `per_minute:` দিয়ে কম পাঠান"};
constexpr Remedy gone_english{
    "the receiver's address leads nowhere any more",
    "give the channel its new address, then: reviewctl notifier resume {}"};
constexpr Remedy gone_bengali{
    "প্রাপকের ঠিকানা আর চালু নেই", "চ্যানেলে নতুন ঠিকানা দিন, তারপর: reviewctl notifier resume {}"};
constexpr Remedy other_english{
    "the receiver's answer is none that counts", "see what it says: reviewctl notifier test {}"};
constexpr Remedy other_bengali{
    "প্রাপকের উত্তর বোঝা যায়নি", "সেটি কী বলছে দেখুন: reviewctl notifier test {}"};

constexpr std::array reason_words{
    ReasonRemedy{
        "rejected",
        {"refused for good", "read the receiver's words; often the address is wrong"},
        {"স্থায়ীভাবে প্রত্যাখ্যাত", "প্রাপকের কথা পড়ুন; প্রায়ই ঠিকানা ভুল থাকে"}},
    ReasonRemedy{"bad_address", address_english, address_bengali},
    ReasonRemedy{"no_address", address_english, address_bengali},
    ReasonRemedy{"dns", unreached_english, unreached_bengali},
    ReasonRemedy{"connect", unreached_english, unreached_bengali},
    ReasonRemedy{"timeout", unreached_english, unreached_bengali},
    ReasonRemedy{"tls", secure_english, secure_bengali},
    ReasonRemedy{"certificate", secure_english, secure_bengali},
    ReasonRemedy{
        "authentication",
        {"the login was refused", "mend it, then: reviewctl notifier resume {}"},
        {"লগইন প্রত্যাখ্যাত", "ঠিক করুন, তারপর: reviewctl notifier resume {}"}},
    ReasonRemedy{"deferred", later_english, later_bengali},
    ReasonRemedy{"rate_limited", later_english, later_bengali},
    ReasonRemedy{"endpoint_gone", gone_english, gone_bengali},
    ReasonRemedy{"redirected", gone_english, gone_bengali},
    ReasonRemedy{
        "local_io",
        {"it could not be written on this machine",
         "look at the disk and at the file's mode: reviewctl doctor"},
        {"এই মেশিনে লেখা যায়নি", "ডিস্ক ও ফাইলের অনুমতি দেখুন: reviewctl doctor"}},
    ReasonRemedy{
        "not_tried",
        {"its time passed before it was tried",
         "see whether the channel is paused or something is held: reviewctl status"},
        {"চেষ্টা করার আগেই সময় পেরিয়ে গেছে",
         "চ্যানেল থামানো বা কিছু আটকে আছে কি না দেখুন: reviewctl status"}}};

const Remedy& words_of(const std::string& reason, const Habits& habits) {
    const bool is_bengali = habits.language == "bn";
    const auto* const found =
        std::find_if(reason_words.begin(), reason_words.end(), [&](const ReasonRemedy& each) {
            return each.reason == reason;
        });
    if (found == reason_words.end()) {
        return is_bengali ? other_bengali : other_english;
    }
    return is_bengali ? found->bengali : found->english;
}

constexpr Remedy uncertain_english{
    "and may have come already", "ask whether it came; if not: reviewctl outbox release {1}"};
constexpr Remedy uncertain_bengali{
    "হয়তো আগেই পৌঁছেছে", "পৌঁছেছে কি না জিজ্ঞাসা করুন; না পৌঁছালে: reviewctl outbox release {1}"};
constexpr Remedy held_english{
    "held back", "see why, and when it may go: reviewctl outbox release {1}"};
constexpr Remedy held_bengali{
    "আটকে রাখা আছে", "কারণ দেখুন, পাঠানো গেলে: reviewctl outbox release {1}"};
constexpr Remedy paused_english{
    "because the channel is paused", "when it may go on: reviewctl notifier resume {0}"};
constexpr Remedy paused_bengali{
    "চ্যানেলটি থামানো আছে", "চালু করা গেলে: reviewctl notifier resume {0}"};

const Remedy& words_of(WaitingMessages::Why why, const Habits& habits) {
    const bool is_bengali = habits.language == "bn";
    switch (why) {
    case WaitingMessages::Why::uncertain:
        return is_bengali ? uncertain_bengali : uncertain_english;
    case WaitingMessages::Why::paused:
        return is_bengali ? paused_bengali : paused_english;
    case WaitingMessages::Why::held:
        break;
    }
    return is_bengali ? held_bengali : held_english;
}

template <class Group>
std::int64_t deliveries_of(const std::vector<Group>& groups) {
    std::int64_t all = 0;
    for (const Group& group : groups) {
        all += group.deliveries;
    }
    return all;
}

/// What both kinds of groups say.
template <class Group>
Value common_values(const Group& group, const Remedy& words, const Habits& habits) {
    const std::string channel = shown(group.channel);
    // A number to type is never shown in other digits.
    const std::string delivery = std::to_string(group.delivery);
    Value values;
    values.set("channel", channel);
    values.set("count", show_count(group.deliveries, habits));
    values.set("is_one", Value{group.deliveries == 1});
    values.set("people", show_count(group.people, habits));
    values.set("has_people", Value{group.people > 0});
    values.set("is_one_person", Value{group.people == 1});
    values.set("why", std::string{words.what});
    values.set("advice", fmt::format(fmt::runtime(words.advice), channel, delivery));
    values.set("delivery", delivery);
    return values;
}

Value group_values(const UndeliveredGroup& group, const Habits& habits) {
    Value values = common_values(group, words_of(group.reason, habits), habits);
    values.set("is_expired", Value{group.is_expired});
    if (!group.reply.empty()) {
        values.set("reply", cut_to_width(shown(group.reply), reply_columns));
    }
    if (!group.fallback.empty()) {
        values.set("fallback", shown(group.fallback));
    }
    return values;
}

Value waiting_values(const WaitingMessages& group, const OperatorDigest& digest) {
    Value values = common_values(group, words_of(group.why, digest.habits), digest.habits);
    values.set("waits_since", show_date(group.since, digest.today, digest.habits));
    values.set("is_paused", Value{group.why == WaitingMessages::Why::paused});
    if (!group.reason.empty()) {
        values.set("reason", cut_to_width(shown(group.reason), reply_columns));
    }
    return values;
}

std::int64_t accounts_of(const std::vector<OwnerlessAccounts>& groups) {
    std::int64_t all = 0;
    for (const OwnerlessAccounts& group : groups) {
        all += group.accounts;
    }
    return all;
}

Value ownerless_values(const OwnerlessAccounts& group, const Habits& habits) {
    Value values;
    values.set("key", shown(group.key));
    values.set("from", shell_word(group.key, "KEY"));
    if (!group.name.empty()) {
        values.set("name", shown(group.name));
    }
    if (!group.manager.empty()) {
        values.set("manager", shown(group.manager));
    }
    values.set("count", show_count(group.accounts, habits));
    values.set("is_one", Value{group.accounts == 1});
    return values;
}

template <class Group>
std::string channels_of(const std::vector<Group>& groups) {
    std::vector<std::string> names;
    for (const Group& group : groups) {
        const std::string name = shown(group.channel);
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(name);
        }
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

Value values_of(const OperatorDigest& digest) {
    Value values;
    values.set("recipient", shown(digest.recipient));
    values.set("since", show_date(digest.since, digest.today, digest.habits));
    const std::int64_t given_up = deliveries_of(digest.groups);
    values.set("count", show_count(given_up, digest.habits));
    values.set("is_one", Value{given_up == 1});
    values.set("channels", channels_of(digest.groups));
    values.set("has_groups", Value{!digest.groups.empty()});
    Value groups = Value::list();
    for (const UndeliveredGroup& group : digest.groups) {
        groups.push_back(group_values(group, digest.habits));
    }
    values.set("groups", std::move(groups));
    const std::int64_t waiting = deliveries_of(digest.waiting);
    values.set("waiting_count", show_count(waiting, digest.habits));
    values.set("is_one_waiting", Value{waiting == 1});
    values.set("waiting_channels", channels_of(digest.waiting));
    values.set("has_waiting", Value{!digest.waiting.empty()});
    Value held = Value::list();
    for (const WaitingMessages& group : digest.waiting) {
        held.push_back(waiting_values(group, digest));
    }
    values.set("waiting", std::move(held));
    const std::int64_t ownerless = accounts_of(digest.ownerless);
    values.set("ownerless_count", show_count(ownerless, digest.habits));
    values.set("is_one_ownerless", Value{ownerless == 1});
    values.set("has_ownerless", Value{!digest.ownerless.empty()});
    Value nobodys = Value::list();
    for (const OwnerlessAccounts& group : digest.ownerless) {
        nobodys.push_back(ownerless_values(group, digest.habits));
    }
    values.set("ownerless", std::move(nobodys));
    return values;
}

std::string payload_of(const OperatorDigest& digest) {
    json::array groups;
    for (const UndeliveredGroup& group : digest.groups) {
        groups.push_back(json::object{
            {"channel", valid_words(group.channel)},
            {"reason", valid_words(group.reason)},
            {"is_expired", group.is_expired},
            {"deliveries", group.deliveries},
            {"people", group.people},
            {"delivery", group.delivery},
            {"reply", valid_words(group.reply)},
            {"fallback", valid_words(group.fallback)}});
    }
    json::array waiting;
    for (const WaitingMessages& group : digest.waiting) {
        waiting.push_back(json::object{
            {"channel", valid_words(group.channel)},
            {"why", name(group.why)},
            {"deliveries", group.deliveries},
            {"people", group.people},
            {"delivery", group.delivery},
            {"since", to_string(group.since)},
            {"reason", valid_words(group.reason)}});
    }
    json::array ownerless;
    for (const OwnerlessAccounts& group : digest.ownerless) {
        ownerless.push_back(json::object{
            {"key", valid_words(group.key)},
            {"name", valid_words(group.name)},
            {"accounts", group.accounts},
            {"manager", valid_words(group.manager)}});
    }
    return json::serialize(json::object{
        {"version", 1},
        {"kind", "operator"},
        {"id", digest.id},
        {"recipient", valid_words(digest.recipient)},
        {"language", digest.habits.language},
        {"today", to_string(digest.today)},
        {"since", to_string(digest.since)},
        {"deliveries", deliveries_of(digest.groups)},
        {"groups", std::move(groups)},
        {"waiting", std::move(waiting)},
        {"ownerless", std::move(ownerless)}});
}

/// Where a template fails.
std::string plain_words(const OperatorDigest& digest) {
    std::vector<std::string> parts;
    if (!digest.groups.empty()) {
        parts.push_back(fmt::format(
            "Not delivered: {} on {}", deliveries_of(digest.groups), channels_of(digest.groups)
        ));
    }
    if (!digest.waiting.empty()) {
        parts.push_back(fmt::format(
            "Waiting: {} on {}", deliveries_of(digest.waiting), channels_of(digest.waiting)
        ));
    }
    if (!digest.ownerless.empty()) {
        parts.push_back(fmt::format("Without an owner: {} accounts", accounts_of(digest.ownerless))
        );
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

} // namespace

std::string_view name(WaitingMessages::Why why) {
    switch (why) {
    case WaitingMessages::Why::uncertain:
        return "uncertain";
    case WaitingMessages::Why::paused:
        return "paused";
    case WaitingMessages::Why::held:
        break;
    }
    return "held";
}

Value view_of(const OperatorDigest& digest) {
    return values_of(digest);
}

Rendered render(const OperatorDigest& digest, const Templates& templates, Html html) {
    const std::string plain = plain_words(digest);
    return render_parts(
        {"operator",
         digest.habits.language,
         values_of(digest),
         payload_of(digest),
         [&] { return plain; },
         [&] {
             return plain
                    + "\nreviewctl outbox list --state failed\nreviewctl outbox list --state held\n";
         }},
        templates,
        html
    );
}

} // namespace reviewd::message
