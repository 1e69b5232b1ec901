#include "daemon/message/sample.hpp"

#include "daemon/message/answer_page.hpp"
#include "daemon/message/operator_digest.hpp"
#include "daemon/message/render.hpp"
#include "daemon/message/view.hpp"
#include "daemon/message/weekly_report.hpp"

#include <algorithm>
#include <set>

namespace reviewd::message {
namespace {

using namespace std::chrono_literals;

constexpr Date sample_day{std::chrono::year_month_day{2026y / 11 / 29}};
constexpr rules::Points one_point = rules::points_scale;

Item sample_item(Section section, int number) {
    Item item;
    item.section = section;
    item.reminder_id = "12/1/overdue/1/5/mail";
    item.review_id = number;
    item.account_key = "hartley";
    item.account = "Hartley Print";
    item.level = "high";
    item.score = 73 * one_point;
    item.base = 20 * one_point;
    item.due = sample_day - std::chrono::days{2};
    item.latest = sample_day + std::chrono::days{5};
    item.appointment = Appointment{item.due, 16h + 30min, "Europe/London", false};
    item.causes = {{"renewal", "", "15 Jan"}, {"complaint", "T-77 Paper jams", "20 Nov"}};
    item.contact = Contact{"Jo Hartley", "purchasing", "+44 20 7946 0123", "jo@example.com"};
    item.last = LastTalk{sample_day - std::chrono::days{44}, "done", "", {"A3 feeder prices"}};
    item.reasons = {
        {45 * one_point, "owns 2, EUR 42,000 left to spend"},
        {-8 * one_point, "no visit for a year"}};
    item.complaint = Complaint{"T-77", "Paper jams", 1, "roller kit"};
    item.questions = {"How easy was it to get help?", "What else should it do for you?"};
    item.offer = "Maintenance contract";
    item.tip = "duplex presets";
    item.script = "May we come by?\nIt takes half an hour.";
    item.answer_url = "https://reviews.example/a/7Kd2";
    item.owner = section == Section::escalated ? "Kim Roe" : "";
    item.attempts = {{sample_day - std::chrono::days{1}, "no-answer"}};
    return item;
}

WeeklyReport sample_report(const std::string& language) {
    WeeklyReport report;
    report.id = "sample";
    report.recipient = "Karim Haddad";
    report.habits = habits_of(language);
    report.today = sample_day;
    report.from = sample_day - std::chrono::days{7};
    report.until = sample_day - std::chrono::days{1};
    report.team = {{"Sam Reed", 12, 3, 1, 1, 5, 12}, {"Kim Roe", 8, 1, 0, 0, 9, 6}};
    report.overdue = {
        {"Hartley Print",
         "Sam Reed",
         "high",
         sample_day - std::chrono::days{7},
         sample_day + std::chrono::days{4}}};
    report.moves = {{"Orbis Dental", "Kim Roe", "medium", "high", true, sample_day}};
    report.overdue_count = 2;
    report.move_count = 2;
    report.data_as_of = "06:00";
    report.stale = {"purchases (3 days)"};
    return report;
}

OperatorDigest sample_operator_digest(const std::string& language) {
    OperatorDigest digest;
    digest.id = "sample";
    digest.recipient = "Ruth Okafor";
    digest.habits = habits_of(language);
    digest.today = sample_day;
    digest.since = sample_day - std::chrono::days{1};
    digest.groups = {
        {"mail", "rejected", false, 3, 2, 12, "550 no such user", "chat"},
        {"crm", "timeout", true, 1, 0, 14, "", ""}};
    using Why = WaitingMessages::Why;
    digest.waiting = {
        {"chat", Why::uncertain, 1, 1, 15, sample_day, ""},
        {"mail", Why::held, 2, 2, 16, sample_day - std::chrono::days{3}, ""},
        {"crm", Why::paused, 4, 0, 18, sample_day - std::chrono::days{2}, "paused by ruth"}};
    digest.ownerless = {{"mei", "Mei Lin", 47, "Kim Roe"}, {"omar", "", 1, ""}};
    return digest;
}

Notice sample_notice(const std::string& language) {
    Notice notice;
    notice.habits.language = language;
    notice.today = sample_day;
    notice.what = "not-mine";
    notice.account = "Hartley Print";
    notice.owner = "Sam Reed";
    notice.note = "ask Kim";
    notice.quiet_until = sample_day + std::chrono::days{5};
    return notice;
}

Invitation sample_invitation(const std::string& language) {
    Invitation invitation;
    invitation.habits.language = language;
    invitation.recipient = "Sam Reed";
    invitation.summary = "Review: Hartley Print";
    invitation.when = "27 Nov 10:30";
    invitation.contact = "Jo Hartley";
    invitation.other = "Kim Roe";
    return invitation;
}

AnswerPage sample_page(const std::string& language, AnswerPage::Kind kind) {
    AnswerPage page;
    page.kind = kind;
    page.habits = habits_of(language);
    page.today = sample_day;
    page.owners_today = sample_day;
    page.company = "Marlow";
    page.item = sample_item(Section::late, 12);
    page.version = 3;
    using FieldKind = AnswerField::Kind;
    page.fields = {
        {"satisfaction", "How content are you?", FieldKind::scale, true, "8"},
        {"recommend", "Would you tell a friend?", FieldKind::yes_no, false, "yes"},
        {"needs", "What else?", FieldKind::text, false, "a tray"}};
    page.promises = {{7, "A3 feeder prices", sample_day, sample_day + std::chrono::days{2}, true}};
    page.snoozes = {sample_day + std::chrono::days{1}};
    page.changed_what = event_text("attempt", sample_day, sample_day, page.habits);
    page.problem = "Choose the new day.";
    page.free_review = "It is free.";
    page.manager = "Karim Haddad";
    page.is_owners = true;
    page.action = "done";
    page.next_day = sample_day + std::chrono::days{30};
    return page;
}

} // namespace

Digest sample_digest(const std::string& language) {
    Digest digest;
    digest.id = "sample";
    digest.recipient = "Sam Reed";
    digest.habits = habits_of(language);
    digest.today = sample_day;
    int number = 0;
    for (const Section section :
         {Section::escalated, Section::late, Section::today, Section::invite, Section::week}) {
        digest.items.push_back(sample_item(section, ++number));
    }
    digest.full_items = digest.items.size();
    digest.more_late = 2;
    digest.first_late = "Orbis Dental";
    digest.more_this_week = 4;
    digest.data_as_of = "06:00";
    digest.stale = {"purchases (3 days)"};
    return digest;
}

std::map<std::string, Value> sample_views() {
    return {
        {"digest", view_of(sample_digest("en"))},
        {"week", view_of(sample_report("en"))},
        {"operator", view_of(sample_operator_digest("en"))},
        {"notice", view_of(sample_notice("en"))},
        {"invitation", view_of(sample_invitation("en"))},
        {"answer", view_of(sample_page("en", AnswerPage::Kind::form))}};
}

std::vector<std::string> check_templates(const Templates& templates) {
    std::vector<std::string> problems;
    const auto take = [&](const Rendered& rendered) {
        problems.insert(problems.end(), rendered.problems.begin(), rendered.problems.end());
    };
    for (const std::string& language : templates.languages()) {
        // Habits of a language that is not known are English; its templates are found by its name.
        Digest digest = sample_digest(language);
        digest.habits.language = language;
        take(render(digest, templates));
        WeeklyReport report = sample_report(language);
        report.habits.language = language;
        take(render(report, templates));
        OperatorDigest undelivered = sample_operator_digest(language);
        undelivered.habits.language = language;
        take(render(undelivered, templates));
        take(render(sample_notice(language), templates));
        take(render(sample_invitation(language), templates));
        for (const AnswerPage::Kind kind : {AnswerPage::Kind::form, AnswerPage::Kind::recorded}) {
            AnswerPage page = sample_page(language, kind);
            page.habits.language = language;
            static_cast<void>(render_page(page, templates, problems));
        }
    }
    std::sort(problems.begin(), problems.end());
    problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
    return problems;
}

} // namespace reviewd::message
