#pragma once

#include "config/loader/configuration.hpp"
#include "daemon/service/service.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/instance_lock.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/service/run_until_idle.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::test {

/// What a customer file says of one account.
struct AccountRow {
    std::string key;
    std::string owner;
    int budget = 0; ///< below 0: not known
    bool is_vip = false;
};

/// What the network saw.
struct Sent {
    TimePoint at{};
    notify::Message message;
};

/// The service on a real database in a temporary directory, with files that a test can change and a
/// clock that it cranks by hand. Every message is accepted, unless the test answers itself.
class World {
public:
    World();
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Rewrites a source; takes effect when it is read again.
    void write_accounts(std::vector<AccountRow> accounts);
    /// One row of that source: replaced, or added at its end.
    void put_account(const AccountRow& account);
    void drop_account(const std::string& key);
    void write_purchases(const std::string& rows);
    /// Any other file of the data directory.
    void write_data(const std::string& name, const std::string& text);
    /// Before `open`: tickets are a source, without any yet, and there are these triggers (items of
    /// `triggers:`, each line indented).
    void watch_tickets(const std::string& triggers);
    void write_agenda(const std::string& text);
    /// Before `open`: the channel is of a type that shows HTML.
    void show_html();
    /// Replaces a piece of the configuration or of the rules before `open` or `reload`.
    void edit_settings(const std::string& from, const std::string& to);
    void edit_rules(const std::string& from, const std::string& to);
    [[nodiscard]] config::Configuration load() const;

    /// Opens the database and starts the service; once more after `close`.
    void open(TimePoint now);
    /// Forgets everything that is not in the database, as a killed process does.
    void close();
    [[nodiscard]] bool is_open() const { return service_ != nullptr; }
    [[nodiscard]] service::Service& service() { return *service_; }
    [[nodiscard]] store::Database& database() { return *database_; }

    /// Works and delivers until nothing is left to do at `now`.
    void run(TimePoint now);
    /// As `run`, at every moment at which the service wants to be woken, until `end`.
    void run_through(TimePoint from, TimePoint end);

    /// Reads all sources now, and does what follows.
    void import(TimePoint now);

    std::string host_name = "example.test"; ///< of the machine at the next `open`

    using Answer = std::function<notify::Outcome(const service::SendOrder& order, TimePoint now)>;
    Answer answer; ///< empty: accepted
    /// What the outbox knows of a channel; empty: what mail needs. Set before the world opens.
    std::function<notify::DeliveryTraits(std::string_view channel)> traits;
    /// What is wrong with an address; empty: every one is fine. Set before the world opens.
    std::function<std::string(std::string_view channel, std::string_view address)> check_address;
    /// Signs the links of messages; empty: something that works.
    std::function<std::string(const store::LinkGrant& grant)> sign_link;
    std::vector<Sent> sent;

    /// Keys of reminders that were sent, each with how often.
    [[nodiscard]] std::map<std::string, int> sent_reminders() const;
    [[nodiscard]] std::vector<store::Review> open_reviews();
    [[nodiscard]] store::Review open_review(const std::string& account);
    /// What `plan` shows of an owner (empty: of all).
    [[nodiscard]] std::vector<service::ReviewRow> plan(const std::string& owner, TimePoint now);
    [[nodiscard]] store::Account account(const std::string& key);
    /// Everything that matters about the state, as text; equal texts, equal states.
    [[nodiscard]] std::string describe();

private:
    void write_account_file() const;
    void deliver(TimePoint now);

    TemporaryDirectory directory_;
    std::vector<AccountRow> accounts_;
    std::string settings_;
    std::string rules_;
    std::optional<store::InstanceLock> lock_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<service::Service> service_;
};

/// `day` at `hours`:`minutes`, in UTC.
[[nodiscard]] TimePoint at(Date day, int hours, int minutes = 0);

/// Checks what must hold after every day: exactly one open review per active account, on a working
/// day of its owner, never beyond its maximum without being named; ledgers that add up.
void check_invariants(World& world, TimePoint now);

} // namespace reviewd::test
