#include "daemon/runtime/outbound/curl_multi.hpp"

#include "scoring/base/assert.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <exception>
#include <utility>
#include <vector>

namespace reviewd::runtime {

namespace net = boost::asio;

namespace {

/// libcurl is C: what a callback throws would tear through frames that cannot be left so.
constexpr int failed_callback = -1;

} // namespace

/// One of libcurl's sockets and what libcurl waits for on it. The socket stays libcurl's: it is
/// released, never closed.
class CurlMulti::Watch : public std::enable_shared_from_this<CurlMulti::Watch> {
public:
    Watch(
        const net::any_io_executor& executor, curl_socket_t socket, std::weak_ptr<CurlMulti> owner
    )
        : descriptor_(executor, socket), socket_(socket), owner_(std::move(owner)) {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() { release(); }

    void want(int what) {
        wanted_ = what;
        arm(net::posix::stream_descriptor::wait_read, CURL_POLL_IN, CURL_CSELECT_IN);
        arm(net::posix::stream_descriptor::wait_write, CURL_POLL_OUT, CURL_CSELECT_OUT);
    }

    void release() {
        wanted_ = 0;
        if (descriptor_.is_open()) {
            descriptor_.release();
        }
    }

private:
    void arm(net::posix::stream_descriptor::wait_type type, int poll_bit, int event) {
        if ((wanted_ & poll_bit) == 0 || (armed_ & poll_bit) != 0) {
            return;
        }
        auto ready = [self = shared_from_this(), type, poll_bit, event](auto error) {
            self->armed_ &= ~poll_bit;
            const auto owner = self->owner_.lock();
            if (owner == nullptr || (self->wanted_ & poll_bit) == 0) {
                return;
            }
            owner->act(self->socket_, error ? CURL_CSELECT_ERR : event);
            self->arm(type, poll_bit, event);
        };
        descriptor_.async_wait(type, std::move(ready));
        armed_ |= poll_bit;
    }

    net::posix::stream_descriptor descriptor_;
    curl_socket_t socket_;
    std::weak_ptr<CurlMulti> owner_;
    int wanted_ = 0;
    int armed_ = 0;
};

CurlMulti::CurlMulti(net::any_io_executor executor)
    : executor_(std::move(executor)), timer_(executor_), multi_(nullptr) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    REVIEWD_ASSERT(initialised == CURLE_OK);
    multi_ = curl_multi_init();
    REVIEWD_ASSERT(multi_ != nullptr);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

CurlMulti::~CurlMulti() {
    for (const auto& [easy, finished] : transfers_) {
        curl_multi_remove_handle(multi_, easy);
    }
    curl_multi_cleanup(multi_);
}

bool CurlMulti::add(CURL* easy, Finished finished) {
    transfers_[easy] = std::move(finished);
    if (curl_multi_add_handle(multi_, easy) != CURLM_OK) {
        transfers_.erase(easy);
        return false;
    }
    return true;
}

void CurlMulti::remove(CURL* easy) noexcept {
    if (transfers_.erase(easy) > 0) {
        curl_multi_remove_handle(multi_, easy);
    }
}

void CurlMulti::resume(CURL* easy) {
    curl_easy_pause(easy, CURLPAUSE_CONT);
}

int CurlMulti::on_socket(
    CURL* /*easy*/, curl_socket_t socket, int what, void* self, void* /*socket_data*/
) {
    try {
        static_cast<CurlMulti*>(self)->watch(socket, what);
    } catch (const std::exception&) {
        return failed_callback; // no memory, or the kernel watches no more sockets
    }
    return 0;
}

void CurlMulti::watch(curl_socket_t socket, int what) {
    const auto found = watches_.find(socket);
    if (what == CURL_POLL_REMOVE) {
        if (found != watches_.end()) {
            found->second->release();
            watches_.erase(found);
        }
        return;
    }
    if (found != watches_.end()) {
        found->second->want(what);
        return;
    }
    const auto watch = std::make_shared<Watch>(executor_, socket, weak_from_this());
    watches_.emplace(socket, watch);
    watch->want(what);
}

int CurlMulti::on_timer(CURLM* /*multi*/, long milliseconds, void* self) {
    try {
        static_cast<CurlMulti*>(self)->wait(std::chrono::milliseconds{milliseconds});
    } catch (const std::exception&) {
        return failed_callback;
    }
    return 0;
}

void CurlMulti::wait(std::chrono::milliseconds time) {
    if (time.count() < 0) {
        timer_.cancel();
        return;
    }
    // Even for 0 through the loop: libcurl must not be called from its own callback.
    timer_.expires_after(time);
    timer_.async_wait([weak = weak_from_this()](auto error) {
        const auto alive = weak.lock();
        if (!error && alive != nullptr) {
            alive->act(CURL_SOCKET_TIMEOUT, 0);
        }
    });
}

void CurlMulti::act(curl_socket_t socket, int events) {
    int running = 0;
    const CURLMcode code = curl_multi_socket_action(multi_, socket, events, &running);
    collect_finished();
    if (code != CURLM_OK) {
        fail_all();
    }
}

/// After a callback that failed libcurl goes on with none of them, and says so of none.
void CurlMulti::fail_all() {
    std::vector<Finished> told;
    for (auto& [easy, finished] : transfers_) {
        told.push_back(std::exchange(finished, {}));
    }
    for (const Finished& finished : told) {
        if (finished) {
            finished(CURLE_OUT_OF_MEMORY);
        }
    }
}

void CurlMulti::collect_finished() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        const auto found = transfers_.find(message->easy_handle);
        if (found != transfers_.end() && found->second) {
            const Finished finished = std::exchange(found->second, {});
            finished(message->data.result);
        }
    }
}

} // namespace reviewd::runtime
