#include "daemon/store/outcomes.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/internal/json_text.hpp"
#include "daemon/store/internal/values.hpp"
#include "scoring/base/assert.hpp"

#include <fmt/format.h>

#include <array>

namespace reviewd::store {
namespace {

std::string to_json(const cel::Value& value) {
    std::string json;
    if (const auto* truth = value.get_if<bool>()) {
        json = *truth ? "true" : "false";
    } else if (const auto* integer = value.get_if<std::int64_t>()) {
        append_json(json, Field{*integer});
    } else if (const auto* number = value.get_if<double>()) {
        append_json(json, Field{*number});
        // "5" would come back as an integer.
        if (json.find_first_of(".e") == std::string::npos) {
            json += ".0";
        }
    } else if (const auto* text = value.get_if<std::string>()) {
        append_json(json, std::string_view{*text});
    } else {
        REVIEWD_ASSERT(value.is_null());
        json = "null";
    }
    return json;
}

std::vector<engine::Answer> read_answers(Query& query) {
    std::vector<engine::Answer> answers;
    while (query.step()) {
        answers.push_back({query->text(0), read_answer(query->text_view(1)), query->date(2)});
    }
    return answers;
}

std::vector<Outcomes::ContactDay> read_days(Query& query) {
    std::vector<Outcomes::ContactDay> days;
    while (query.step()) {
        days.push_back({query->id<AccountId>(0), query->date(1), query->date(2)});
    }
    return days;
}

std::vector<Promise> read_promises(Query& query) {
    std::vector<Promise> promises;
    while (query.step()) {
        promises.push_back(Promise{
            query->integer(0),
            query->id<ReviewId>(1),
            query->id<AccountId>(2),
            query->text(3),
            query->optional_date(4),
            query->optional_date(5),
            query->date(6)});
    }
    return promises;
}

} // namespace

void Outcomes::add_answer(ReviewId review, AccountId account, const engine::Answer& answer) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO answers (review_id, account_id, question, answer, day)"
        " VALUES (?1, ?2, ?3, ?4, ?5)"}
        .bind(review, account, answer.question, to_json(answer.value), answer.day)
        .run();
}

std::vector<engine::Answer> Outcomes::answers(AccountId account) {
    Query query{
        connection_,
        "SELECT question, answer, day FROM answers"
        " WHERE account_id = ?1 ORDER BY day DESC, id DESC"};
    query.bind(account);
    return read_answers(query);
}

std::vector<engine::Answer> Outcomes::answers(ReviewId review) {
    Query query{
        connection_,
        "SELECT question, answer, day FROM answers"
        " WHERE review_id = ?1 ORDER BY id"};
    query.bind(review);
    return read_answers(query);
}

void Outcomes::add_attempt(const ContactAttempt& attempt) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO contact_attempts (review_id, day, result, who, note)"
        " VALUES (?1, ?2, ?3, ?4, ?5)"}
        .bind(attempt.review, attempt.day, attempt.result, attempt.who, attempt.note)
        .run();
}

std::vector<ContactAttempt> Outcomes::attempts(ReviewId review) {
    std::vector<ContactAttempt> attempts;
    Query query{
        connection_,
        "SELECT review_id, day, result, who, note FROM contact_attempts WHERE review_id = ?1"
        " ORDER BY id"};
    query.bind(review);
    while (query.step()) {
        attempts.push_back(
            {query->id<ReviewId>(0), query->date(1), query->text(2), query->text(3), query->text(4)}
        );
    }
    return attempts;
}

