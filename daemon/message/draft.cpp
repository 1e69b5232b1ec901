#include "daemon/message/draft.hpp"

#include "daemon/message/mustache.hpp"
#include "daemon/message/value.hpp"

namespace reviewd::message {

Result<std::string> fill_draft(
    const std::string& source, const std::map<std::string, std::string>& values
) {
    Value data;
    for (const auto& [name, value] : values) {
        data.set(name, value);
    }
    return fill(source, data, Escaping::text);
}

} // namespace reviewd::message
