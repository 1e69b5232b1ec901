#include "daemon/app/channels.hpp"

#include "daemon/notify/api/channel_rules.hpp"
#include "daemon/notify/registry/registry.hpp"
#include "daemon/runtime/outbound/address_guard.hpp"
#include "scoring/base/text.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace reviewd::app {

namespace {

std::unique_ptr<notify::Notifier> make_notifier(
    const notify::NotifierPlugin& plugin,
    const config::ChannelSettings& channel,
    config::Report& report,
    const notify::PluginContext& context
) {
    config::MapReader reader{channel.node, report};
    static_cast<void>(reader.find("type"));
    static_cast<void>(notify::read_channel_rules(reader));
    return plugin.create(reader, context);
}

/// A name is looked at when it is resolved; a number says by itself that it is refused.
void warn_of_private_number(const config::ChannelSettings& channel, config::Report& report) {
    const config::Node* const url = channel.node.find("url");
    if (url == nullptr || !url->is_scalar()) {
        return;
    }
    const auto parsed = boost::urls::parse_uri(url->text());
    if (!parsed) {
        return; // reported by whoever made the notifier
    }
    boost::system::error_code problem;
    const auto address =
        boost::asio::ip::make_address(std::string{parsed->host_address()}, problem);
    const std::string host = lower_case(std::string{parsed->encoded_host()});
    if (!problem && is_refused(channel, host, address)) {
        report.warning(
            *url,
            fmt::format("{} is in no public network, and nothing is sent there", host),
            fmt::format("if that is meant: {}", runtime::allowing(host))
        );
    }
}

std::string type_hint(const std::string& type) {
    std::vector<std::string> types;
    for (const notify::NotifierPlugin& plugin : notify::plugins()) {
        types.emplace_back(plugin.type);
    }
    const std::string near = did_you_mean(type, types);
    return near.empty() ? fmt::format("types are {}", fmt::join(types, ", ")) : near;
}

} // namespace

Channels::Channels(const config::Settings& settings, const notify::PluginContext& context) {
    for (const config::ChannelSettings& channel : settings.channels) {
        const notify::NotifierPlugin* const plugin = notify::find_plugin(channel.type);
        config::Report report;
        if (plugin == nullptr) {
            continue;
        }
        std::shared_ptr<notify::Notifier> notifier =
            make_notifier(*plugin, channel, report, context);
        if (notifier) {
            channels_.emplace(
                channel.name, Channel{channel.type, std::move(notifier), plugin->check_address}
            );
        }
    }
}

const Channels::Channel* Channels::find(std::string_view name) const {
    const auto found = channels_.find(name);
    return found == channels_.end() ? nullptr : &found->second;
}

std::string Channels::check_address(std::string_view channel, std::string_view address) const {
    const Channel* const found = find(channel);
    return found == nullptr ? fmt::format("there is no channel `{}`", channel)
                            : found->check_address(address);
}

notify::DeliveryTraits Channels::traits(std::string_view channel) const {
    const Channel* const found = find(channel);
    return found == nullptr ? notify::DeliveryTraits{} : found->notifier->traits();
}

std::function<config::ChannelTraits(const config::ChannelSettings&, config::Report&)> channel_check(
    notify::PluginContext context
) {
    return [context = std::move(context
            )](const config::ChannelSettings& channel, config::Report& report) {
        const notify::NotifierPlugin* const plugin = notify::find_plugin(channel.type);
        if (plugin == nullptr) {
            const config::Node* const type = channel.node.find("type");
            report.error(
                type == nullptr ? channel.node : *type,
                fmt::format("there is no notifier of type `{}`", channel.type),
                type_hint(channel.type)
            );
            return config::ChannelTraits{};
        }
        static_cast<void>(make_notifier(*plugin, channel, report, context));
        warn_of_private_number(channel, report);
        return plugin->traits;
    };
}

bool is_refused(
    const config::ChannelSettings& channel,
    const std::string& host,
    const boost::asio::ip::address& address
) {
    if (runtime::is_allowed(notify::AddressPolicy::public_only, address)) {
        return false;
    }
    const config::Node* const allowed = channel.node.find("allow_hosts");
    config::Report checked_before;
    const std::vector<std::string> hosts = allowed == nullptr
                                               ? std::vector<std::string>{}
                                               : config::read_texts(*allowed, checked_before);
    return std::none_of(hosts.begin(), hosts.end(), [&](const std::string& each) {
        return lower_case(each) == host;
    });
}

} // namespace reviewd::app