std::int64_t Outcomes::add_promise(const Promise& promise) {
    require_transaction(connection_);
    Query query{
        connection_,
        "INSERT INTO promises (review_id, account_id, promise, due, kept_on, made_on)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
    query.bind(
        promise.review, promise.account, promise.text, promise.due, promise.kept_on, promise.made_on
    );
    return query.insert();
}

void Outcomes::keep_promise(std::int64_t promise, Date day, ReviewId in) {
    require_transaction(connection_);
    Query{connection_, "UPDATE promises SET kept_on = ?2, kept_in = ?3 WHERE id = ?1"}
        .bind(promise, day, in)
        .run();
}

Outcomes::TakenBack Outcomes::take_back(ReviewId review) {
    require_transaction(connection_);
    const auto texts = [&](std::string_view sql) {
        std::vector<std::string> found;
        Query query{connection_, sql};
        query.bind(review);
        while (query.step()) {
            found.push_back(query->text(0));
        }
        return found;
    };
    return {
        texts("DELETE FROM answers WHERE review_id = ?1 RETURNING question || ': ' || answer"),
        texts("DELETE FROM promises WHERE review_id = ?1 RETURNING promise"),
        texts("UPDATE promises SET kept_on = NULL, kept_in = NULL WHERE kept_in = ?1"
              " RETURNING promise")};
}

std::optional<Promise> Outcomes::promise(std::int64_t id) {
    Query query{
        connection_,
        "SELECT id, review_id, account_id, promise, due, kept_on, made_on FROM promises"
        " WHERE id = ?1"};
    query.bind(id);
    std::vector<Promise> found = read_promises(query);
    return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
}

std::vector<Promise> Outcomes::open_promises(AccountId account) {
    Query query{
        connection_,
        "SELECT id, review_id, account_id, promise, due, kept_on, made_on FROM promises"
        " WHERE account_id = ?1 AND kept_on IS NULL ORDER BY made_on DESC, id DESC"};
    query.bind(account);
    return read_promises(query);
}

std::vector<Promise> Outcomes::promises_due(std::optional<PersonId> owner, Date until) {
    const std::string sql = fmt::format(
        "SELECT p.id, p.review_id, p.account_id, p.promise, p.due, p.kept_on, p.made_on"
        " FROM promises AS p JOIN accounts AS a ON a.id = p.account_id AND a.retired IS NULL{}"
        " WHERE p.kept_on IS NULL AND p.due IS NOT NULL AND p.due <= ?1 ORDER BY p.due, p.id",
        owner ? " AND a.owner_id IS ?2" : ""
    );
    Query query{connection_, sql};
    query->bind(1, until);
    if (owner) {
        query->bind(2, *owner);
    }
    return read_promises(query);
}

std::vector<Outcomes::ValuePoint> Outcomes::value_points(
    std::string_view question, AccountId account, Likeness likeness, int limit
) {
    const auto select = [](std::string_view alike) {
        return fmt::format(
            "SELECT a.name, json_extract(w.answer, '$'), w.day FROM answers AS w"
            " CROSS JOIN accounts AS mine ON mine.id = ?2 CROSS JOIN accounts AS a"
            " ON a.id = w.account_id AND a.id <> mine.id AND {}"
            " WHERE w.question = ?1 AND json_type(w.answer) = 'text'"
            " ORDER BY w.day DESC, w.id DESC LIMIT ?3",
            alike
        );
    };
    static const std::array statements{
        select("a.segment IS mine.segment AND a.size IS mine.size"),
        select("a.segment = mine.segment"),
        select("a.size = mine.size")};
    std::vector<ValuePoint> points;
    Query query{connection_, statements.at(static_cast<std::size_t>(likeness))};
    query.bind(question, account, limit);
    while (query.step()) {
        points.push_back({query->text(0), query->text(1), query->date(2), likeness});
    }
    return points;
}

void Outcomes::add_contact(const LoggedContact& contact) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO logged_contacts (account_id, day, recorded, who, note)"
        " VALUES (?1, ?2, ?3, ?4, ?5)"}
        .bind(contact.account, contact.day, contact.recorded, contact.who, contact.note)
        .run();
}

std::vector<LoggedContact> Outcomes::contacts(AccountId account, int limit) {
    std::vector<LoggedContact> contacts;
    Query query{
        connection_,
        "SELECT account_id, day, recorded, who, note FROM logged_contacts WHERE account_id = ?1"
        " ORDER BY day DESC, id DESC LIMIT ?2"};
    query.bind(account, limit);
    while (query.step()) {
        contacts.push_back(
            {query->id<AccountId>(0),
             query->date(1),
             query->date(2),
             query->text(3),
             query->text(4)}
        );
    }
    return contacts;
}

std::vector<Outcomes::ContactDay> Outcomes::contact_days(AccountId first, AccountId last) {
    Query query{
        connection_,
        "SELECT account_id, day, recorded FROM logged_contacts WHERE account_id BETWEEN ?1 AND ?2"
        " ORDER BY account_id, day"};
    query.bind(first.value, last.value);
    return read_days(query);
}

std::vector<Outcomes::InteractionDays> Outcomes::interactions(
    AccountId first, AccountId last, Date today
) {
    std::vector<InteractionDays> interactions;
    Query query{
        connection_,
        "SELECT i.account_id, max(i.date) FILTER (WHERE i.date <= ?3), max(i.date) > ?3"
        " FROM interactions AS i JOIN sources AS s"
        " ON s.id = i.source_id AND i.generation <= s.generation"
        " WHERE i.account_id BETWEEN ?1 AND ?2 AND i.retired IS NULL GROUP BY i.account_id"};
    query.bind(first.value, last.value, today);
    while (query.step()) {
        interactions.push_back(
            {query->id<AccountId>(0), query->optional_date(1), query->integer(2) != 0}
        );
    }
    return interactions;
}

} // namespace reviewd::store
