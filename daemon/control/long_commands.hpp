#pragma once

#include "daemon/control/command.hpp"
#include "scoring/base/id.hpp"

#include <vector>

namespace reviewd::control {

/// What a decision can be about.
struct HeldNow {
    std::vector<ImportId> imports;
    bool has_levels = false;
};
[[nodiscard]] HeldNow held_now(service::Service& service);

/// `import`: `[sources], [dry_run], [confirm], [drop]`. Queues the sources (all when there are
/// none) or, with `confirm` or `drop`, decides about imports that are held, and with `confirm`
/// about levels that are held because of them. The caller then ticks until importer().is_busy() is
/// over, shows import_progress() meanwhile, and answers with import_answer().
/// @param seen held_now() when the command came: what is held only since then nobody has seen
/// @errors `usage`; `not_found` when nothing of a name exists or is held: then nothing is decided
[[nodiscard]] Result<void> begin_import(const Call& call, const HeldNow& seen);

/// `{"source", "rows", "share"}`, or null.
[[nodiscard]] boost::json::value import_progress(service::Service& service);

/// The shape `imports` of reviewctl-json(5).
[[nodiscard]] boost::json::value import_answer(service::Service& service);

} // namespace reviewd::control
