// Whoever exports with other keys is told so, once, and not when rows only came before their
// account.
#include "daemon/service/unknown_keys.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/service/world.hpp"

#include <string>
#include <vector>

namespace reviewd::test::test_unknown_keys {

using namespace reviewd;
using namespace std::chrono_literals;
using service::UnknownThing;
using std::chrono::days;
using test::at;

namespace {

const Date monday{2026y / 11 / 23};

/// What is told of unknown keys until all sources were read, by themselves and once more.
std::vector<std::string> import_and_listen(test::World& world, TimePoint now) {
    std::vector<std::string> told;
    const auto listen = [&] {
        for (const service::Notice& notice : run_until_idle(world.service(), now).value().notices) {
            if (notice.event == LogEvent::import_unknown_keys) {
                told.push_back(notice.message);
            }
        }
    };
    listen();
    REQUIRE(world.service().importer().request({}, service::Importer::Mode::always).has_value());
    listen();
    return told;
}

store::UnknownReferences in_status(test::World& world) {
    const service::Views& views = world.service().views();
    const auto status = views.status(service::Views::Shares::leave_out, at(monday, 12));
    for (const service::SourceView& source : status.sources) {
        if (source.settings.name == "purchases") {
            return source.unknown;
        }
    }
    return {};
}

constexpr const char* two_unknown =
    "1,0a1,x,2026-11-02,100\n2,0a1,x,2026-11-03,100\n3,a1,x,2026-11-04,100\n";

} // namespace

TEST_CASE("what rows name and no source has is described in one safe line", "[service][unknown]") {
    const auto describe = [](store::UnknownKeys unknown) {
        return service::describe(UnknownThing::account, unknown);
    };
    CHECK(describe({}).empty());
    CHECK(describe({1, false, {"K1"}}) == "a row names an account that no source has (`K1`)");
    CHECK(
        describe({2, false, {"K1", "K2"}}) == "2 rows name accounts that no source has (`K1`, `K2`)"
    );
    CHECK(
        describe({9, true, {"a\nb", "\x1b[2J", "c"}})
        == "at least 9 rows name accounts that no source has"
           " (such as `a\\nb`, `\\x1b[2J`, `c`)"
    );
    CHECK(
        service::describe(UnknownThing::product, {1, false, {"GTK"}})
        == "a row names a product that no source has (`GTK`)"
    );
}

TEST_CASE(
    "rows of accounts that no source has are told when their number changes", "[service][unknown]"
) {
    test::World world;
    world.write_purchases(two_unknown);
    world.open(at(monday, 5));
    const std::vector<std::string> two{
        "purchases: 2 rows name accounts that no source has (`0a1`)"};
    CHECK(import_and_listen(world, at(monday, 5)) == two);
    CHECK(in_status(world).accounts == store::UnknownKeys{2, false, {"0a1"}});
    CHECK(import_and_listen(world, at(monday, 6)).empty()); // as many as before
    world.close();
    world.open(at(monday, 7));
    CHECK(import_and_listen(world, at(monday, 7)).empty());
    CHECK(in_status(world).accounts.rows == 2);

    world.write_purchases(std::string{two_unknown} + "4,0a2,x,2026-11-05,100\n");
    CHECK(import_and_listen(world, at(monday, 8)).size() == 1);
    CHECK(in_status(world).accounts.rows == 3);

    world.put_account({"0a1", "ana", 10}); // they come
    world.put_account({"0a2", "ana", 10});
    CHECK(import_and_listen(world, at(monday, 9)).empty());
    CHECK(in_status(world) == store::UnknownReferences{});
}

TEST_CASE(
    "products that no source has are told likewise, and not without a catalogue",
    "[service][unknown]"
) {
    test::World world;
    world.write_purchases("1,a1,x,2026-11-02,100\n2,a2,y,2026-11-03,100\n3,0a,y,2026-11-03,1\n");
    world.open(at(monday, 5));
    CHECK(import_and_listen(world, at(monday, 5)).size() == 1);
    CHECK(in_status(world).products == store::UnknownKeys{});
    world.close();
    world.edit_settings(
        "channels:\n", "  products: { file: products.csv, every: 1 day }\nchannels:\n"
    );
    world.write_data("products.csv", "key,name\nx,The X\n");
    world.open(at(monday, 6));
    CHECK(
        import_and_listen(world, at(monday, 6))
        == std::vector<std::string>{"purchases: a row names an account that no source has (`0a`);"
                                    " 2 rows name products that no source has (`y`)"}
    );
    world.write_data("products.csv", "key,name\nx,The X\ny,The Y\n");
    CHECK(import_and_listen(world, at(monday, 7)).empty());
    CHECK(in_status(world).products == store::UnknownKeys{});
}

TEST_CASE(
    "a list of products that comes later finds rows of files that stay", "[service][unknown]"
) {
    test::World world;
    world.write_purchases("1,a1,x,2026-11-02,100\n2,a2,y,2026-11-03,100\n");
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    world.close();
    world.edit_settings(
        "channels:\n", "  products: { file: products.csv, every: 1 day }\nchannels:\n"
    );
    world.write_data("products.csv", "key,name\nx,The X\n");
    world.open(at(monday, 6));
    world.run(at(monday, 6));
    CHECK(in_status(world).products == store::UnknownKeys{1, false, {"y"}});
    world.close();
    world.open(at(monday, 7));
    world.run(at(monday, 7));
    CHECK(in_status(world).products == store::UnknownKeys{1, false, {"y"}});
}

TEST_CASE("a file of changes leaves what is told of other rows", "[service][unknown]") {
    test::World world;
    world.edit_settings(
        "purchases.csv, every: 1 day", "purchases.csv, every: 1 day, load: changes"
    );
    world.edit_settings(
        "channels:\n", "  products: { file: products.csv, every: 1 day }\nchannels:\n"
    );
    world.write_data("products.csv", "key,name\nx,The X\n");
    world.write_purchases("1,a1,x,2026-11-02,100\n2,a2,y,2026-11-03,100\n");
    world.open(at(monday, 5));
    world.run(at(monday, 5));
    world.write_purchases("3,a1,x,2026-11-05,100\n");
    world.run(at(monday + days{1}, 12));
    CHECK(in_status(world).products == store::UnknownKeys{1, false, {"y"}});
    world.write_purchases("2,a2,x,2026-11-03,100\n");
    world.run(at(monday + days{2}, 12));
    CHECK(in_status(world).products == store::UnknownKeys{});
}

} // namespace reviewd::test::test_unknown_keys
