#pragma once

#include "daemon/message/answer_page.hpp"
#include "daemon/message/form_mistake.hpp"
#include "daemon/service/context.hpp"
#include "daemon/service/review_desk.hpp"
#include "daemon/store/delivery.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace reviewd::service {

/// How a link stands to its review.
enum class LinkStanding {
    usable,
    closed,
    not_yours,
    expired,
};

/// A page, and the status of HTTP that goes with it.
struct Answer {
    int status = 200;
    message::AnswerPage page;
};

/// What the holder of a link sees and does. The link itself was checked before: the grant is what
/// it says. Changes go through the ReviewDesk with origin "link".
class AnswerDesk {
public:
    AnswerDesk(Context& context, ReviewDesk& reviews) : context_(context), reviews_(reviews) {}

    /// The form, or what there is to say instead. Changes nothing.
    [[nodiscard]] Answer show(const store::LinkGrant& grant, TimePoint now);

    /// Does what the form says, once: a form that was sent before, or that somebody else's change
    /// has overtaken, changes nothing and says so.
    /// @param form its fields by name, each once
    [[nodiscard]] Answer act(
        const store::LinkGrant& grant, const std::map<std::string, std::string>& form, TimePoint now
    );

    /// A page for what is no link of ours, one that is too old, or trouble of our own.
    /// @param language of whom it is for, else one that they are likely to read
    [[nodiscard]] Answer refuse(
        message::AnswerPage::Kind kind, int status, std::string_view language
    ) const;

    /// The language of a person's messages; nothing for nobody.
    [[nodiscard]] std::optional<std::string> language_of(PersonId person) const;

    /// The page as HTML, by the templates in force; their problems become notices.
    [[nodiscard]] std::string html_of(const Answer& answer);

private:
    using Form = std::map<std::string, std::string>;

    [[nodiscard]] LinkStanding standing(
        const store::LinkGrant& grant, const store::Review& review, TimePoint now
    ) const;
    [[nodiscard]] message::AnswerPage page_of(
        const store::Review& review, const PersonProfile& reader, TimePoint now
    );
    void add_form(
        message::AnswerPage& page,
        const store::Review& review,
        const PersonProfile& reader,
        TimePoint now
    );
    [[nodiscard]] std::optional<message::FormMistake> find_mistake(
        const store::LinkGrant& grant, const Form& form, TimePoint now
    ) const;
    [[nodiscard]] Result<store::Review> perform(
        const store::LinkGrant& grant, const Form& form, const Actor& actor, TimePoint now
    );
    [[nodiscard]] Result<store::Review> hold(
        ReviewId review, const Form& form, const Actor& actor, TimePoint now
    );
    [[nodiscard]] Result<store::Review> not_mine(
        ReviewId review, const std::string& note, const Actor& actor, TimePoint now
    );
    /// Nobody is reminded of it for some days.
    void silence(store::Review& review, TimePoint now);
    /// @pre there is one
    void tell_manager(
        const store::Review& review, const std::string& note, const Actor& actor, TimePoint now
    );

    Context& context_;
    ReviewDesk& reviews_;
};

} // namespace reviewd::service
