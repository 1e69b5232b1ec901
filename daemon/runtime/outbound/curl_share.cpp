#include "daemon/runtime/outbound/curl_share.hpp"

#include "scoring/base/assert.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <system_error>
#include <utility>

namespace reviewd::runtime {
namespace {

/// As libcurl reads them, with the flags that it sets: a root in the file is enough, whoever signed
/// it.
x509_store_st* read_roots(const std::string& file, const char* directory) {
    X509_STORE* const store = X509_STORE_new();
    if (store == nullptr) {
        return nullptr;
    }
    const bool is_read = X509_STORE_load_file(store, file.c_str()) == 1
                         && (directory == nullptr || X509_STORE_load_path(store, directory) == 1);
    X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
    ERR_clear_error();
    if (!is_read) {
        X509_STORE_free(store);
        return nullptr;
    }
    return store;
}

} // namespace

void CurlShare::Free::operator()(x509_store_st* store) const {
    X509_STORE_free(store);
}

CurlShare::CurlShare() {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    REVIEWD_ASSERT(initialised == CURLE_OK);
    share_ = curl_share_init();
    REVIEWD_ASSERT(share_ != nullptr);
    // One thread uses it: it needs no locks.
    curl_share_setopt(share_, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
}

CurlShare::~CurlShare() {
    curl_share_cleanup(share_);
}

x509_store_st* CurlShare::roots(const std::string& authority_file) {
    const curl_version_info_data* const built = curl_version_info(CURLVERSION_NOW);
    const bool is_own = !authority_file.empty();
    const char* const bundle = built->cainfo == nullptr ? "" : built->cainfo;
    const std::string file = is_own ? authority_file : std::string{bundle};
    std::error_code problem;
    const auto written = std::filesystem::last_write_time(file, problem);
    const std::uintmax_t size_bytes = problem ? 0 : std::filesystem::file_size(file, problem);
    if (problem) {
        roots_.erase(file);
        return nullptr;
    }
    Roots& kept = roots_[file];
    if (!kept.store || kept.written != written || kept.size_bytes != size_bytes) {
        kept.store.reset(read_roots(file, is_own ? nullptr : built->capath));
        kept.written = written;
        kept.size_bytes = size_bytes;
    }
    return kept.store.get();
}

} // namespace reviewd::runtime
