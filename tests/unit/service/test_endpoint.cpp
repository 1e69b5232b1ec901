// The pure parts of sending: how hard an endpoint is used, and how much people get.
#include "daemon/service/endpoint_gate.hpp"
#include "daemon/service/send_budget.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <vector>

namespace reviewd::test::test_endpoint {

using namespace reviewd;
using namespace reviewd::service;
using namespace std::chrono_literals;
using notify::Outcome;
using notify::Reason;
using notify::Verdict;

namespace {

constexpr TimePoint start{std::chrono::hours{500'000}};

Outcome outcome(Verdict verdict, Reason reason = Reason::none, int code = 0) {
    Outcome made;
    made.verdict = verdict;
    made.reason = reason;
    made.code = code;
    return made;
}

const Outcome accepted = outcome(Verdict::accepted);
const Outcome nobody_there = outcome(Verdict::temporary, Reason::connect);

} // namespace

TEST_CASE("an endpoint is used by one delivery first, then by more", "[service][gate]") {
    EndpointGate gate;
    CHECK(gate.room(start, 0, 8) == 1);
    CHECK(gate.room(start, 1, 8) == 0);
    for (int i = 0; i < 3; ++i) {
        gate.claimed(1, start);
        gate.ended(accepted, start);
    }
    CHECK(gate.room(start, 0, 8) == 4);
    CHECK(gate.room(start, 3, 8) == 1);
    CHECK(gate.room(start, 0, 2) == 2);
    gate.ended(nobody_there, start);
    CHECK(gate.room(start, 0, 8) == 2);
    for (int i = 0; i < 300; ++i) {
        gate.ended(accepted, start);
    }
    CHECK(gate.room(start, 0, 1000) == 256);
}

TEST_CASE("two hundred deliveries at once go through a door for four", "[service][gate][F35]") {
    constexpr int door = 4; // the concurrency of a channel that runs programs
    EndpointGate gate;
    int waiting = 200;
    int under_way = 0;
    int most = 0;
    while (waiting > 0 || under_way > 0) {
        const int room = std::min(gate.room(start, under_way, door), waiting);
        gate.claimed(room, start);
        waiting -= room;
        under_way += room;
        most = std::max(most, under_way);
        REQUIRE(under_way > 0);
        gate.ended(accepted, start);
        --under_way;
    }
    CHECK(most == door);
}

TEST_CASE(
    "five failures to connect open the circuit, a probe closes it", "[service][gate][F22][F30]"
) {
    for (const Outcome& failure :
         {nobody_there,
          outcome(Verdict::temporary, Reason::dns),
          outcome(Verdict::temporary, Reason::deferred, 503),
          outcome(Verdict::temporary, Reason::deferred, 421),
          outcome(Verdict::uncertain, Reason::timeout)}) {
        EndpointGate gate;
        for (int i = 0; i < 4; ++i) {
            gate.ended(failure, start);
            CHECK(gate.room(start, 0, 4) == 1);
        }
        gate.ended(failure, start);
        CHECK(gate.room(start, 0, 4) == 0);
        REQUIRE(gate.pause(start).has_value());
        CHECK(gate.opens_at(start) == start + 1min);
        const TimePoint later = start + 1min;
        CHECK(gate.room(later, 0, 4) == 1);
        gate.claimed(1, later);
        CHECK(gate.room(later, 1, 4) == 0);
        gate.ended(failure, later);
        CHECK(gate.opens_at(later) == later + 2min); // longer each time
        gate.claimed(1, later + 2min);
        gate.ended(accepted, later + 2min);
        CHECK(gate.room(later + 2min, 0, 4) >= 1);
        CHECK_FALSE(gate.pause(later + 2min).has_value());
    }
}

TEST_CASE("words about one message open no circuit", "[service][gate][F23][F24]") {
    EndpointGate gate;
    for (int i = 0; i < 20; ++i) {
        gate.ended(outcome(Verdict::temporary, Reason::deferred, 451), start);
        gate.ended(outcome(Verdict::permanent, Reason::rejected, 550), start);
    }
    CHECK_FALSE(gate.pause(start).has_value());
}

TEST_CASE("an endpoint that is set up wrongly pauses at once", "[service][gate][F25]") {
    EndpointGate gate;
    Outcome denied = outcome(Verdict::misconfigured, Reason::authentication, 535);
    denied.reply = "no";
    gate.ended(denied, start);
    CHECK(gate.pause(start)->reason == "authentication: no");
    CHECK(gate.opens_at(start) == start + 15min);
    gate.resume();
    CHECK(gate.room(start, 0, 1) == 1);
}

TEST_CASE("what was under way before does not say that it is mended", "[service][gate][F25]") {
    EndpointGate gate;
    gate.ended(outcome(Verdict::misconfigured, Reason::authentication, 535), start);
    gate.ended(accepted, start);
    CHECK(gate.opens_at(start) == start + 15min);
    const TimePoint later = start + 15min;
    REQUIRE(gate.room(later, 0, 4) == 1);
    gate.claimed(1, later);
    gate.ended(accepted, later);
    CHECK_FALSE(gate.was_paused());
}

TEST_CASE("a clock that is set back holds up no channel that has a rate", "[service][gate][F9]") {
    EndpointGate gate{6};
    REQUIRE(gate.room(start, 0, 4) == 1);
    gate.claimed(1, start);
    gate.ended(accepted, start);
    const TimePoint back = start - 2h;
    CHECK(gate.room(back, 0, 4) == 0);
    CHECK(gate.opens_at(back) == back + 10s);
    CHECK(gate.room(back + 9s, 0, 4) == 0);
    CHECK(gate.room(back + 10s, 0, 4) == 1);
    // Nor is anything won by it: over two hours it is the rate all the same.
    int claimed = 0;
    for (TimePoint now = back + 10s; now < start; now += 1s) {
        const int room = gate.room(now, 0, 4);
        gate.claimed(room, now);
        claimed += room;
    }
    CHECK(claimed <= 2 * 60 * 6);
    CHECK(claimed > 2 * 60 * 5); // it looks once a second only
}

TEST_CASE("a clock that is set back lengthens no pause", "[service][gate][F9]") {
    Outcome busy = outcome(Verdict::temporary, Reason::rate_limited, 429);
    busy.retry_after = 90s;
    const std::vector<std::pair<Outcome, std::chrono::seconds>> rows{
        {busy, 90s}, {outcome(Verdict::misconfigured, Reason::authentication, 535), 15min}};
    for (const auto& [ending, length] : rows) {
        EndpointGate gate;
        gate.ended(ending, start);
        const TimePoint back = start - 2h;
        CHECK(gate.pause(back).has_value());
        CHECK(gate.opens_at(back) == back + length);
        CHECK(gate.room(back + length, 0, 1) == 1);
    }
    EndpointGate held;
    held.hold("ruth looks at it");
    CHECK(held.pause(start - 2h)->until == TimePoint::max());
}

TEST_CASE("an endpoint that asks for time gets it", "[service][gate][F29]") {
    struct Row {
        Reason reason;
        int code;
        std::optional<std::chrono::seconds> asked;
        std::chrono::seconds pause;
    };
    const std::vector<Row> rows{
        {Reason::rate_limited, 429, std::nullopt, 1min},
        {Reason::rate_limited, 429, 90s, 90s},
        {Reason::rate_limited, 429, 0s, 1s},
        {Reason::rate_limited, 429, 1'000'000'000s, 24h},
        {Reason::rate_limited, 450, std::nullopt, 1min},
        {Reason::deferred, 503, 7min, 7min},
    };
    for (const Row& row : rows) {
        CAPTURE(row.code, row.pause.count());
        EndpointGate gate;
        for (int i = 0; i < 7; ++i) {
            gate.ended(accepted, start);
        }
        REQUIRE(gate.room(start, 0, 100) == 8);
        Outcome busy = outcome(Verdict::temporary, row.reason, row.code);
        busy.retry_after = row.asked;
        gate.ended(busy, start);
        CHECK(gate.room(start, 0, 100) == 0);
        CHECK(gate.opens_at(start) == start + row.pause);
        REQUIRE(gate.pause(start).has_value());
        CHECK_FALSE(gate.pause(start)->reason.empty());
        gate.ended(accepted, start); // was under way
        CHECK(gate.opens_at(start) == start + row.pause);
        const TimePoint later = start + row.pause;
        CHECK(gate.room(later, 0, 100) == 1);
        gate.claimed(1, later);
        gate.ended(accepted, later);
        CHECK(gate.room(later, 0, 100) == 5); // half, and one for the success
    }
}

TEST_CASE("a request for time neither shortens a pause nor counts", "[service][gate][F29]") {
    Outcome busy = outcome(Verdict::temporary, Reason::rate_limited, 429);
    busy.retry_after = 10min;
    EndpointGate gate;
    gate.ended(busy, start);
    busy.retry_after = 1s;
    gate.ended(busy, start);
    CHECK(gate.opens_at(start) == start + 10min);
    const TimePoint later = start + 10min;
    busy.retry_after = std::nullopt;
    for (int i = 0; i < 10; ++i) {
        const TimePoint probe = later + std::chrono::minutes{i};
        gate.claimed(1, probe);
        gate.ended(busy, probe);
        CHECK(gate.opens_at(probe) == probe + 1min);
    }
    gate.resume();
    gate.hold("moving house");
    gate.ended(busy, later);
    CHECK(gate.opens_at(later) == TimePoint::max());
}

TEST_CASE("what never reached the network closes no circuit", "[service][gate][F22]") {
    for (const Outcome& ours :
         {outcome(Verdict::temporary, Reason::shutting_down),
          outcome(Verdict::temporary, Reason::local_io, 28),
          outcome(Verdict::permanent, Reason::bad_address)}) {
        EndpointGate gate;
        for (int i = 0; i < 5; ++i) {
            gate.ended(ours, start); // nor does it stand between failures
            gate.ended(nobody_there, start);
        }
        REQUIRE(gate.pause(start).has_value());
        gate.ended(ours, start);
        CHECK(gate.opens_at(start) == start + 1min);
        const TimePoint later = start + 1min;
        gate.claimed(1, later);
        CHECK(gate.room(later, 0, 4) == 0);
        gate.ended(ours, later);
        CHECK(gate.room(later, 0, 4) == 1); // another probe
        gate.ended(nobody_there, later);
        CHECK(gate.opens_at(later) == later + 2min);
    }
}

TEST_CASE("what a person paused stays so whatever comes back", "[service][gate]") {
    EndpointGate gate;
    gate.hold("moving house");
    gate.ended(accepted, start);
    gate.ended(nobody_there, start);
    CHECK(gate.room(start + 1000h, 0, 8) == 0);
    CHECK(gate.opens_at(start) == TimePoint::max());
    gate.resume();
    CHECK(gate.room(start, 0, 8) >= 1);
}

TEST_CASE("a rate is kept over any minute", "[service][gate][I13]") {
    EndpointGate gate{30};
    for (int i = 0; i < 100; ++i) {
        gate.ended(accepted, start);
    }
    int sent = 0;
    for (TimePoint now = start; now < start + 10min; now += 200ms) {
        const int room = gate.room(now, 0, 64);
        gate.claimed(room, now);
        sent += room;
        CHECK((room > 0 || gate.opens_at(now) > now));
    }
    CHECK(sent >= 295);
    CHECK(sent <= 300 + 5);
}

TEST_CASE("nobody gets more than the limit in any 24 hours", "[service][budget][T14][I13]") {
    SendBudget budget{{2, 0}};
    budget.take(1, start);
    CHECK(budget.free_at(1, start) == start);
    budget.take(1, start + 1h);
    CHECK(budget.free_at(1, start + 2h) == start + 24h);
    CHECK(budget.free_at(2, start + 2h) == start + 2h);
    CHECK(budget.free_at(1, start + 24h) == start + 24h);
    budget.take(1, start + 24h);
    CHECK(budget.free_at(1, start + 24h) == start + 25h);
    budget.give_back(1);
    CHECK(budget.free_at(1, start + 24h) == start + 24h);
}

TEST_CASE("all together get no more than the limit", "[service][budget][T14][I13]") {
    SendBudget budget{{0, 3}};
    for (int i = 0; i < 3; ++i) {
        CHECK(budget.free_at(start + std::chrono::hours{i}) == start + std::chrono::hours{i});
        budget.take(i, start + std::chrono::hours{i});
    }
    CHECK(budget.free_at(start + 3h) == start + 24h);
    budget.give_back(1);
    CHECK(budget.free_at(start + 3h) == start + 3h);
    budget.take(9, start + 3h);
    CHECK(budget.free_at(start + 4h) > start + 4h);
    CHECK(budget.free_at(start + 24h) == start + 24h); // the first one is a day old
}

TEST_CASE("a budget forgets what is older than a day", "[service][budget]") {
    SendBudget budget{{5, 1000}};
    TimePoint now = start;
    for (int i = 0; i < 10'000; ++i) {
        now += 10min;
        REQUIRE(budget.free_at(i % 100, now) == now);
        REQUIRE(budget.free_at(now) == now);
        budget.take(i % 100, now);
        if (i % 3 == 0) {
            budget.give_back(i % 100);
        }
    }
}

} // namespace reviewd::test::test_endpoint
