// The web servers of the manual page, as people copy them from it.
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"

#include <string>
#include <vector>

namespace reviewd::test::test_proxy_examples {

namespace {

/// Without the escapes of man(7).
std::string unescaped(std::string text) {
    const std::vector<std::pair<std::string, std::string>> escapes{{"\\-", "-"}, {"\\(ha", "^"}};
    for (const auto& [escape, shown] : escapes) {
        for (auto at = text.find(escape); at != std::string::npos; at = text.find(escape)) {
            text.replace(at, escape.size(), shown);
        }
    }
    return text;
}

/// What is shown as it is to be typed, in the section on web servers.
std::vector<std::string> examples() {
    const std::string page = read_file(REVIEWD_SOURCE_DIR "/systemd/manual/reviewd.8.in");
    const std::size_t begin = page.find(".SH \"BEHIND A REVERSE PROXY\"");
    const std::string section = page.substr(begin, page.find("\n.SH", begin + 1) - begin);
    std::vector<std::string> found;
    const std::string fill = "\n.nf\n";
    for (auto at = section.find(fill); at != std::string::npos; at = section.find(fill, at)) {
        at += fill.size();
        found.push_back(unescaped(section.substr(at, section.find(".fi\n", at) - at)));
    }
    return found;
}

} // namespace

TEST_CASE(
    "the web servers of the manual pass forms and calendars, and log neither", "[links][T22]"
) {
    const std::vector<std::string> servers = examples();
    REQUIRE(servers.size() == 4); // the last one is of `links:`
    // The lines that keep a link out of the log of what was asked for, and of errors.
    const std::vector<std::vector<std::string>> masks{
        {"access_log off;", "error_log /var/log/nginx/error.log crit;"},
        {"request>uri regexp ^/[ac]/.* /masked",
         "\n{\n    log {\n        import masked\n",
         "reviews.example {\n    log {\n        import masked\n"},
        {"SetEnvIf Request_URI \"^/[ac]/\" is_token\n", "combined env=!is_token\n"}};
    for (std::size_t i = 0; i < masks.size(); ++i) {
        INFO(servers[i]);
        REVIEWD_CHECK_CONTAINS(servers[i], "/a/");
        REVIEWD_CHECK_CONTAINS(servers[i], "/c/");
        REVIEWD_CHECK_CONTAINS(servers[i], "127.0.0.1:8095");
        for (const std::string& mask : masks[i]) {
            REVIEWD_CHECK_CONTAINS(servers[i], mask);
        }
    }
    REVIEWD_CHECK_CONTAINS(servers.back(), "proxies:");
}

} // namespace reviewd::test::test_proxy_examples
