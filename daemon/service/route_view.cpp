#include "daemon/service/route_view.hpp"

#include "daemon/service/digest_days.hpp"
#include "daemon/service/recipients.hpp"
#include "daemon/service/review_changes.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace reviewd::service {
namespace {

using std::chrono::days;

constexpr int days_ahead_max = 800;

class Player {
public:
    Player(Context& context, const store::Review& review, TimePoint now)
        : context_(context),
          review_(review),
          now_(now),
          owner_(context.people->owner(review.owner)),
          times_(reminder_times(context, review.owner)),
          stepped_(context, review, owner_.today(now)),
          past_(stepped_.past) {}

    std::vector<PlannedSend> run(int limit) {
        const Date today = owner_.today(now_);
        Date day = std::max(today, review_.next_step.value_or(today));
        const Date end = today + days{days_ahead_max};
        int sends = 0;
        while (day <= end && sends < limit) {
            day = owner_.calendar.next_working(day);
            if (has_morning(day)) {
                for (const review::DueStep& step : due(day)) {
                    sends += add(step, day) ? 1 : 0;
                }
            }
            const auto next = review::next_step_day(subject(), times_, owner_.calendar, day);
            day = std::max(next.value_or(end), day) + days{next && *next > day ? 0 : 1};
        }
        return std::move(sends_);
    }

private:
    [[nodiscard]] review::StepSubject subject() const {
        review::StepSubject subject = stepped_.subject;
        subject.past = past_;
        return subject;
    }

    [[nodiscard]] std::vector<review::DueStep> due(Date day) const {
        return review::steps_due(subject(), times_, owner_.calendar, day);
    }

    /// Today's morning may be over.
    [[nodiscard]] bool has_morning(Date day) const {
        return day > owner_.today(now_) || last_digest_day(context_, owner_) != day;
    }

    bool add(const review::DueStep& step, Date day) {
        past_.push_back({step.step, step.repeat, day, step.hearer});
        if (step.hearer == review::Hearer::stand_in && !owner_.is_away(day)) {
            return false; // they are back by then
        }
        const TimePoint morning = std::max(now_, owner_.zone.moment(day, owner_.remind_at));
        PlannedSend send;
        send.step = review::name(step.step);
        send.repeat = step.repeat;
        send.person = recipient_of(context_, review_, {step.step, step.repeat}, day);
        send.at = morning;
        if (send.person != nullptr) {
            send.routing = routing_of(context_, review_, step.step, *send.person);
            const bool is_at_once = send.routing.send == config::Route::Send::at_once;
            const TimePoint begin = std::max(now_, owner_.zone.start_of(day));
            send.at = is_at_once ? review::next_opening(send.person->attention(), begin)
                                 : review::next_morning(send.person->attention(), morning);
        }
        const bool is_sent = send.routing.send != config::Route::Send::never;
        sends_.push_back(std::move(send));
        return is_sent;
    }

    Context& context_;
    const store::Review& review_;
    TimePoint now_;
    const PersonProfile& owner_;
    review::ReminderTimes times_;
    SteppedReview stepped_;
    std::vector<review::PastStep> past_;
    std::vector<PlannedSend> sends_;
};

} // namespace

Result<RouteView> explain_route(
    Context& context, const std::string& account, int limit, TimePoint now
) {
    store::Portfolio portfolio{context.database, context.rules().schema};
    Result<store::Account> found = portfolio.find_account(account);
    if (!found.has_value()) {
        return found.error();
    }
    std::optional<store::Review> review = store::Reviews{context.database}.open_of(found->id);
    if (!review) {
        return fail(
            ErrorCode::not_found, fmt::format("{} has no open review", escape_controls(found->name))
        );
    }
    RouteView view;
    view.next = Player{context, *review, now}.run(limit);
    view.owner = review->owner ? context.people->owner(review->owner).name : std::string{};
    view.account = std::move(*found);
    view.review = std::move(*review);
    return view;
}

} // namespace reviewd::service
