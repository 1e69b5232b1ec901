#pragma once

#include "daemon/notify/api/process.hpp"
#include "scoring/base/result.hpp"

#include <string>

namespace reviewd::runtime {

/// A program opened and judged; it is run by this descriptor, so that what was judged is what runs.
class ProgramFile {
public:
    /// @errors `bad_config` with what is wrong; `try_later` for want of descriptors or memory
    [[nodiscard]] static Result<ProgramFile> open(
        const std::string& program, notify::ProcessRequest::Trust trust
    );
    ProgramFile(ProgramFile&& other) noexcept;
    ProgramFile& operator=(ProgramFile&&) = delete;
    ProgramFile(const ProgramFile&) = delete;
    ProgramFile& operator=(const ProgramFile&) = delete;
    ~ProgramFile();

    [[nodiscard]] int descriptor() const { return descriptor_; }
    /// A script keeps its descriptor: its interpreter reads it.
    [[nodiscard]] bool is_script() const { return is_script_; }

private:
    explicit ProgramFile(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
    bool is_script_ = false;
};

} // namespace reviewd::runtime
