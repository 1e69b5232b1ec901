#pragma once

#include "daemon/service/service.hpp"
#include "daemon/simulation/company.hpp"
#include "daemon/simulation/disk.hpp"
#include "daemon/store/database.hpp"
#include "scoring/base/result.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace reviewd::simulation {

/// The machine that the daemon runs on: its simulated disk with the database, a real temporary
/// directory with configuration and source files, and the process, as long as it lives.
class Machine {
public:
    explicit Machine(std::uint64_t seed);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    void write_configuration(const Company& company);
    /// Writes a source's file, or removes it when there is no text. Its time of change is `at`.
    void write_source(const std::string& name, const std::string* text, TimePoint at);

    /// Opens the database and starts the service, as the daemon does.
    /// @errors of both; then the process has ended again
    [[nodiscard]] Result<void> start(TimePoint now);
    [[nodiscard]] bool is_running() const { return service_ != nullptr; }
    /// The process is gone, however it ended; the disk becomes what the next one finds.
    void end();
    /// @errors what is wrong with the files; nothing was changed then
    [[nodiscard]] Result<void> reload(TimePoint now);

    [[nodiscard]] service::Service& service() { return *service_; }
    [[nodiscard]] store::Database& database() { return *database_; }
    [[nodiscard]] Disk& disk() { return disk_; }

private:
    [[nodiscard]] Result<config::Configuration> load();

    std::uint64_t seed_;
    std::filesystem::path directory_;
    Disk disk_;
    std::optional<config::Configuration> loaded_; ///< of the files as they are
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<service::Service> service_;
};

} // namespace reviewd::simulation
