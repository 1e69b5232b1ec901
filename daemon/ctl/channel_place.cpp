#include "daemon/ctl/channel_place.hpp"

#include "config/node/node.hpp"
#include "daemon/notify/api/secret.hpp"
#include "daemon/notify/web/web_endpoint.hpp"
#include "scoring/base/text.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>

namespace reviewd::ctl {

namespace {

using Place = std::optional<ChannelPlace>;
using Scheme = notify::WebEndpoint::Scheme;

int usual_mail_port(const std::string& tls) {
    if (tls == "implicit") {
        return 465;
    }
    return tls == "none" ? 25 : 587;
}

Place place_of_url(std::string_view address) {
    const auto url = boost::urls::parse_uri({address.data(), address.size()});
    if (!url) {
        return std::nullopt;
    }
    const int usual = url->scheme() == "http" ? 80 : 443;
    return ChannelPlace{
        .host = std::string{url->host_address()},
        .port = url->port_number() == 0 ? usual : int{url->port_number()},
        .web_host = lower_case(std::string{url->encoded_host()})};
}

/// The address as the daemon would read it for its next message.
Result<Place> read_place(const std::string& path, Scheme scheme) {
    const Result<notify::Secret> address = notify::SecretSource{path}.read();
    if (!address) {
        const bool is_closed = ::access(path.c_str(), R_OK) != 0 && errno == EACCES;
        return fail(
            is_closed ? ErrorCode::no_permission : address.error().code, address.error().message
        );
    }
    const std::string fault = notify::check_web_url(address->reveal(), scheme);
    if (!fault.empty()) {
        return fail(ErrorCode::bad_config, fmt::format("{}: {}", path, fault));
    }
    return place_of_url(address->reveal());
}

} // namespace

std::string setting(const config::ChannelSettings& channel, std::string_view key) {
    const config::Node* const value = channel.node.is_map() ? channel.node.find(key) : nullptr;
    return value != nullptr && value->is_scalar() ? value->text() : std::string{};
}

Result<std::optional<ChannelPlace>> find_place(
    const config::ChannelSettings& channel,
    const std::string& state_directory,
    const std::string& credentials_directory
) {
    if (const std::string host = setting(channel, "host"); !host.empty()) {
        const std::string port = setting(channel, "port");
        int number = usual_mail_port(setting(channel, "tls"));
        std::from_chars(port.data(), port.data() + port.size(), number);
        return Place{ChannelPlace{.host = host, .port = number}};
    }
    const Scheme scheme =
        setting(channel, "allow_http") == "true" ? Scheme::http_allowed : Scheme::https_only;
    if (const std::string file = setting(channel, "url_file"); !file.empty()) {
        return read_place(notify::resolve_path(state_directory, file), scheme);
    }
    if (const std::string name = setting(channel, "url_credential"); !name.empty()) {
        std::error_code problem;
        if (!std::filesystem::is_directory(credentials_directory, problem)) {
            return fail(
                ErrorCode::unavailable,
                fmt::format("its address is the credential {}, which the service has", name)
            );
        }
        return read_place(notify::resolve_path(credentials_directory, name), scheme);
    }
    return place_of_url(setting(channel, "url"));
}

} // namespace reviewd::ctl
