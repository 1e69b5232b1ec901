#include "daemon/control/arguments.hpp"
#include "daemon/control/handlers.hpp"
#include "daemon/control/limits.hpp"
#include "daemon/control/shapes.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace reviewd::control {

namespace {

namespace json = boost::json;

} // namespace

Result<json::value> list_inbox(const Call& call) {
    Arguments arguments{call.arguments};
    const std::string key = arguments.text("person");
    const bool wants_all = arguments.flag("all");
    const std::int64_t limit =
        arguments.integer("limit", 1, inbox_rows.largest).value_or(inbox_rows.usual);
    if (const std::optional<Error> problem = arguments.problem()) {
        return *problem;
    }
    const Result<PersonId> person = call.service.views().person(key);
    if (!person) {
        return person.error();
    }
    using Seen = store::Outbox::Seen;
    const Seen which = wants_all ? Seen::all : Seen::unread;
    json::array messages;
    auto entries = call.service.outbox().inbox(*person, which, static_cast<int>(limit) + 1);
    const bool is_cut = cut_to(entries, limit);
    for (const auto& entry : entries) {
        const store::FrozenMessage& message = *entry.delivery.message;
        messages.push_back(json::object{
            {"delivery", entry.delivery.id.value},
            {"received", to_string(entry.delivery.changed)},
            {"read", entry.is_read},
            {"subject", message.subject},
            {"text", message.text},
        });
        if (!entry.is_read) {
            const Result<void> marked =
                call.service.outbox().mark_read(entry.delivery.id, call.now);
            if (!marked) {
                return marked.error();
            }
        }
    }
    return json::value(json::object{{"messages", std::move(messages)}, {"is_cut", is_cut}});
}

} // namespace reviewd::control
