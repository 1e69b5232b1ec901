#pragma once

#include "daemon/intake/byte_source.hpp"
#include "daemon/store/sources.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace reviewd::intake {

/// A regular file, open for reading only. Closed with the object.
class SourceFile final : public ByteSource {
public:
    /// What the file system says of the open file now; a change while it is read means that
    /// somebody writes it.
    struct Mark {
        std::uint64_t size_bytes = 0;
        std::int64_t modified_ns = 0; ///< since 1970
        friend bool operator==(const Mark&, const Mark&) = default;
    };

    /// @param path relative ones start in the process's current directory
    /// @param name how messages call it
    /// @errors `not_found`, `no_permission`; `bad_data` for what is no regular file; `io_failed`
    [[nodiscard]] static Result<std::unique_ptr<SourceFile>> open(
        const std::string& path, std::string name
    );

    /// Takes over an open descriptor; `open` checks it beforehand.
    SourceFile(int descriptor, std::string name);
    ~SourceFile() override;

    [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override;
    /// @errors `io_failed`
    [[nodiscard]] Result<Mark> mark() const;
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    int descriptor_;
    std::string name_;
};

/// `data_directory`/`file`, or `file` itself when it is absolute.
[[nodiscard]] std::string source_path(const std::string& data_directory, const std::string& file);

} // namespace reviewd::intake
