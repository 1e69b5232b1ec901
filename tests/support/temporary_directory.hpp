#pragma once

#include <filesystem>
#include <string_view>

namespace reviewd::test {

/// A fresh directory (mode 0700) below the system's temporary one, removed with all it holds at the
/// end of the scope.
class TemporaryDirectory {
public:
    TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Writes `content` to the file of that name, making folders on the way, and returns its path.
    std::filesystem::path write(std::string_view name, std::string_view content) const;

private:
    std::filesystem::path path_;
};

} // namespace reviewd::test
