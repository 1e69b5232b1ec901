#pragma once

#include "daemon/message/habits.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::message {

/// Why an account stands in a digest; in the order in which a digest shows them.
enum class Section {
    escalated, ///< to a manager: somebody else's review that is long late
    late,      ///< due before today
    today,     ///< due today, or something happened that wants contact now
    invite,    ///< the customer is to be invited now
    week,      ///< due within the next days
};

struct Contact {
    std::string name;
    std::string role;  ///< may be empty
    std::string phone; ///< may be empty
    std::string email; ///< may be empty
};

/// What came last of the account: of a review, of a talk beside reviews, or of a call.
struct LastTalk {
    Date day{};
    /// "done", "missed", "contact", of a failed call "no-answer", "hesitated", "declined", or the
    /// kind that a source gives a talk: "call", "visit", "feedback", "referral"; the reader gets
    /// words for these, and anything else as it is. May be empty.
    std::string outcome;
    std::string note; ///< may be empty, or have several lines
    /// What was promised to the account and is not kept yet, the most pressing first.
    std::vector<std::string> promises;
};

/// A line of the ledger in plain words.
struct Reason {
    rules::Points points = 0;
    std::string text;
};

struct Complaint {
    std::string key;   ///< "T-77"
    std::string title; ///< may be empty
    int open_days = 0;
    std::string fix; ///< may be empty
};

/// What the review's owner and the customer agreed on.
struct Appointment {
    Date day{};
    std::optional<std::chrono::minutes> time; ///< since midnight; absent: the day alone
    std::string zone;                         ///< the owner's, by whose clock day and time are
    bool is_readers_zone = true;              ///< else the zone is named
};

/// What was tried on a late review.
struct Attempt {
    Date day{};
    std::string outcome; ///< as LastTalk has it
};

/// What set off a trigger, or was promised and is due.
struct Cause {
    std::string what;  ///< "complaint" or "promised", in the reader's words
    std::string about; ///< what the data say: "T-77 Paper jams"; may be empty
    std::string day;   ///< as the reader reads it
};

/// "complaint: T-77 Paper jams, 20 Nov".
[[nodiscard]] std::string cause_text(const Cause& cause);

/// One review in a digest. Every text comes from imported data or from people and may be hostile.
struct Item {
    Section section = Section::today;
    std::string reminder_id; ///< permanent key of the reminder
    std::int64_t review_id = 0;
    std::string account_key;
    std::string account;
    std::string level;
    rules::Points score = 0;
    rules::Points base = 0;
    bool is_judged = true;   ///< false: no rule could be judged
    bool is_promise = false; ///< today for what was promised alone: the review is still to come
    Date due{};
    Date latest{};
    std::optional<Appointment> appointment;
    std::vector<Cause> causes; ///< none: the periodic review
    std::optional<Contact> contact;
    std::optional<LastTalk> last;
    std::vector<Reason> reasons; ///< those that matter, most points first; then the rest as one
    std::optional<Complaint> complaint;
    std::vector<std::string> questions;
    std::string offer;
    std::string tip;
    std::string script;     ///< what to say when inviting; may have several lines
    std::string answer_url; ///< empty: no link
    std::string away_owner; ///< in whose place the reader, or `owner`, has it; empty: nobody's
    // For a manager:
    std::string owner; ///< who has the review; empty: the reader
    std::vector<Attempt> attempts;
};

/// Days after the day by which it was to be held; of a contact that is late though the review's own
/// day is still to come (its owner is on leave), after its latest day. 0: not late.
[[nodiscard]] int days_late(const Item& item, Date today);

/// One message to one person.
struct Digest {
    std::string id; ///< permanent key of the message
    std::string recipient;
    Habits habits;
    Date today{};
    std::vector<Item> items;        ///< the most urgent first within each section
    std::size_t full_items = 3;     ///< how many from the top are shown with all details
    std::size_t more_late = 0;      ///< the reader's reviews due before today, beside the items
    std::string first_late;         ///< the most urgent account of these; empty: not to be named
    std::size_t more_this_week = 0; ///< the same of those due today or in the six days after it
    std::string data_as_of;         ///< "06:00" of today, or a day; empty: not shown
    std::vector<std::string> stale; ///< sources whose data is old: "purchases (3 days)"
};

} // namespace reviewd::message
