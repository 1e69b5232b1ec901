#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reviewd::test {

/// What is wrong with a certificate.
enum class CertificateDefect { none, expired, not_yet_valid, wrong_name, self_signed };

struct CertificateFiles {
    std::filesystem::path certificate_file; ///< PEM
    std::filesystem::path key_file;         ///< PEM
};

/// A certificate authority that exists for one test: its root and what it issues are files of the
/// given directory.
class CertificateAuthority {
public:
    explicit CertificateAuthority(std::filesystem::path directory);

    [[nodiscard]] const std::filesystem::path& root_file() const { return root_.certificate_file; }

    /// A certificate for `localhost`, 127.0.0.1 and ::1, unless the defect says otherwise.
    [[nodiscard]] CertificateFiles issue(
        const std::string& name, CertificateDefect defect = CertificateDefect::none
    ) const;

private:
    std::filesystem::path directory_;
    CertificateFiles root_;
};

} // namespace reviewd::test
