#include "tests/support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <utility>

namespace reviewd::test {
namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using File = std::unique_ptr<BIO, Free>;

constexpr long day_seconds = 24L * 60 * 60;

void require(bool is_true, const char* what) {
    if (!is_true) {
        throw std::runtime_error(what);
    }
}

Key make_key() {
    Key key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
    require(key != nullptr, "no key");
    return key;
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Free> extension{
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
    require(extension != nullptr, "no extension");
    X509_add_ext(certificate, extension.get(), -1);
}

Certificate make_certificate(EVP_PKEY* key, const std::string& name, long from_days, long to_days) {
    static long serial = 1;
    Certificate certificate{X509_new()};
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_days * day_seconds);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to_days * day_seconds);
    X509_set_pubkey(certificate.get(), key);
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8, text, -1, -1, 0
    );
    return certificate;
}

void sign(
    X509* certificate, X509* issuer, EVP_PKEY* issuer_key, const EVP_MD* digest = EVP_sha256()
) {
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    require(X509_sign(certificate, issuer_key, digest) > 0, "not signed");
}

/// "localhost", NUL and more, which no text form of an extension can say.
void add_name_with_nul(X509* certificate) {
    const std::string name{"localhost\0.elsewhere.test", 25};
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
    GENERAL_NAME* entry = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(entry, GEN_DNS, text);
    GENERAL_NAMES* names = GENERAL_NAMES_new();
    sk_GENERAL_NAME_push(names, entry);
    X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0);
    GENERAL_NAMES_free(names);
}

void add_name(X509* certificate, X509* issuer, CertificateDefect defect) {
    if (defect == CertificateDefect::nul_in_name) {
        add_name_with_nul(certificate);
        return;
    }
    add_extension(
        certificate,
        issuer,
        NID_subject_alt_name,
        defect == CertificateDefect::wrong_name ? "DNS:elsewhere.test"
                                                : "DNS:localhost,IP:127.0.0.1,IP:::1"
    );
}

/// What stands between the root and a leaf, for the defects that need it.
Certificate make_issuer(EVP_PKEY* key, X509* root, EVP_PKEY* root_key, CertificateDefect defect) {
    Certificate issuer = make_certificate(key, "Between", -9, 9);
    const bool is_authority = defect == CertificateDefect::outside_constraints;
    add_extension(
        issuer.get(),
        root,
        NID_basic_constraints,
        is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE"
    );
    if (is_authority) {
        add_extension(issuer.get(), root, NID_key_usage, "critical,keyCertSign");
        add_extension(
            issuer.get(), root, NID_name_constraints, "critical,permitted;DNS:elsewhere.test"
        );
    }
    sign(issuer.get(), root, root_key);
    return issuer;
}

CertificateFiles write(
    const std::filesystem::path& directory,
    const std::string& name,
    X509* certificate,
    EVP_PKEY* key
) {
    CertificateFiles files{directory / (name + ".pem"), directory / (name + ".key"), {}};
    const File certificate_file{BIO_new_file(files.certificate_file.c_str(), "w")};
    require(PEM_write_bio_X509(certificate_file.get(), certificate) == 1, "no certificate file");
    const File key_file{BIO_new_file(files.key_file.c_str(), "w")};
    require(
        PEM_write_bio_PrivateKey(key_file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
        "no key file"
    );
    return files;
}

} // namespace

CertificateAuthority::CertificateAuthority(std::filesystem::path directory)
    : directory_(std::move(directory)) {
    const Key key = make_key();
    const Certificate root = make_certificate(key.get(), "Root of one test", -1, 10);
    add_extension(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(root.get(), root.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    sign(root.get(), root.get(), key.get());
    root_ = write(directory_, "root", root.get(), key.get());
}

CertificateFiles CertificateAuthority::issue(const std::string& name, CertificateDefect defect)
    const {
    const Key key = defect == CertificateDefect::weak_key
                        ? Key{EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{1024})}
                        : make_key();
    const bool is_expired = defect == CertificateDefect::expired;
    const bool is_early = defect == CertificateDefect::not_yet_valid;
    const Certificate leaf =
        make_certificate(key.get(), name, is_early ? 5 : -9, is_expired ? -5 : 9);
    const File root_file{BIO_new_file(root_.certificate_file.c_str(), "r")};
    const Certificate root{PEM_read_bio_X509(root_file.get(), nullptr, nullptr, nullptr)};
    const File key_file{BIO_new_file(root_.key_file.c_str(), "r")};
    const Key root_key{PEM_read_bio_PrivateKey(key_file.get(), nullptr, nullptr, nullptr)};
    const bool is_self_signed = defect == CertificateDefect::self_signed;
    const bool has_issuer = defect == CertificateDefect::outside_constraints
                            || defect == CertificateDefect::signed_by_no_authority;
    const Key between_key = make_key();
    const Certificate between =
        has_issuer ? make_issuer(between_key.get(), root.get(), root_key.get(), defect)
                   : Certificate{};
    X509* issuer = is_self_signed ? leaf.get() : has_issuer ? between.get() : root.get();
    EVP_PKEY* issuer_key = is_self_signed ? key.get()
                           : has_issuer   ? between_key.get()
                                          : root_key.get();
    add_name(leaf.get(), issuer, defect);
    if (defect == CertificateDefect::for_clients_only) {
        add_extension(leaf.get(), issuer, NID_ext_key_usage, "clientAuth");
    }
    const bool is_weak = defect == CertificateDefect::weak_digest;
    sign(leaf.get(), issuer, issuer_key, is_weak ? EVP_sha1() : EVP_sha256());
    CertificateFiles files = write(directory_, name, leaf.get(), key.get());
    if (has_issuer) {
        const File chain{BIO_new_file(files.certificate_file.c_str(), "a")};
        require(PEM_write_bio_X509(chain.get(), between.get()) == 1, "no chain");
    }
    return files;
}

} // namespace reviewd::test
