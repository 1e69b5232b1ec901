#pragma once

#include "daemon/message/answer_page.hpp"
#include "daemon/message/digest.hpp"

#include <string>

namespace reviewd::test {

/// The digest of the product's target: one late, one today, four more this week.
[[nodiscard]] message::Digest target_digest();

/// A manager's digest: an escalated review with attempts, and one without.
[[nodiscard]] message::Digest manager_digest();

/// The form behind a link: every kind of question, an appointment and two open promises.
[[nodiscard]] message::AnswerPage form_page();

/// Whether `text` equals the file of that name in tests/data/message. If not, what was found is
/// written to the folder `message` of the build, to be compared and, if right, copied.
[[nodiscard]] bool is_golden(const std::string& name, const std::string& text);

} // namespace reviewd::test
