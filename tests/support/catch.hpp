#pragma once

// tests/support: what several test programs need. The one include for Catch2, whichever of its two
// generations the system has: version 3 split the header and renamed `Contains`.

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_session.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>

namespace reviewd::test {
inline auto contains(const std::string& text) {
    return Catch::Matchers::ContainsSubstring(text);
}
} // namespace reviewd::test
using Catch::Approx;
#else
#include <catch2/catch.hpp>

namespace reviewd::test {
inline auto contains(const std::string& text) {
    return Catch::Matchers::Contains(text);
}
} // namespace reviewd::test
#endif

/// `REVIEWD_CHECK_CONTAINS(text, "part")`: the text has the part somewhere.
#define REVIEWD_CHECK_CONTAINS(text, part) CHECK_THAT(text, ::reviewd::test::contains(part))
