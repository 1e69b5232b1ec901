#pragma once

#include "daemon/message/digest.hpp"

#include <string>

namespace reviewd::message {

/// Subject and text without any template, in English: what is sent when a template fails. Says for
/// each review what it is, when it is due, whom to call and where to answer.
[[nodiscard]] std::string plain_subject(const Digest& digest);
[[nodiscard]] std::string plain_text(const Digest& digest);

} // namespace reviewd::message
