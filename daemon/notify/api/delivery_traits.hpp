#pragma once

namespace reviewd::notify {

/// What the outbox has to know of a channel beyond its verdicts.
struct DeliveryTraits {
    /// When a deferred delivery is tried again: as mail servers do (ever more rarely, from minutes
    /// to an hour), or as Standard Webhooks says (from seconds to a day).
    enum class Schedule { mail, webhook } schedule = Schedule::mail;
    /// What follows when nobody knows whether the message was taken.
    enum class WhenUncertain {
        resend,      ///< the receiver can recognise the repetition
        resend_once, ///< then hold it: a person decides
        hold,
        accept, ///< a repetition would only confuse
    } when_uncertain = WhenUncertain::resend;
    int per_minute = 0; ///< what the endpoint takes; 0: no known rate
    /// Whether its messages count against what people may get in a day.
    enum class Limits { apply, none } limits = Limits::apply;
};

} // namespace reviewd::notify
