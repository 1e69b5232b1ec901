#include "tests/unit/message/golden.hpp"

#include "tests/support/files.hpp"

#include <filesystem>
#include <fstream>

namespace reviewd::test {

using message::Item;
using message::Section;

namespace {

Date day(const char* text) {
    return parse_date(text).value();
}

Item hartley() {
    Item item;
    item.section = Section::late;
    item.reminder_id = "r-1001-1-day-0-sam";
    item.review_id = 12;
    item.account_key = "1001";
    item.account = "Hartley Print";
    item.level = "high";
    item.score = 73'000;
    item.base = 20'000;
    item.due = day("2026-11-25");
    item.latest = day("2026-11-27");
    item.contact = message::Contact{"Jo Hartley", "purchasing", "+44 20 7946 0123", ""};
    item.last = message::LastTalk{day("2026-10-16"), "done", "", {"A3 feeder prices"}};
    item.reasons = {{45'000, "owns 2, EUR 42,000 left to spend"}, {8'000, "two referrals"}};
    item.complaint = message::Complaint{"T-77", "", 1, "roller kit"};
    item.questions = {
        "How easy was it to get help?",
        "What else should it do for you?",
        "When you bought it, who else did you consider?"};
    item.offer = "Maintenance contract";
    item.tip = "duplex presets";
    item.answer_url = "https://reviews.example/a/7Kd2";
    return item;
}

Item orbis() {
    Item item;
    item.section = Section::today;
    item.reminder_id = "r-1002-1-day-0-sam";
    item.review_id = 13;
    item.account_key = "1002";
    item.account = "Orbis Dental";
    item.level = "medium";
    item.score = 44'000;
    item.base = 20'000;
    item.due = day("2026-11-27");
    item.latest = day("2026-12-11");
    item.causes = {{"renewal", "", "15 Jan"}};
    item.answer_url = "https://reviews.example/a/8Qf5";
    return item;
}

} // namespace

message::Digest target_digest() {
    message::Digest digest;
    digest.id = "m-1";
    digest.recipient = "Sam Reed";
    digest.today = day("2026-11-27");
    digest.items = {hartley(), orbis()};
    digest.full_items = 1;
    digest.more_this_week = 4;
    digest.data_as_of = "06:00";
    return digest;
}

message::Digest manager_digest() {
    message::Digest digest = target_digest();
    digest.recipient = "Kim Roe";
    digest.full_items = 2;
    digest.more_this_week = 0;
    digest.stale = {"purchases (3 days)", "tickets (1 day)"};
    digest.items[0].section = Section::escalated;
    digest.items[0].owner = "Sam Reed";
    digest.items[0].due = day("2026-11-20");
    digest.items[0].attempts = {{day("2026-11-23"), "no-answer"}, {day("2026-11-25"), "hesitated"}};
    digest.items[0].complaint.reset();
    digest.items[0].questions.clear();
    digest.items[0].answer_url.clear();
    digest.items[0].last->day = day("2026-11-25");
    digest.items[0].last->outcome = "hesitated";
    digest.items[1].section = Section::escalated;
    digest.items[1].owner = "Ida Holm";
    digest.items[1].due = day("2025-12-30");
    digest.items[1].causes.clear();
    digest.items[1].is_judged = false;
    digest.items[1].tip = "duplex presets";
    Item third = orbis();
    third.section = Section::invite;
    third.account = "Third Dental";
    third.due = day("2026-12-11");
    third.contact = message::Contact{"Ana Third", "", "+44 20 7946 0199", ""};
    digest.items.push_back(third);
    return digest;
}

message::AnswerPage form_page() {
    using Kind = message::AnswerField::Kind;
    message::AnswerPage page;
    page.kind = message::AnswerPage::Kind::form;
    page.today = page.owners_today = day("2026-11-27");
    page.company = "Marlow";
    page.item = hartley();
    page.item->appointment =
        message::Appointment{page.today, std::chrono::minutes{16 * 60 + 30}, "Europe/London"};
    page.version = 3;
    page.fields = {
        {"satisfaction", "How content are you?", Kind::scale, true, ""},
        {"recommend", "Would you tell a friend?", Kind::yes_no, false, ""},
        {"needs", "What else should it do for you?", Kind::text, false, ""}};
    page.promises = {
        {7, "A3 feeder prices", day("2026-10-16"), day("2026-12-01")},
        {4, "Ask the workshop whether the roller kit fits the older model", day("2025-11-20"), {}}};
    page.snoozes = {day("2026-11-30"), day("2026-12-02")};
    page.free_review = "It is free for a valued customer.";
    page.is_owners = true;
    page.manager = "Karim Haddad";
    return page;
}

bool is_golden(const std::string& name, const std::string& text) {
    const std::filesystem::path golden = source_path("tests/data/message/" + name);
    if (std::filesystem::exists(golden) && read_file(golden) == text) {
        return true;
    }
    const std::filesystem::path folder = std::filesystem::path{REVIEWD_BINARY_DIR} / "message";
    std::filesystem::create_directories(folder);
    std::ofstream{folder / name, std::ios::binary} << text;
    return false;
}

} // namespace reviewd::test
