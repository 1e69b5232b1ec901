#pragma once

namespace reviewd {

/// Functions as one, for std::visit: without one for `const auto&`, the compiler names every place
/// that a new alternative needs.
template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};

template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

} // namespace reviewd
