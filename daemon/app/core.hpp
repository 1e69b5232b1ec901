#pragma once

#include "config/loader/configuration.hpp"
#include "daemon/app/channels.hpp"
#include "daemon/service/service.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/instance_lock.hpp"
#include "scoring/base/result.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace reviewd::app {

/// The lock, the database and the service over it, opened and recovered. Belongs to the thread that
/// opened it, its end included.
class Core {
public:
    /// Gives the moment to begin with, told the latest one that the database has seen.
    using BeginTime = std::function<TimePoint(std::optional<TimePoint> last_seen)>;

    /// What the service asks those who know channels and links.
    struct Hooks {
        std::function<std::string(std::string_view, std::string_view)> check_address;
        std::function<std::string(const store::LinkGrant&)> sign_link{};
        std::function<notify::DeliveryTraits(std::string_view)> traits{};
    };

    /// Takes the lock (making the state directory, mode 0700, when it is missing), opens the
    /// database, brings it up to date and recovers what an earlier process left. A directory that
    /// looks like a slip is not made: one below a folder that is not there, or one nearly called
    /// as its neighbour that has a database; all would begin anew, and people would be told again.
    /// @param hooks see service::ServiceOptions
    /// @errors `cannot_create` when another process holds the lock or the directory is not made;
    /// those of store::Database::open and service::Service::start
    [[nodiscard]] static Result<std::unique_ptr<Core>> open(
        const config::Configuration& configuration,
        store::OpenMode mode,
        Hooks hooks,
        const BeginTime& begin
    );

    class Token {
        Token() = default;
        friend class Core;
    };
    /// For open() alone: only it can make a Token.
    Core(Token /*token*/, store::InstanceLock lock) : lock_{std::move(lock)} {}

    [[nodiscard]] service::Service& service() { return *service_; }
    [[nodiscard]] store::Database& database() { return *database_; }

private:
    store::InstanceLock lock_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<service::Service> service_;
};

} // namespace reviewd::app
