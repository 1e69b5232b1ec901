#include "daemon/service/occasion_words.hpp"

#include "daemon/service/account_story.hpp"
#include "daemon/service/occasion_follower.hpp"
#include "daemon/service/standing_in.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace reviewd::service {
namespace {

using store::Occasion;

std::string name_of(
    const rules::Trigger* trigger, const Occasion& occasion, const std::string& language
) {
    if (trigger != nullptr && !trigger->because.empty()) {
        return in_language(trigger->because, language);
    }
    return trigger == nullptr || trigger->kind.empty()
               ? occasion.trigger
               : fmt::format("{} ({})", trigger->kind, occasion.trigger);
}

/// What the row is that set off the trigger. Rows with titles have keys that people go by.
std::string about_row(
    const Context& context,
    const rules::TableSchema& schema,
    const Occasion& occasion,
    const std::string& language
) {
    if (occasion.detail.empty()) {
        return occasion.event;
    }
    if (schema.index_of("product") && !schema.index_of("title")) {
        return product_name(context, occasion.detail, language);
    }
    return occasion.event + " " + occasion.detail;
}

/// The texts of a JSON array, sorted.
std::vector<std::string> texts_of(const std::string& reasons) {
    std::vector<std::string> texts;
    boost::system::error_code problem;
    const boost::json::value list = boost::json::parse(reasons, problem);
    if (!problem && list.is_array()) {
        for (const boost::json::value& reason : list.get_array()) {
            texts.push_back(reason.is_string() ? std::string{reason.get_string()} : "");
        }
    }
    std::sort(texts.begin(), texts.end());
    return texts;
}

} // namespace

message::Cause cause_of(
    const Context& context,
    const Occasion& occasion,
    const std::string& language,
    const std::function<std::string(Date)>& show_day
) {
    const rules::RuleSet& rules = context.rules();
    const rules::Trigger* trigger = find_trigger(rules, occasion.trigger);
    const bool has_row = trigger != nullptr && trigger->source.has_value();
    const auto ahead = trigger == nullptr ? std::nullopt : days_of(*trigger, occasion).ahead;
    message::Cause cause;
    cause.what = name_of(trigger, occasion, language);
    cause.about = has_row ? about_row(context, rules.schema[*trigger->source], occasion, language)
                          : occasion.detail;
    cause.day = show_day(ahead.value_or(occasion.happened));
    return cause;
}

std::string reasons_json(const Context& context, std::vector<Occasion> live, PersonId owner) {
    const People& people = *context.people;
    most_urgent_first(context.rules(), people, people.owner(owner), live);
    boost::json::array reasons;
    for (const Occasion& occasion : live) {
        if (is_pending(occasion.state)) {
            const auto show_day = [](Date day) {
                return to_string(day);
            };
            reasons.emplace_back(
                escape_controls(message::cause_text(cause_of(context, occasion, "en", show_day)))
            );
        }
    }
    return boost::json::serialize(reasons);
}

ReasonsChange compare_reasons(const std::string& before, const std::string& after) {
    const std::vector<std::string> old = texts_of(before);
    const std::vector<std::string> now = texts_of(after);
    ReasonsChange change;
    std::set_difference(
        now.begin(), now.end(), old.begin(), old.end(), std::back_inserter(change.come)
    );
    std::set_difference(
        old.begin(), old.end(), now.begin(), now.end(), std::back_inserter(change.ended)
    );
    return change;
}

} // namespace reviewd::service
