#include "daemon/runtime/outbound/idle_sessions.hpp"
#include "tests/support/catch.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>

namespace reviewd::test::test_idle_sessions {

using namespace std::chrono_literals;

namespace {

struct Line {
    bool is_there = true;
    int farewells = 0;
};

class Session {
public:
    explicit Session(Line& line) : line_(line) {}
    [[nodiscard]] bool is_quiet() const { return line_.is_there; }
    void say_goodbye() { ++line_.farewells; }

private:
    Line& line_;
};

using Idle = runtime::IdleSessions<Session>;

struct World {
    void keep(Line& line, std::chrono::milliseconds after) {
        idle->keep("a", Idle::Kept{std::make_unique<Session>(line), 1}, start + after);
    }

    bool takes(std::chrono::milliseconds after) {
        return idle->take("a", start + after).has_value();
    }

    boost::asio::io_context loop{1};
    std::shared_ptr<Idle> idle = std::make_shared<Idle>(loop.get_executor(), 3s);
    Idle::Clock::time_point start = Idle::Clock::now();
};

} // namespace

TEST_CASE("a session that waited too long is not taken", "[outbound][pool]") {
    World world;
    Line line;
    world.keep(line, 0s);
    CHECK(world.takes(2999ms));
    CHECK(line.farewells == 0);
    world.keep(line, 0s);
    CHECK_FALSE(world.takes(3000ms));
    CHECK(line.farewells == 1);
}

TEST_CASE("of those that wait the youngest is taken", "[outbound][pool]") {
    World world;
    Line old;
    Line young;
    world.keep(old, 0s);
    world.keep(young, 2s);
    CHECK(world.takes(4s));
    CHECK(old.farewells == 0);
    CHECK_FALSE(world.takes(4s));
    CHECK(old.farewells == 1);
    CHECK(young.farewells == 0);
}

TEST_CASE("a session whose peer has gone is passed over", "[outbound][pool]") {
    World world;
    Line first;
    Line second;
    world.keep(first, 0s);
    world.keep(second, 1s);
    second.is_there = false;
    CHECK(world.takes(1s));
    CHECK_FALSE(world.takes(1s));
}

} // namespace reviewd::test::test_idle_sessions
