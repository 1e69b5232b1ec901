#include "daemon/service/call_sheet.hpp"

#include "daemon/message/draft.hpp"
#include "daemon/message/habits.hpp"
#include "daemon/service/occasion_follower.hpp"
#include "daemon/service/occasion_words.hpp"
#include "daemon/service/standing_in.hpp"
#include "scoring/base/text.hpp"

#include <algorithm>
#include <map>

namespace reviewd::service {
namespace {

constexpr int value_points_shown = 3;
constexpr int contacts_shown = 5;
constexpr std::string_view value_topic = "value";

class SheetMaker {
public:
    SheetMaker(const Context& context, const store::Review& review, const PersonProfile& reader)
        : context_(context),
          review_(review),
          reader_(reader),
          portfolio_(context.database, context.rules().schema) {}

    [[nodiscard]] std::vector<OccasionLine> occasions(Date today) {
        const message::Habits habits = message::habits_of(reader_.language, *context_.templates);
        std::vector<OccasionLine> lines;
        const People& people = *context_.people;
        const PersonProfile& owner = people.owner(review_.owner);
        auto known = store::Occasions{context_.database}.history(review_.account);
        most_urgent_first(context_.rules(), people, owner, known);
        for (const store::Occasion& occasion : known) {
            if (!is_pending(occasion.state)) {
                continue;
            }
            OccasionLine line;
            line.trigger = occasion.trigger;
            const auto show_day = [&](Date day) {
                return message::show_date(day, today, habits);
            };
            line.text =
                message::cause_text(cause_of(context_, occasion, reader_.language, show_day));
            line.state = name(occasion.state);
            line.happened = occasion.happened;
            line.noticed = occasion.noticed;
            if (const rules::Trigger* trigger = find_trigger(context_.rules(), occasion.trigger)) {
                line.kind = trigger->kind;
                if (occasion.state == store::OccasionState::open
                    || is_put_off(owner, review_, occasion)) {
                    line.contact_by = contact_window(people, owner, *trigger, occasion).latest;
                }
            }
            lines.push_back(std::move(line));
        }
        return lines;
    }

    /// Of customers of the same segment and size; when nobody of them has said a thing, of those
    /// that are alike in one.
    [[nodiscard]] std::vector<store::Outcomes::ValuePoint> value_points() {
        using Likeness = store::Outcomes::Likeness;
        for (const Likeness likeness :
             {Likeness::segment_and_size, Likeness::segment, Likeness::size}) {
            auto points = value_points(likeness);
            if (!points.empty()) {
                return points;
            }
        }
        return {};
    }

    [[nodiscard]] std::vector<SubsidiaryLine> subsidiaries() {
        std::vector<SubsidiaryLine> lines;
        store::Reviews reviews{context_.database};
        for (const store::Account& account : portfolio_.subsidiaries(review_.account)) {
            const auto open = reviews.open_of(account.id);
            lines.push_back(
                {account.key, account.name, open ? std::optional{open->due} : std::nullopt}
            );
        }
        return lines;
    }

    /// In the contact's language, else the account's, else the owner's; all of it in one for which
    /// there is a draft.
    [[nodiscard]] std::optional<Draft> draft() {
        const config::Agenda& agenda = *context_.configuration.agenda;
        const auto contacts = portfolio_.contacts(review_.account);
        if (agenda.draft.empty() || contacts.empty()) {
            return std::nullopt;
        }
        const store::Contact& contact = contacts.front();
        const auto account = portfolio_.account(review_.account);
        std::string language = contact.language;
        if (language.empty() && account) {
            language = account->language;
        }
        if (language.empty()) {
            language = reader_.language;
        }
        language = language_for(agenda.draft, language);
        std::map<std::string, std::string> values;
        values["contact"] = escape_controls(contact.name);
        values["owner"] = escape_controls(reader_.name);
        values["company"] = escape_controls(context_.settings().company.name);
        values["invitation"] = in_language(agenda.invitation, language);
        values["free_review"] = in_language(agenda.free_review, language);
        const auto filled = [&](const rules::Texts& texts) {
            const Result<std::string> text =
                message::fill_draft(in_language(texts, language), values);
            return text.has_value() ? *text : std::string{};
        };
        return Draft{contact.email, filled(agenda.draft_subject), filled(agenda.draft)};
    }

private:
    [[nodiscard]] std::vector<store::Outcomes::ValuePoint> value_points(
        store::Outcomes::Likeness likeness
    ) {
        std::vector<store::Outcomes::ValuePoint> points;
        store::Outcomes outcomes{context_.database};
        for (const config::Question& question : context_.configuration.agenda->questions) {
            if (question.topic == value_topic && points.size() < value_points_shown) {
                auto found = outcomes.value_points(
                    question.id, review_.account, likeness, value_points_shown
                );
                points.insert(points.end(), found.begin(), found.end());
            }
        }
        return points;
    }

    const Context& context_;
    const store::Review& review_;
    const PersonProfile& reader_;
    store::Portfolio portfolio_;
};

} // namespace

namespace {

/// What the account owns, what of it ages, and the contracts of it.
void add_property(
    CallSheet& sheet,
    const Storyteller& stories,
    const AccountStory& story,
    const std::string& language
) {
    for (const OwnedProduct& one : stories.owned(story)) {
        sheet.owned.push_back({one.product, stories.product_name(one.product, language), one.bought}
        );
    }
    for (const Contract& contract : story.contracts) {
        const std::string& product = contract.product;
        sheet.contracts.push_back(
            {contract, product.empty() ? product : stories.product_name(product, language)}
        );
    }
    for (const AgeingProduct& product : stories.ageing_products(story)) {
        const bool is_due = product.need == AgeingProduct::Need::replacement;
        sheet.ageing.push_back(
            {product.product,
             stories.product_name(product.product, language),
             is_due ? "replacement" : "maintenance",
             product.bought,
             product.end}
        );
    }
}

} // namespace

CallSheet make_call_sheet(
    const Context& context,
    const Storyteller& stories,
    const AccountStory* story,
    const store::Review& review,
    const PersonProfile& reader
) {
    SheetMaker maker{context, review, reader};
    CallSheet sheet;
    sheet.occasions = maker.occasions(stories.portfolio().as_of);
    if (story != nullptr) {
        sheet.missing = stories.missing_facts(*story);
        sheet.known_problems = stories.known_problems(*story, reader.language);
        add_property(sheet, stories, *story, reader.language);
    }
    sheet.value_points = maker.value_points();
    sheet.parent = store::parent_of(context.database, review.account);
    sheet.subsidiaries = maker.subsidiaries();
    sheet.contacts_logged =
        store::Outcomes{context.database}.contacts(review.account, contacts_shown);
    if (story != nullptr) {
        sheet.last_talk = stories.newest_talk(*story);
    } else if (!sheet.contacts_logged.empty()) {
        const store::LoggedContact& noted = sheet.contacts_logged.front();
        sheet.last_talk = Talk{noted.day, "contact", noted.who, noted.note};
    }
    sheet.draft = maker.draft();
    return sheet;
}

} // namespace reviewd::service
