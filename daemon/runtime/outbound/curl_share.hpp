#pragma once

#include <curl/curl.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

struct x509_store_st; // of OpenSSL

namespace reviewd::runtime {

/// What connections of one executor have in common although each has a CurlMulti of its own: names
/// that were resolved within the last minute, and trusted roots that were read. libcurl starts a
/// thread for each name that it resolves, and reading the system's roots takes some 20 ms of the
/// loop. TLS sessions are not shared: one that is resumed would not look at the roots again. Held
/// by everybody who uses it, because libcurl wants it to go last.
class CurlShare {
public:
    CurlShare();
    CurlShare(const CurlShare&) = delete;
    CurlShare& operator=(const CurlShare&) = delete;
    ~CurlShare();

    [[nodiscard]] CURLSH* handle() const { return share_; }

    /// The roots of a PEM file; empty: those of the system, as libcurl was built to find them. Read
    /// again when the file has changed. Null when it cannot be read or holds none. Valid until the
    /// next call; whoever keeps it longer takes a reference.
    [[nodiscard]] x509_store_st* roots(const std::string& authority_file);

private:
    struct Free {
        void operator()(x509_store_st* store) const;
    };
    struct Roots {
        std::unique_ptr<x509_store_st, Free> store;
        std::filesystem::file_time_type written{};
        std::uintmax_t size_bytes = 0;
    };

    CURLSH* share_;
    std::map<std::string, Roots> roots_; ///< by their file
};

} // namespace reviewd::runtime
