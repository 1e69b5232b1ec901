#include "daemon/service/occasion_words.hpp"

#include "daemon/service/account_story.hpp"
#include "daemon/service/occasion_follower.hpp"
#include "scoring/base/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

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

std::string reasons_json(const Context& context, const std::vector<Occasion>& live) {
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

std::size_t reason_count(const std::string& reasons) {
    boost::system::error_code error;
    const boost::json::value list = boost::json::parse(reasons, error);
    return error || !list.is_array() ? 0 : list.get_array().size();
}

} // namespace reviewd::service
