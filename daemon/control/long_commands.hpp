#pragma once

#include "daemon/control/command.hpp"

namespace reviewd::control {

/// `import`: `[sources], [dry_run], [confirm], [drop]`. Queues the sources (all when there are
/// none) or, with `confirm` or `drop`, decides about imports that are held, and with `confirm`
/// about levels that are held because of them. The caller then ticks until importer().is_busy() is
/// over, shows import_progress() meanwhile, and answers with import_answer().
/// @errors `usage`; `not_found` when nothing of a name exists or is held: then nothing is decided
[[nodiscard]] Result<void> begin_import(const Call& call);

/// `{"source", "rows", "share"}`, or null.
[[nodiscard]] boost::json::value import_progress(service::Service& service);

/// The shape `imports` of reviewctl-json(5).
[[nodiscard]] boost::json::value import_answer(service::Service& service);

} // namespace reviewd::control
