#include "daemon/notify/registry/registry.hpp"

#include "daemon/notify/api/mail_address.hpp"
#include "daemon/notify/api/message_text.hpp"
#include "daemon/notify/plugins/discord/discord_notifier.hpp"
#include "daemon/notify/plugins/exec/exec_notifier.hpp"
#include "daemon/notify/plugins/file/file_notifier.hpp"
#include "daemon/notify/plugins/inbox/inbox_notifier.hpp"
#include "daemon/notify/plugins/journal/journal_notifier.hpp"
#include "daemon/notify/plugins/mattermost/mattermost_notifier.hpp"
#include "daemon/notify/plugins/ntfy/ntfy_notifier.hpp"
#include "daemon/notify/plugins/sendmail/sendmail_notifier.hpp"
#include "daemon/notify/plugins/slack/slack_notifier.hpp"
#include "daemon/notify/plugins/smtp/smtp_notifier.hpp"
#include "daemon/notify/plugins/teams/teams_notifier.hpp"
#include "daemon/notify/plugins/webhook/webhook_notifier.hpp"

#include <algorithm>
#include <array>

namespace reviewd::notify {
namespace {

constexpr std::array<NotifierPlugin, 12> table{{
    {"journal", "writes identities to the journal", &make_journal_notifier, &check_plain_name, {}},
    {"file",
     "appends JSON lines to a file",
     &make_file_notifier,
     &check_plain_name,
     {.takes_events = true, .place_key = "path"}},
    {"inbox",
     "keeps messages for reviewctl inbox",
     &make_inbox_notifier,
     &check_plain_name,
     {.keeps_inbox = true}},
    {"smtp",
     "sends mail through a server",
     &make_smtp_notifier,
     &check_mail_address,
     {.carries_calendar = true, .shows_html = true, .place_key = "host"}},
    {"sendmail",
     "hands mail to the host",
     &make_sendmail_notifier,
     &check_mail_address,
     {.carries_calendar = true, .shows_html = true}},
    {"webhook",
     "posts signed JSON",
     &make_webhook_notifier,
     &check_plain_name,
     {.takes_events = true}},
    {"slack", "posts to Slack", &make_slack_notifier, &check_plain_name, {}},
    {"teams", "posts to a Teams workflow", &make_teams_notifier, &check_plain_name, {}},
    {"discord", "posts to Discord", &make_discord_notifier, &check_plain_name, {}},
    {"mattermost", "posts to Mattermost", &make_mattermost_notifier, &check_plain_name, {}},
    {"ntfy", "publishes to an ntfy topic", &make_ntfy_notifier, &check_plain_name, {}},
    {"exec", "runs a program", &make_exec_notifier, &check_plain_name, {.shows_html = true}},
}};

} // namespace

std::span<const NotifierPlugin> plugins() {
    return table;
}

const NotifierPlugin* find_plugin(std::string_view type) {
    const auto* found = std::find_if(table.begin(), table.end(), [&](const NotifierPlugin& plugin) {
        return plugin.type == type;
    });
    return found == table.end() ? nullptr : found;
}

} // namespace reviewd::notify
