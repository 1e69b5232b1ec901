#pragma once

#include "config/loader/settings.hpp"
#include "daemon/intake/byte_source.hpp"
#include "daemon/intake/sha256.hpp"
#include "scoring/rules/table.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace reviewd::intake {

/// Digests a file together with everything that decides how it is read (columns, aliases, filter,
/// rates …), so that a changed mapping makes an unchanged file a new one.
class FileHasher {
public:
    /// @param file outlives the hasher
    FileHasher(
        ByteSource& file,
        const config::SourceSettings& source,
        const rules::TableSchema& schema,
        const config::CompanySettings& company
    );

    /// Takes the next few megabytes. @returns whether there may be more
    /// @errors `io_failed`
    [[nodiscard]] Result<bool> step();
    [[nodiscard]] std::uint64_t offset() const { return offset_; }
    /// SHA-256, hexadecimal. The object is spent.
    [[nodiscard]] std::string finish();

private:
    ByteSource* file_;
    Sha256 sha_;
    std::vector<char> buffer_; ///< grows when the file does not fit
    std::uint64_t offset_ = 0;
};

} // namespace reviewd::intake
