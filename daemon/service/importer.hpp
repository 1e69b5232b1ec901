#pragma once

#include "daemon/intake/import_job.hpp"
#include "daemon/service/context.hpp"
#include "daemon/store/imports.hpp"
#include "scoring/base/result.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::service {

/// How far the import of one source is.
struct ImportProgress {
    std::string source;
    std::int64_t rows = 0;
    double share = 0; ///< of the file's bytes, 0 … 1
};

/// What became of one source.
struct ImportReport {
    std::string source;
    std::string file;
    intake::ImportJobOutcome outcome;
};

/// Reads sources: all of one run in the order of their tables, each in slices, so that nothing
/// waits long. A run that a crash interrupts begins anew; what is there already stays unchanged.
class Importer {
public:
    explicit Importer(Context& context);
    ~Importer();
    Importer(const Importer&) = delete;
    Importer& operator=(const Importer&) = delete;

    enum class Mode {
        when_changed, ///< a file like the last one is only noted as fresh
        always,
        dry_run ///< compares and counts; writes nothing
    };

    /// What to read instead of the files that the configuration names, by source.
    using Files = std::map<std::string, std::unique_ptr<intake::SourceFile>>;

    /// Queues sources; all of them when `names` is empty.
    /// @errors `not_found` for a name that no source has, with the nearest one; `conflict` while
    /// another run is under way
    [[nodiscard]] Result<void> request(
        const std::vector<std::string>& names, Mode mode, Files files = {}
    );
    /// Queues what is due by the clock or because its file changed. @returns whether anything is
    bool request_due(TimePoint now);
    /// Has every source looked at soon, however far its next turn is: its settings may be others.
    void look_again();

    /// Whether a run or what follows it is under way.
    [[nodiscard]] bool is_busy() const;
    /// Does one bounded piece. @returns whether the run has ended with it and rows may have changed
    [[nodiscard]] Result<bool> step(TimePoint now);
    [[nodiscard]] std::optional<ImportProgress> progress() const;
    /// Of the last run, by source; cleared when the next one begins.
    [[nodiscard]] const std::vector<ImportReport>& reports() const;
    /// Of the last run that `request` began, whatever request_due() began since; nothing after
    /// `decide` or `forget_requested`.
    [[nodiscard]] const std::vector<ImportReport>& requested_reports() const;

    /// Makes imports visible that were held, or gives them up; all or none.
    /// @errors `not_found`; `conflict` when one is not held, or another run is under way
    enum class Decision { confirm, drop };
    [[nodiscard]] Result<void> decide(
        const std::vector<store::Import>& held, Decision decision, const Actor& actor, TimePoint now
    );

    /// The sources of the last `decide`; nothing after `request` or `forget_requested`.
    [[nodiscard]] const std::vector<std::string>& decided_sources() const;
    /// Somebody decided about something else: the answer to that is none of an earlier command.
    void forget_requested();

    /// At start: what an earlier process left half done.
    [[nodiscard]] Result<void> resume(TimePoint now);
    /// When the next source is due; nothing without sources.
    [[nodiscard]] std::optional<TimePoint> next_wake() const;

private:
    struct State;
    /// As `request`, for whoever asks.
    [[nodiscard]] Result<void> begin_run(
        const std::vector<std::string>& names, Mode mode, Files files
    );
    /// What the store has left to do, and what follows, without reading anything.
    void finish_later();

    std::unique_ptr<State> state_;
};

} // namespace reviewd::service
