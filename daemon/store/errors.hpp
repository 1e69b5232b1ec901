#pragma once

#include "scoring/base/result.hpp"

#include <stdexcept>
#include <string>

namespace reviewd::store {

/// The database can no longer be trusted from inside this process: an I/O error, damage, or another
/// daemon's mark in it. A COMMIT that failed so may or may not be there after a restart. Nothing
/// may be sent any more; the process ends with exit code 74 and reads everything anew. Never caught
/// to go on.
class StorageLost : public std::runtime_error {
public:
    explicit StorageLost(const std::string& message) : std::runtime_error(message) {}
};

/// The disk or memory is full, or the file system read-only: the transaction was rolled back, the
/// connection is usable, the same work may succeed later. `write()` turns it into an Error
/// (try_later).
class StorageFull : public Failure {
public:
    explicit StorageFull(std::string message)
        : Failure(Error{ErrorCode::try_later, std::move(message)}) {}
};

/// Somebody else holds the database for a moment. `write()` tries again and then gives an Error
/// (try_later).
class StorageBusy : public Failure {
public:
    explicit StorageBusy(std::string message)
        : Failure(Error{ErrorCode::try_later, std::move(message)}) {}
};

} // namespace reviewd::store
