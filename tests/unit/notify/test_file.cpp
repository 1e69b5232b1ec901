#include "daemon/notify/plugins/file/file_notifier.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/notify/samples.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace reviewd::test::test_file {

using reviewd::notify::FileNotifier;
using reviewd::notify::Message;
using reviewd::notify::Outcome;
using reviewd::notify::Reason;
using reviewd::notify::Verdict;
using namespace reviewd::test;

namespace {

struct World {
    Outcome deliver(int number = 1, const Message& message = sample_message()) {
        FileNotifier notifier{path.string()};
        SampleAttempt attempt;
        attempt.number_ = number;
        const Outcome outcome = await(loop, notifier.deliver(message, attempt));
        commits = attempt.commits_;
        return outcome;
    }

    boost::asio::io_context loop{1};
    TemporaryDirectory directory;
    std::filesystem::path path = directory.path() / "out.jsonl";
    int commits = 0;
};

} // namespace

TEST_CASE("a delivery is one line of JSON", "[notify][file]") {
    World world;
    CHECK(world.deliver().verdict == Verdict::accepted);
    const std::string content = read_file(world.path);
    CHECK(content.find('\n') == content.size() - 1);
    const auto line = boost::json::parse(content);
    CHECK(line.at("id") == "d-0193-aa");
    CHECK(line.at("time") == "2026-01-21T09:30:00.123Z");
    CHECK(line.at("attempt") == 1);
    CHECK(line.at("recipient").at("address") == "jo@hartley.test");
    CHECK(line.at("payload").at("type") == "digest");
    CHECK(line.at("reminders").as_array().size() == 2);
    CHECK(
        std::filesystem::status(world.path).permissions()
        == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
    );
}

