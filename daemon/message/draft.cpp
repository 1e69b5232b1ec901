#include "daemon/message/draft.hpp"

#include "daemon/message/mustache.hpp"

namespace reviewd::message {

Result<std::string> fill_draft(
    const std::string& source, const std::map<std::string, std::string>& values
) {
    kainjow::mustache::data data;
    for (const auto& [name, value] : values) {
        data[name] = value;
    }
    return fill(source, data, Escaping::text);
}

} // namespace reviewd::message
