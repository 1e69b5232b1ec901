#include "daemon/notify/api/mail_address.hpp"
#include "tests/support/catch.hpp"

#include <string>

namespace reviewd::test::test_mail_address {

using reviewd::notify::check_mail_address;

TEST_CASE("plain addresses are mail addresses", "[notify][address][T13]") {
    const std::string address = GENERATE(
        as<std::string>{},
        "jo@hartley.test",
        "jo.o'hara+reviews@mail.hartley.test",
        "a@b",
        "!#$%&'*+-/=?^_`{|}~@x.test",
        "x@xn--80ak6aa92e.test",
        "x@[127.0.0.1]",
        "x@[IPv6:::1]",
        "1@2.3"
    );
    CAPTURE(address);
    CHECK(check_mail_address(address).empty());
    CHECK(check_mail_address(std::string(64, 'a') + "@x.test").empty());
}

TEST_CASE("everything else is no mail address", "[notify][address][T13]") {
    const std::string address = GENERATE(
        as<std::string>{},
        "",
        "jo",
        "@x.test",
        "jo@",
        "a@b@c",
        "-oQ/tmp@x.test",
        "-x",
        "\"jo hartley\"@x.test",
        "jo hartley@x.test",
        " jo@x.test",
        "jo@x.test ",
        "<jo@x.test>",
        "<x> , <y>",
        "jo@x.test,eve@x.test",
        "jo@x.test;eve@x.test",
        "Jo <jo@x.test>",
        ".jo@x.test",
        "jo.@x.test",
        "jo..ann@x.test",
        "jo@.x.test",
        "jo@x..test",
        "jo@x.test.",
        "jo@-x.test",
        "jo@x-.test",
        "jo@x_y.test",
        "jo@[300.0.0.1]",
        "jo@[127.0.0.1",
        "jo@[]",
        "jo@x.test\r\nDATA",
        "jo\n@x.test",
        "jo@m\xc3\xbcller.test",
        "\xe0\xa6\x95@x.test",
        "jo(comment)@x.test",
        "jo\\@x@y.test"
    );
    CAPTURE(address);
    CHECK_FALSE(check_mail_address(address).empty());
    CHECK_FALSE(check_mail_address(std::string(65, 'a') + "@x.test").empty());
    CHECK_FALSE(check_mail_address("a@" + std::string(64, 'b') + ".test").empty());
    std::string deep = "a@b";
    while (deep.size() < 320) {
        deep += ".bbbbbbbbb";
    }
    CHECK_FALSE(check_mail_address(deep).empty());
    CHECK_FALSE(check_mail_address(std::string{"a\0@x.test", 9}).empty());
}

} // namespace reviewd::test::test_mail_address