TEST_CASE("a resend does not double what is there", "[notify][file][F2]") {
    World world;
    CHECK(world.deliver().verdict == Verdict::accepted);
    Message other = sample_message();
    for (int i = 0; i < 40; ++i) {
        other.id = "other-" + std::to_string(i);
        other.text = std::string(100'000, 't') + sample_message().id;
        CHECK(world.deliver(1, other).verdict == Verdict::accepted);
    }
    const auto size = std::filesystem::file_size(world.path);
    CHECK(world.deliver(2).verdict == Verdict::accepted);
    CHECK(world.commits == 0);
    CHECK(std::filesystem::file_size(world.path) == size);
    other.id = "another";
    CHECK(world.deliver(2, other).verdict == Verdict::accepted);
    CHECK(std::filesystem::file_size(world.path) > size);
}

TEST_CASE("a mention inside of a message is not the message", "[notify][file]") {
    World world;
    Message other = sample_message();
    other.id = "other";
    other.text = R"({"id":"d-0193-aa",)";
    CHECK(world.deliver(1, other).verdict == Verdict::accepted);
    CHECK(world.deliver(2).verdict == Verdict::accepted);
    CHECK(world.commits == 1);
}

TEST_CASE("a torn line of a crash stays alone on its line", "[notify][file][F1]") {
    World world;
    world.directory.write("out.jsonl", R"({"id":"d-01)");
    CHECK(world.deliver().verdict == Verdict::accepted);
    const std::string content = read_file(world.path);
    const std::string closed = "{\"id\":\"d-01\"\n";
    CHECK(content.substr(0, closed.size()) == closed);
    CHECK(boost::json::parse(content.substr(closed.size())).at("id") == "d-0193-aa");
}

TEST_CASE("a torn line with the id is no delivery, nor when it was closed", "[notify][file][F1]") {
    World world;
    REQUIRE(world.deliver().verdict == Verdict::accepted);
    const std::string whole = read_file(world.path);
    Message other = sample_message();
    other.id = "other";
    // Behind the id, behind the first closing brace, and before nothing but the line's end.
    for (const std::size_t kept : {whole.find(',') + 1, whole.find('}') + 1, whole.size() - 1}) {
        CAPTURE(kept);
        for (const bool is_closed : {false, true}) {
            world.directory.write("out.jsonl", whole.substr(0, kept));
            if (is_closed && kept < whole.size() - 1) {
                REQUIRE(world.deliver(1, other).verdict == Verdict::accepted);
            }
            CHECK(world.deliver(2).verdict == Verdict::accepted);
            CHECK(world.commits == 1);
            const std::string content = read_file(world.path);
            const std::string last = content.substr(content.rfind('\n', content.size() - 2) + 1);
            CHECK(boost::json::parse(last).at("id") == "d-0193-aa");
            CHECK(world.deliver(3).verdict == Verdict::accepted);
            CHECK(read_file(world.path) == content);
        }
    }
}

TEST_CASE("a line is whole however the reads are cut", "[notify][file][F2]") {
    constexpr std::size_t read_at_once = 1024UL * 1024;
    World world;
    REQUIRE(world.deliver().verdict == Verdict::accepted);
    const std::string whole = read_file(world.path);
    // The border of two reads: before the line, within its id, before its end, behind it.
    for (const std::size_t before :
         {std::size_t{0}, std::size_t{8}, whole.size() - 1, whole.size()}) {
        CAPTURE(before);
        const std::string filler = std::string(read_at_once - before - 1, 'x') + "\n";
        const std::string content = filler + whole + filler;
        world.directory.write("out.jsonl", content);
        CHECK(world.deliver(2).verdict == Verdict::accepted);
        CHECK(world.commits == 0);
        world.commits = 0;
        world.directory.write("out.jsonl", filler + whole.substr(0, whole.size() - 2));
        CHECK(world.deliver(2).verdict == Verdict::accepted);
        CHECK(world.commits == 1);
        world.commits = 0;
    }
}

TEST_CASE("a deep payload is found again", "[notify][file][F2]") {
    World world;
    Message deep = sample_message();
    deep.payload = std::string(32, '[') + std::string(32, ']');
    REQUIRE(world.deliver(1, deep).verdict == Verdict::accepted);
    CHECK(read_file(world.path).find(deep.payload) != std::string::npos);
    CHECK(world.deliver(2, deep).verdict == Verdict::accepted);
    CHECK(world.commits == 0);
}

TEST_CASE("symbolic links, folders and pipes are refused", "[notify][file]") {
    World world;
    std::filesystem::create_symlink(world.directory.write("target", ""), world.path);
    CHECK(world.deliver().verdict == Verdict::misconfigured);
    CHECK(read_file(world.directory.path() / "target").empty());
    std::filesystem::remove(world.path);
    std::filesystem::create_directory(world.path);
    CHECK(world.deliver().verdict == Verdict::misconfigured);
    std::filesystem::remove(world.path);
    CHECK(::mkfifo(world.path.c_str(), 0600) == 0);
    CHECK(world.deliver().verdict == Verdict::misconfigured);
}

TEST_CASE("a file that somebody else has locked is tried again", "[notify][file]") {
    World world;
    world.directory.write("out.jsonl", "");
    const int file = ::open(world.path.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(::flock(file, LOCK_EX) == 0);
    const Outcome outcome = world.deliver();
    CHECK(outcome.verdict == Verdict::temporary);
    CHECK(outcome.reason == Reason::local_io);
    CHECK(world.commits == 0);
    ::close(file);
    CHECK(world.deliver().verdict == Verdict::accepted);
}

TEST_CASE("a slow disk does not hold the loop", "[notify][file][F27]") {
    World world;
    boost::asio::io_context disk{1};
    FileNotifier notifier{
        world.path.string(), FileNotifier::Format::json_lines, disk.get_executor()};
    SampleAttempt attempt;
    const Message message = sample_message();
    std::optional<Outcome> outcome;
    begin(world.loop, notifier, message, attempt, outcome);
    world.loop.poll();
    CHECK_FALSE(std::filesystem::exists(world.path)); // not even opened
    CHECK(disk.poll() > 0);
    CHECK(attempt.commits_ == 0);
    world.loop.poll();
    CHECK(attempt.commits_ == 1);
    CHECK(read_file(world.path).empty());
    CHECK_FALSE(outcome);
    disk.restart();
    CHECK(disk.poll() > 0);
    CHECK_FALSE(read_file(world.path).empty());
    world.loop.poll();
    REQUIRE(outcome);
    CHECK(outcome->verdict == Verdict::accepted);
}

TEST_CASE("a full disk is a temporary failure", "[notify][file][F5]") {
    World world;
    world.path = "/dev/full";
    if (std::filesystem::exists(world.path)) {
        CHECK(world.deliver().verdict == Verdict::misconfigured); // no regular file
    }
}

TEST_CASE("events become rows of CSV, each once, and no formula", "[notify][file][T10]") {
    World world;
    Message event = sample_message();
    event.payload = R"json({"type":"review.done","timestamp":"2026-11-20T10:00:00.000Z",)json"
                    R"json("data":{"account":{"source":"crm","key":"a,1",)json"
                    R"json("name":"=HYPERLINK(\"http://x\")"},"owner":null,)json"
                    R"json("review":{"id":12,"kind":"periodic","due":"2026-11-20",)json"
                    R"json("latest":"2026-12-04"},"held_on":"2026-11-20",)json"
                    R"json("note":"two\nlines","answers":{"satisfaction":9}}})json";
    FileNotifier notifier{world.path.string(), FileNotifier::Format::csv};
    for (int number : {1, 2}) {
        SampleAttempt attempt;
        attempt.number_ = number;
        CHECK(await(world.loop, notifier.deliver(event, attempt)).verdict == Verdict::accepted);
    }
    const std::string text = read_file(world.path);
    std::string page = read_file(REVIEWD_SOURCE_DIR "/systemd/manual/reviewd-messages.5.in");
    std::erase(page, '\n'); // the heading goes over two lines
    CHECK(page.find(text.substr(0, text.find('\n'))) != std::string::npos);
    const std::string row =
        event.id
        + ",review.done,2026-11-20T10:00:00.000Z,crm,\"a,1\",\"'=HYPERLINK(\"\"http://x\"\")\",,12,"
          "periodic,2026-11-20,2026-12-04,2026-11-20,,,,\"{\"\"satisfaction\"\":9}\",\"two lines\"\n";
    CHECK(
        text
        == "id,event,time,account_source,account,account_name,owner,review,kind,due,latest,held_on,"
           "from_level,to_level,points,answers,note\n"
               + row
    );
}

TEST_CASE("a torn row is no delivery, and swallows none", "[notify][file][F1]") {
    World world;
    Message message = sample_message();
    message.subject = "Hartley Print, \"late\"";
    FileNotifier notifier{world.path.string(), FileNotifier::Format::csv};
    const auto deliver = [&](const Message& given, int number) {
        SampleAttempt attempt;
        attempt.number_ = number;
        const Outcome outcome = await(world.loop, notifier.deliver(given, attempt));
        CHECK(outcome.verdict == Verdict::accepted);
        return attempt.commits_;
    };
    REQUIRE(deliver(message, 1) == 1);
    const std::string text = read_file(world.path);
    const std::size_t row = text.find('\n') + 1;
    Message other = message;
    other.id = "other";
    // Behind the id, within the quotes, between two quotation marks that are one.
    for (const std::size_t kept :
         {text.find(',', row) + 1, text.find("Print"), text.find("late\"\"") + 5}) {
        CAPTURE(text.substr(row, kept - row));
        for (const bool is_closed : {false, true}) {
            world.directory.write("out.jsonl", text.substr(0, kept));
            if (is_closed) {
                CHECK(deliver(other, 1) == 1);
            }
            CHECK(deliver(message, 2) == 1);
            const std::string content = read_file(world.path);
            CHECK(content.ends_with("\n" + text.substr(row)));
            const std::string closed = content.substr(row, content.find('\n', row) - row);
            CHECK(std::count(closed.begin(), closed.end(), '"') % 2 == 0);
            CHECK(deliver(message, 3) == 0);
        }
    }
}

} // namespace reviewd::test::test_file
