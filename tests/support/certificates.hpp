#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace reviewd::test {

/// What is wrong with a certificate.
enum class CertificateDefect {
    none,
    expired,
    not_yet_valid,
    wrong_name,
    nul_in_name, ///< a name that looks right to whoever stops at the NUL
    self_signed,
    weak_key,
    weak_digest,
    for_clients_only,
    outside_constraints,    ///< its issuer may not speak for this name
    signed_by_no_authority, ///< its issuer is a server like itself
};

struct CertificateFiles {
    std::filesystem::path certificate_file; ///< PEM, with the chain if there is one
    std::filesystem::path key_file;         ///< PEM
    /// What the server speaks.
    enum class Protocol { current, outdated } protocol = Protocol::current;
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
