#pragma once

#include <compare>
#include <memory>
#include <string>

namespace reviewd {

/// Where in a file a value stands. Lines and columns count from 1; 0 means "the file as a whole".
/// Columns count Unicode code points, as editors show them. Cheap to copy: positions share the
/// file's name.
struct SourcePosition {
    std::shared_ptr<const std::string>
        file; ///< as the person named it; null for text without a file
    int line = 0;
    int column = 0;

    [[nodiscard]] std::string file_name() const { return file ? *file : std::string{}; }
};

} // namespace reviewd
