#include "daemon/simulation/machine.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/base/diagnostic.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace reviewd::simulation {
namespace {

namespace fs = std::filesystem;

/// In memory where the system has such a place: the files are small and written often.
fs::path make_directory() {
    std::error_code ignored;
    const fs::path memory = "/dev/shm";
    const bool has_memory = fs::is_directory(memory, ignored) && ::access("/dev/shm", W_OK) == 0;
    std::string pattern =
        ((has_memory ? memory : fs::temp_directory_path()) / "reviewd-simulation-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw Failure(fail(
            ErrorCode::cannot_create, fmt::format("no temporary directory can be made: {}", pattern)
        ));
    }
    return pattern;
}

void write_file(const fs::path& path, const std::string& text) {
    std::ofstream stream{path, std::ios::binary | std::ios::trunc};
    stream << text;
    stream.close();
    if (!stream) {
        throw Failure(fail(ErrorCode::io_failed, fmt::format("{} cannot be written", path.string()))
        );
    }
}

} // namespace

Machine::Machine(std::uint64_t seed) : seed_(seed), directory_(make_directory()), disk_(seed) {
    fs::create_directories(directory_ / "data");
    fs::create_directories(directory_ / "rules");
    write_file(directory_ / "agenda.yaml", agenda_text);
}

Machine::~Machine() {
    disk_.crash_now(Disk::Ending::process); // nothing is tidied up for nobody
    service_.reset();
    database_.reset();
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
}

void Machine::write_configuration(const Company& company) {
    loaded_.reset();
    write_file(directory_ / "reviewd.yaml", settings_text(company));
    write_file(directory_ / "rules" / "scoring.yaml", rules_text(company.rules()));
}

void Machine::write_source(const std::string& name, const std::string* text, TimePoint at) {
    const fs::path file = directory_ / "data" / (name + ".csv");
    if (text == nullptr) {
        std::error_code ignored;
        fs::remove(file, ignored);
        return;
    }
    write_file(file, *text);
    // The daemon looks at the time of change; the real one would differ from run to run.
    const auto since = at.time_since_epoch();
    const auto whole = std::chrono::floor<std::chrono::seconds>(since);
    timespec time{};
    time.tv_sec = whole.count();
    time.tv_nsec = std::chrono::nanoseconds{since - whole}.count();
    const timespec times[2] = {time, time};
    REVIEWD_ASSERT(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
}

Result<config::Configuration> Machine::load() {
    config::LoadOptions options;
    options.state_directory = (directory_ / "state").string();
    options.control_socket = (directory_ / "control.sock").string();
    config::LoadedConfiguration loaded =
        config::load_configuration((directory_ / "reviewd.yaml").string(), options);
    if (!loaded.configuration) {
        return fail(ErrorCode::bad_config, render(loaded.diagnostics));
    }
    loaded_ = std::move(*loaded.configuration);
    return *loaded_;
}

Result<void> Machine::start(TimePoint now) {
    // A new process has nothing of the former one: what was read of the same files will do.
    Result<config::Configuration> configuration =
        loaded_ ? Result<config::Configuration>{*loaded_} : load();
    if (!configuration.has_value()) {
        return configuration.error();
    }
    auto opened = store::Database::open_simulated("reviewd.db", disk_.vfs());
    if (!opened.has_value()) {
        return opened.error();
    }
    database_ = std::move(*opened);
    service::ServiceOptions options;
    options.seed = seed_;
    options.host_name = "simulated.test";
    service_ = std::make_unique<service::Service>(*database_, std::move(*configuration), options);
    Result<void> started = service_->start(now);
    if (!started.has_value()) {
        end();
    }
    return started;
}

void Machine::end() {
    disk_.crash_now(Disk::Ending::process); // else closing would write
    service_.reset();
    database_.reset();
    disk_.restart();
}

Result<void> Machine::reload(TimePoint now) {
    Result<config::Configuration> configuration = load();
    if (!configuration.has_value()) {
        return configuration.error();
    }
    return service_->reload(std::move(*configuration), {"it", "socket"}, now);
}

} // namespace reviewd::simulation
