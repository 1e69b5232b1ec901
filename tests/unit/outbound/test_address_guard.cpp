#include "daemon/runtime/outbound/address_guard.hpp"
#include "tests/support/catch.hpp"

namespace reviewd::test::test_address_guard {

using reviewd::notify::AddressPolicy;
using reviewd::runtime::is_allowed;
namespace ip = boost::asio::ip;

TEST_CASE("addresses that are not on the open network are refused to webhooks", "[outbound][T29]") {
    const std::string address = GENERATE(
        as<std::string>{},
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001::1",
        "2001:db8::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1"
    );
    CAPTURE(address);
    CHECK_FALSE(is_allowed(AddressPolicy::public_only, ip::make_address(address)));
    CHECK(is_allowed(AddressPolicy::any, ip::make_address(address)));
}

TEST_CASE("addresses of the open network are allowed to webhooks", "[outbound][T29]") {
    const std::string address = GENERATE(
        as<std::string>{},
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "193.0.0.1",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2606:4700::1111",
        "2001:4860:4860::8888"
    );
    CAPTURE(address);
    CHECK(is_allowed(AddressPolicy::public_only, ip::make_address(address)));
}

TEST_CASE("clear text reaches loopback addresses only", "[outbound][T31]") {
    const auto allowed = [](const char* address) {
        return is_allowed(AddressPolicy::loopback_only, ip::make_address(address));
    };
    CHECK(allowed("127.0.0.1"));
    CHECK(allowed("127.8.9.1"));
    CHECK(allowed("::1"));
    CHECK(allowed("::ffff:127.0.0.1"));
    CHECK_FALSE(allowed("10.0.0.1"));
    CHECK_FALSE(allowed("128.0.0.1"));
    CHECK_FALSE(allowed("0.0.0.0"));
    CHECK_FALSE(allowed("::"));
    CHECK_FALSE(allowed("::2"));
}

} // namespace reviewd::test::test_address_guard
