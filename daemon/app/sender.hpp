#pragma once

#include "daemon/app/channels.hpp"
#include "daemon/app/metrics.hpp"
#include "daemon/app/store_door.hpp"
#include "daemon/runtime/log.hpp"
#include "daemon/service/dispatcher.hpp"
#include "scoring/base/clock.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace reviewd::app {

/// Takes deliveries from the outbox to their notifiers: claim, deliver, settle. What one delivery
/// meets is no concern of the others. The durable steps of all that are under way at a moment go to
/// the store together: while one round is written, the next one gathers. Belongs to its executor.
class Sender {
public:
    struct Counts {
        std::size_t accepted = 0;
        std::size_t not_accepted = 0;
    };

    enum class Event {
        looked, ///< the outbox was asked for deliveries
        settled ///< results were recorded
    };

    /// @param happened is called after each event; all references outlive this
    Sender(
        boost::asio::any_io_executor executor,
        StoreDoor& store,
        const Clock& clock,
        const runtime::Log& log,
        std::function<void(Event)> happened
    );

    /// From now on deliveries go to these; those under way keep theirs.
    void use(std::shared_ptr<const Channels> channels);
    /// Looks into the outbox for each channel with room. Returns at once.
    void look();
    /// Told the end of each attempt.
    void report_to(std::function<void(const AttemptEnd&)> attempted) {
        attempted_ = std::move(attempted);
    }
    /// Told what no part of a delivery could catch: results may be missing then, and only a new
    /// start knows what was under way. Without it the exception leaves the executor.
    void fail_to(std::function<void(const std::exception_ptr&)> failed) {
        failed_ = std::move(failed);
    }
    /// While held nothing is claimed.
    enum class Hold { no, yes };
    void hold(Hold hold) { is_held_ = hold == Hold::yes; }
    /// Claims nothing any more; what is under way goes on.
    void stop() { is_stopping_ = true; }

    [[nodiscard]] std::size_t under_way() const { return under_way_; }
    /// Whether anything is being claimed, delivered or recorded.
    [[nodiscard]] bool is_busy() const {
        return under_way_ > 0 || rounds_ > 0 || (!ended_.empty() && !is_store_troubled_);
    }
    /// Whether results wait for a store that could not take them; look() tries again.
    [[nodiscard]] bool has_unrecorded() const { return !ended_.empty(); }
    /// Whether the store refused what was asked of it last; look() tries again.
    [[nodiscard]] bool is_store_troubled() const { return is_store_troubled_; }
    /// Why the store refused the last round; empty: it took it.
    [[nodiscard]] const std::string& problem() const { return problem_; }
    /// Of attempts since the start, by channel.
    [[nodiscard]] const std::map<std::string, Counts>& counts() const { return counts_; }

private:
    class StoredAttempt;
    using Permission = boost::asio::any_completion_handler<void(bool)>;

    /// A delivery at the point of no return.
    struct Commit {
        DeliveryId delivery;
        int attempt = 0;
        Permission permission;
    };
    struct Line {
        int under_way = 0;
        int asked = 0; ///< of rounds that are being written
        bool is_wanted = false;
    };

    void want(const std::string& channel);
    /// Whether another round may be handed over beside so many.
    [[nodiscard]] bool may_write(int others) const;
    void go_on();
    [[nodiscard]] service::Round gather(std::vector<Commit>& commits);
    [[nodiscard]] std::vector<service::Wanted> gather_wanted();
    [[nodiscard]] boost::asio::awaitable<void> write();
    [[nodiscard]] boost::asio::awaitable<void> write_one(
        service::Round round, std::vector<Commit> commits
    );
    [[nodiscard]] boost::asio::awaitable<Result<service::RoundResult>> run(
        const service::Round& round
    );
    void refused(service::Round round, std::vector<Commit> commits, const std::string& reason);
    void start_all(
        const std::vector<service::Wanted>& wanted, std::vector<service::SendOrder> orders
    );
    void start(service::SendOrder order);
    [[nodiscard]] boost::asio::awaitable<bool> commit(DeliveryId delivery, int attempt);
    [[nodiscard]] boost::asio::awaitable<void> deliver(
        service::SendOrder order, std::shared_ptr<notify::Notifier> notifier
    );
    void tell(const service::SendOrder& order, const notify::Outcome& outcome);
    void spawn(boost::asio::awaitable<void> work);

    boost::asio::any_io_executor executor_;
    StoreDoor& store_;
    const Clock& clock_;
    const runtime::Log& log_;
    std::function<void(Event)> happened_;
    std::function<void(const AttemptEnd&)> attempted_;
    std::function<void(const std::exception_ptr&)> failed_;
    std::shared_ptr<const Channels> channels_;
    std::map<std::string, Line> lines_;
    std::string last_served_; ///< the channel that was asked for last
    std::map<std::string, Counts> counts_;
    std::vector<Commit> commits_;       ///< for the next round
    std::vector<service::Ended> ended_; ///< for the next round
    std::size_t under_way_ = 0;
    int rounds_ = 0; ///< that are being written
    bool is_store_troubled_ = false;
    std::string problem_; ///< of the last round
    bool is_held_ = false;
    bool is_stopping_ = false;
};

} // namespace reviewd::app
