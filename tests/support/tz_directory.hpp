#pragma once

#include "tests/support/temporary_directory.hpp"

#include <filesystem>
#include <initializer_list>
#include <string>

namespace reviewd::test {

/// A tz database of a test's own (TZDIR), with copies of some zones of the system's, that an update
/// can change. Ends with the scope; tests of one process run one after the other.
class TzDirectory {
public:
    explicit TzDirectory(std::initializer_list<std::string> zones);
    TzDirectory(const TzDirectory&) = delete;
    TzDirectory& operator=(const TzDirectory&) = delete;
    ~TzDirectory();

    /// An update: from now on `zone` has the rules of the system's zone `other`.
    void update(const std::string& zone, const std::string& other) const;
    /// An update that has no such zone any more.
    void remove(const std::string& zone) const;

private:
    TemporaryDirectory directory_;
    std::string before_; ///< TZDIR; empty: was not set
};

} // namespace reviewd::test
