// What the file, other connections and the memory may do to a database, and what it does then.
#include "daemon/store/errors.hpp"
#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/read_database.hpp"
#include "daemon/store/reviews.hpp"
#include "daemon/store/transaction.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace reviewd::test::test_trouble {

namespace {

using namespace reviewd;
using namespace reviewd::store;
using namespace reviewd::test;
using rules::Table;

using Bytes = std::vector<char>;

Bytes read_bytes(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

void write_bytes(const std::filesystem::path& file, const Bytes& bytes) {
    std::ofstream out{file, std::ios::binary};
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void flip(Bytes& bytes, std::size_t at) {
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ 0x55);
}

void plan(Database& database, int number, const std::string& channel = "mail") {
    DeliveryPlan delivery;
    delivery.channel = channel;
    delivery.person = PersonId{number};
    delivery.not_before = some_moment;
    const std::vector<ReminderPlan> reminders{
        {ReminderKey{ReviewId{1}, 1, "due", 0, PersonId{number}, channel}, some_day}};
    const Result<void> planned = write(database, [&]() -> Result<void> {
        static_cast<void>(Outbox{database}.plan(delivery, reminders, some_moment));
        return {};
    });
    planned.value();
}

/// One account with an open review.
void prepare(StoreFixture& fixture) {
    fixture.load(
        fixture.source("crm", Table::accounts),
        Table::accounts,
        {account(fixture.schema, "A1", "Account")}
    );
    Review review;
    review.account = AccountId{1};
    review.kind = "periodic";
    review.created = some_moment;
    const auto inserted =
        write(*fixture.database, [&] { return Reviews{*fixture.database}.insert(review); });
    REQUIRE(inserted.has_value());
}

/// A database with a few reviews and deliveries, and pages that nothing uses, as a closed file.
Bytes small_database() {
    StoreFixture fixture;
    prepare(fixture);
    REQUIRE(fixture.try_sql("CREATE TABLE scrap (text TEXT) STRICT").empty());
    REQUIRE(fixture.try_sql("INSERT INTO scrap VALUES (hex(randomblob(20000)))").empty());
    for (int number = 1; number <= 40; ++number) {
        plan(*fixture.database, number);
    }
    REQUIRE(fixture.try_sql("DROP TABLE scrap").empty());
    REQUIRE(fixture.ask("PRAGMA freelist_count") != "0");
    REQUIRE(checkpoint(*fixture.database));
    const std::filesystem::path file = fixture.lock->database_file();
    fixture.database.reset();
    return read_bytes(file);
}

/// Every value of every table but the one that each start writes to.
std::string whole_content(Database& database) {
    Query tables{
        database,
        "SELECT 'SELECT ' || (SELECT group_concat('quote(\"' || name || '\")', '||'',''||')"
        " FROM pragma_table_xinfo(s.name)) || ' FROM ' || s.name FROM sqlite_schema s"
        " WHERE type = 'table' AND s.name NOT LIKE 'sqlite_%' AND s.name <> 'instance'"
        " ORDER BY s.name"};
    std::string content;
    while (tables.step()) {
        const std::string select = tables->text(0);
        for (Query rows{database, select}; rows.step();) {
            content += rows->text(0) + '\n';
        }
    }
    return content;
}

std::size_t page_bytes(const Bytes& file) {
    const auto high = static_cast<unsigned char>(file.at(16));
    const auto low = static_cast<unsigned char>(file.at(17));
    return high * 256U + low;
}

/// What becomes of a database whose files hold these bytes: its content, or "refused".
std::string opened_content(const Bytes& bytes, const Bytes& log = {}) {
    const TemporaryDirectory directory;
    const InstanceLock lock = InstanceLock::acquire(directory.path()).value();
    write_bytes(lock.database_file(), bytes);
    if (!log.empty()) {
        write_bytes(lock.database_file().string() + "-wal", log);
    }
    try {
        Result<std::unique_ptr<Database>> opened = Database::open(lock, OpenMode::existing);
        if (!opened.has_value() || (*opened)->check_integrity() != "ok") {
            return "refused";
        }
        return whole_content(**opened);
    } catch (const StorageLost&) {
        return "refused";
    } catch (const Failure&) {
        return "refused";
    }
}

} // namespace

TEST_CASE("a damaged page is refused or changes nothing", "[store][F7]") {
    const Bytes whole = small_database();
    const std::string content = opened_content(whole);
    REQUIRE(content != "refused");
    const std::size_t page = page_bytes(whole);
    REQUIRE(page >= 512);
    int refused = 0;
    for (std::size_t start = 0; start < whole.size(); start += page) {
        // The header of a page: its kind, its first free block, its cells, where they are.
        for (const std::size_t at : {0U, 3U, 5U, 8U}) {
            CAPTURE(start / page, at);
            Bytes damaged = whole;
            flip(damaged, start + at);
            const std::string found = opened_content(damaged);
            refused += found == "refused" ? 1 : 0;
            CHECK((found == "refused" || found == content));
        }
    }
    CHECK(refused > static_cast<int>(whole.size() / page));
}

TEST_CASE("a damaged frame of the write-ahead log is as if it had not been", "[store][F7]") {
    StoreFixture fixture;
    prepare(fixture);
    plan(*fixture.database, 1);
    REQUIRE(checkpoint(*fixture.database));
    const std::filesystem::path file = fixture.lock->database_file();
    const std::string before = opened_content(read_bytes(file));
    plan(*fixture.database, 2);
    const Bytes main = read_bytes(file);
    const Bytes log = read_bytes(file.string() + "-wal");
    const std::string after = opened_content(main, log);
    REQUIRE(after != "refused");
    REQUIRE(after != before);
    constexpr std::size_t log_header = 32;
    constexpr std::size_t frame_header = 24;
    const std::size_t page = page_bytes(main);
    int frames = 0;
    for (std::size_t frame = log_header; frame < log.size(); frame += frame_header + page) {
        ++frames;
        // Its page's number, its salt, its sum, and the page itself.
        for (const std::size_t at : {std::size_t{3}, std::size_t{8}, std::size_t{16}, page}) {
            CAPTURE(frames, at);
            Bytes damaged = log;
            flip(damaged, frame + at);
            CHECK(opened_content(main, damaged) == before);
        }
    }
    CHECK(frames > 3);
}

TEST_CASE("who finds damage while it works says what to do", "[store][F7]") {
    const TemporaryDirectory directory;
    const InstanceLock lock = InstanceLock::acquire(directory.path()).value();
    Bytes damaged = small_database();
    {
        write_bytes(lock.database_file(), damaged);
        const auto whole = Database::open(lock, OpenMode::existing).value();
        Query root{*whole, "SELECT rootpage FROM sqlite_schema WHERE name = 'deliveries'"};
        REQUIRE(root.step());
        flip(damaged, static_cast<std::size_t>(root->integer(0) - 1) * page_bytes(damaged));
    }
    write_bytes(lock.database_file(), damaged);
    const auto opened = Database::open(lock, OpenMode::existing).value();
    CHECK_THROWS_WITH(whole_content(*opened), contains("`reviewctl restore FILE`"));
    CHECK_THROWS_AS(whole_content(*opened), StorageLost); // and is not used any more
}

TEST_CASE_METHOD(
    StoreFixture, "a long reader holds the log back only for as long as it reads", "[store][F46]"
) {
    prepare(*this);
    const std::filesystem::path log = lock->database_file().string() + "-wal";
    const auto reader = ReadDatabase::open(lock->database_file()).value();
    {
        const Snapshot snapshot{*reader};
        const auto seen = Outbox{*database}.next_housekeeping();
        CHECK_FALSE(seen.has_value());
        Query first{*reader, "SELECT count(*) FROM deliveries"};
        REQUIRE(first.step());
        for (int number = 1; number <= 100; ++number) {
            plan(*database, number);
        }
        CHECK_FALSE(checkpoint(*database));
        CHECK(std::filesystem::file_size(log) > 0);
        Query again{*reader, "SELECT count(*) FROM deliveries WHERE id > 0"};
        REQUIRE(again.step());
        CHECK(again->integer(0) == 0);
    }
    CHECK(checkpoint(*database));
    CHECK(std::filesystem::file_size(log) == 0);
}

TEST_CASE_METHOD(
    StoreFixture,
    "after a long reader the log is used anew by itself, and grows no more",
    "[store][F46]"
) {
    prepare(*this);
    const std::filesystem::path log = lock->database_file().string() + "-wal";
    constexpr std::uintmax_t much = 8U << 20U; // twice of what is kept without a reader
    int number = 0;
    {
        const auto reader = ReadDatabase::open(lock->database_file()).value();
        const Snapshot snapshot{*reader};
        Query first{*reader, "SELECT count(*) FROM deliveries"};
        REQUIRE(first.step());
        while (number < 5000 && std::filesystem::file_size(log) < much) {
            plan(*database, ++number);
        }
    }
    const std::uintmax_t held = std::filesystem::file_size(log);
    REQUIRE(held >= much);
    for (const int last = 2 * number; number < last;) {
        plan(*database, ++number);
    }
    CHECK(std::filesystem::file_size(log) < held + much / 4);
}

TEST_CASE_METHOD(
    StoreFixture, "readers that take turns do not let the log grow for ever", "[store][F46]"
) {
    prepare(*this);
    const std::filesystem::path file = lock->database_file();
    const std::filesystem::path log = file.string() + "-wal";
    std::atomic<bool> is_reading{false};
    std::atomic<bool> is_over{false};
    // One of them always reads, each for three commits; or for a moment when those wait for it.
    std::atomic<int> commits{0};
    std::thread readers{[&] {
        const std::array both{ReadDatabase::open(file).value(), ReadDatabase::open(file).value()};
        std::array<std::unique_ptr<Snapshot>, 2> snapshots;
        for (std::size_t turn = 0; !is_over; ++turn) {
            ReadDatabase& database = *both.at(turn % 2);
            snapshots.at(turn % 2) = std::make_unique<Snapshot>(database);
            {
                Query query{database, "SELECT count(*) FROM deliveries"};
                static_cast<void>(query.step());
            }
            snapshots.at((turn + 1) % 2).reset();
            is_reading = true;
            const int enough = commits + 3;
            const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{20};
            while (commits < enough && !is_over && std::chrono::steady_clock::now() < end) {
                std::this_thread::yield();
            }
        }
    }};
    while (!is_reading) {
        std::this_thread::yield();
    }
    REQUIRE(try_sql("CREATE TABLE filler (id INTEGER PRIMARY KEY, text TEXT)").empty());
    std::uintmax_t largest = 0;
    for (int round = 0; round < 200; ++round) {
        const auto fill = [&]() -> Result<void> {
            Query{
                *database,
                "INSERT INTO filler (id, text) VALUES (1, hex(randomblob(450000)))"
                " ON CONFLICT DO UPDATE SET text = excluded.text"}
                .run();
            return {};
        };
        REQUIRE(write(*database, fill).has_value());
        ++commits;
        largest = std::max(largest, std::filesystem::file_size(log));
    }
    is_over = true;
    readers.join();
    CHECK(largest < 64U << 20U);
}

TEST_CASE_METHOD(StoreFixture, "a database that is busy is tried again, whole", "[store][F47]") {
    prepare(*this);
    REQUIRE(try_sql("PRAGMA busy_timeout = 1").empty());
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(lock->database_file().c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    int tries = 0;
    const auto work = [&]() -> Result<void> {
        ++tries;
        return {};
    };
    const Result<void> refused = write(*database, work);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::try_later);
    CHECK(tries == 0);
    CHECK_FALSE(database->is_in_transaction());
    sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(other);
    CHECK(write(*database, work).has_value());
    CHECK(tries == 1);
    // In the middle of its work: the whole of it runs again.
    tries = 0;
    const Result<void> repeated = write(*database, [&]() -> Result<void> {
        static_cast<void>(Sources{*database}.declare("once", Table::people));
        if (++tries < busy_attempts) {
            throw StorageBusy("somebody holds it");
        }
        return {};
    });
    CHECK(repeated.has_value());
    CHECK(tries == busy_attempts);
    CHECK(ask("SELECT count(*) FROM sources WHERE name = 'once'") == "1");
}

TEST_CASE_METHOD(
    StoreFixture, "memory that runs out anywhere leaves before or after", "[store][F48]"
) {
    prepare(*this);
    const auto restore = sqlite3_hard_heap_limit64(-1);
    int refusals = 0;
    bool is_through = false;
    for (int number = 1; number <= 200 && !is_through; ++number) {
        const int before = std::stoi(ask("SELECT count(*) FROM deliveries"));
        database->implementation().statements.clear();
        sqlite3_db_release_memory(database->implementation().handle());
        sqlite3_hard_heap_limit64(sqlite3_memory_used() + 8'192 * number);
        bool is_lost = false;
        try {
            plan(*database, number, "channel-" + std::to_string(number));
            is_through = true;
        } catch (const StorageLost&) {
            is_lost = true; // the daemon ends and starts again
        } catch (const Failure& refusal) {
            CHECK(refusal.error().code == ErrorCode::try_later);
        } catch (const std::bad_alloc&) {
            is_lost = false;
        }
        sqlite3_hard_heap_limit64(restore);
        CAPTURE(number);
        if (is_lost) {
            restart();
        }
        refusals += is_through ? 0 : 1;
        CHECK_FALSE(database->is_in_transaction());
        const int after = std::stoi(ask("SELECT count(*) FROM deliveries"));
        CHECK((after == before + (is_through ? 1 : 0) || (is_lost && after == before + 1)));
        CHECK(
            ask("SELECT count(*) FROM deliveries d WHERE NOT EXISTS"
                " (SELECT 1 FROM reminders r WHERE r.delivery_id = d.id)")
            == "0"
        );
    }
    CHECK(is_through);
    CHECK(refusals > 3);
    CHECK(database->check_integrity() == "ok");
    plan(*database, 1000);
}

namespace {

/// Closes the open review of the first account and plans the next, as the service does.
void finish_review(Database& database) {
    const Result<void> finished = write(database, [&]() -> Result<void> {
        Reviews reviews{database};
        Review done = reviews.open_of(AccountId{1}).value();
        done.state = ReviewState::done;
        done.held_on = some_day;
        done.closed_at = minute(1);
        reviews.update(done).value();
        reviews.record({done.id, some_moment, "ann", "socket", "done", "{}"});
        static_cast<void>(
            Outbox{database}.cancel_review(done.id, Outbox::Ending::cancelled, "", minute(1))
        );
        Review next;
        next.account = AccountId{1};
        next.kind = "periodic";
        next.created = some_moment;
        static_cast<void>(reviews.insert(next).value());
        return {};
    });
    finished.value();
}

} // namespace

TEST_CASE_METHOD(
    StoreFixture,
    "memory that runs out while a review is finished leaves it open or done",
    "[store][F48]"
) {
    prepare(*this);
    plan(*database, 1);
    const auto unlimited = sqlite3_hard_heap_limit64(-1);
    const std::string history = "SELECT (SELECT count(*) FROM reviews WHERE state = 'done') || ' '"
                                " || (SELECT count(*) FROM review_events) || ' '"
                                " || (SELECT count(*) FROM deliveries WHERE state = 'cancelled')";
    int refusals = 0;
    bool is_through = false;
    for (int number = 1; number <= 200 && !is_through; ++number) {
        CAPTURE(number);
        database->implementation().statements.clear();
        sqlite3_db_release_memory(database->implementation().handle());
        sqlite3_hard_heap_limit64(sqlite3_memory_used() + 8'192 * number);
        bool is_lost = false;
        try {
            finish_review(*database);
            is_through = true;
        } catch (const StorageLost&) {
            is_lost = true;
        } catch (const Failure& refusal) {
            CHECK(refusal.error().code == ErrorCode::try_later);
        } catch (const std::bad_alloc&) {
            is_lost = false;
        }
        sqlite3_hard_heap_limit64(unlimited);
        if (is_lost) {
            restart();
            is_through = ask(history) == "1 1 1"; // its end was not heard of
        }
        refusals += is_through ? 0 : 1;
        CHECK_FALSE(database->is_in_transaction());
        CHECK(ask(history) == (is_through ? "1 1 1" : "0 0 0"));
        CHECK(ask("SELECT count(*) FROM reviews WHERE closed_at_ms IS NULL") == "1");
    }
    CHECK(is_through);
    CHECK(refusals > 1);
    CHECK(database->check_integrity() == "ok");
}

TEST_CASE_METHOD(StoreFixture, "a transaction is undone without any memory", "[store][F48]") {
    prepare(*this);
    plan(*database, 1);
    restart(); // nothing was undone through this connection yet
    plan(*database, 2);
    const auto unlimited = sqlite3_hard_heap_limit64(-1);
    const auto work = [&]() -> Result<void> {
        static_cast<void>(Sources{*database}.declare("lost", Table::people).value());
        sqlite3_hard_heap_limit64(sqlite3_memory_used());
        throw std::bad_alloc();
    };
    CHECK_THROWS_AS(static_cast<void>(write(*database, work)), std::bad_alloc);
    sqlite3_hard_heap_limit64(unlimited);
    CHECK_FALSE(database->is_in_transaction());
    CHECK(ask("SELECT count(*) FROM sources WHERE name = 'lost'") == "0");
    plan(*database, 3);
}

} // namespace reviewd::test::test_trouble
