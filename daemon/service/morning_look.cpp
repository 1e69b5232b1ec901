#include "daemon/service/morning_look.hpp"

#include <algorithm>

namespace reviewd::service {

bool MorningLook::is_due(TimePoint now) const {
    return !next_ || *next_ <= now || now < looked_ || people_revision_ != context_.people_revision;
}

void MorningLook::note(std::span<const PersonProfile* const> readers, TimePoint now) {
    looked_ = now;
    people_revision_ = context_.people_revision;
    TimePoint next = now + std::chrono::hours{24};
    for (const PersonProfile* const reader : readers) {
        next = std::min(
            next, review::next_morning(reader->attention(), now + std::chrono::milliseconds{1})
        );
    }
    next_ = next;
}

} // namespace reviewd::service
