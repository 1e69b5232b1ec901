#pragma once

#include "daemon/app/core.hpp"
#include "daemon/runtime/store_thread.hpp"
#include "daemon/service/service.hpp"
#include "daemon/store/errors.hpp"

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace reviewd::app {

/// The way from the loop to the service on its own thread. When the database is lost, the daemon is
/// told once and nothing more runs: no caller can go on with what it believes.
class StoreDoor {
public:
    /// @param lost is called on the caller's executor; it has to end the process
    explicit StoreDoor(std::function<void(const std::string&)> lost) : lost_{std::move(lost)} {}

    ~StoreDoor() { close(); }
    StoreDoor(const StoreDoor&) = delete;
    StoreDoor& operator=(const StoreDoor&) = delete;

    /// Ends what is under way, the service and the database, on the store's thread, and waits for
    /// that. Nothing runs there afterwards: who waits for an answer is not resumed.
    void close() {
        thread_.run_last([core = std::move(core_)]() mutable { core.reset(); });
    }

    /// Runs `work(Service&)` on the store's thread and gives back what it returned. Name a closure
    /// with captures before giving it. @throws Failure `unavailable` before the database is open
    template <class Work>
    [[nodiscard]] boost::asio::awaitable<std::invoke_result_t<Work&, service::Service&>> with(
        Work work
    ) {
        auto on_service = [inner = std::move(work)](Core& core) mutable {
            return inner(core.service());
        };
        co_return co_await with_core(std::move(on_service));
    }

    /// The same with the database beside the service: for several of its steps in one transaction.
    template <class Work>
    [[nodiscard]] boost::asio::awaitable<std::invoke_result_t<Work&, Core&>> with_core(Work work) {
        auto job = [this, inner = std::move(work)]() mutable {
            if (core_ == nullptr) {
                throw Failure(fail(ErrorCode::unavailable, "the database is not open"));
            }
            return inner(*core_);
        };
        try {
            co_return co_await runtime::on_store(thread_, std::move(job));
        } catch (const store::StorageLost& error) {
            lost_(error.what());
            throw;
        }
    }

    /// Runs `open()` on the store's thread and keeps what it opened.
    template <class Open>
    [[nodiscard]] boost::asio::awaitable<Result<void>> open(Open open) {
        auto job = [this, inner = std::move(open)]() mutable -> Result<void> {
            Result<std::unique_ptr<Core>> core = inner();
            if (!core) {
                return core.error();
            }
            core_ = std::move(*core);
            return {};
        };
        co_return co_await runtime::on_store(thread_, std::move(job));
    }

private:
    std::function<void(const std::string&)> lost_;
    std::unique_ptr<Core> core_;
    runtime::StoreThread thread_; ///< last: it ends before what it works on
};

} // namespace reviewd::app
