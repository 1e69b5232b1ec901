#include "daemon/simulation/trace.hpp"

#include <fmt/format.h>

namespace reviewd::simulation {

void Trace::add(TimePoint at, std::string_view what, std::string_view details) {
    ++events_;
    const auto mix = [this](std::string_view text) {
        for (const char letter : text) {
            hash_ = (hash_ ^ static_cast<unsigned char>(letter)) * 1099511628211U;
        }
        hash_ = (hash_ ^ 0xffU) * 1099511628211U;
    };
    const std::int64_t milliseconds = at.time_since_epoch().count();
    hash_ = (hash_ ^ static_cast<std::uint64_t>(milliseconds)) * 1099511628211U;
    mix(what);
    mix(details);
    if (kept_lines_ == 0) {
        return;
    }
    if (lines_.size() == kept_lines_) {
        lines_.pop_front();
    }
    lines_.push_back(fmt::format(
        "{:>8} {} {}{}{}", events_, to_string(at), what, details.empty() ? "" : " ", details
    ));
}

} // namespace reviewd::simulation
