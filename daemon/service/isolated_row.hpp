#pragma once

#include "daemon/service/context.hpp"
#include "daemon/service/notice.hpp"
#include "daemon/store/errors.hpp"
#include "daemon/store/transaction.hpp"
#include "scoring/base/result.hpp"

#include <exception>
#include <new>
#include <type_traits>

namespace reviewd::service {

/// Runs the work of one row, which returns a Result, in a savepoint of its own inside the open
/// transaction. What fails is undone and becomes the row's own error, whether it was returned or
/// thrown: the other rows of the transaction go on. What the database as a whole meets, or a
/// process without memory, is no row's fault and goes on to the caller.
/// @throws StorageBusy, StorageFull, StorageLost, std::bad_alloc
template <class Work>
[[nodiscard]] auto isolated(store::Database& database, Work& work) -> std::invoke_result_t<Work&> {
    try {
        return store::write(database, work);
    } catch (const store::StorageLost&) {
        throw;
    } catch (const store::StorageFull&) {
        throw;
    } catch (const store::StorageBusy&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        return fail(ErrorCode::internal, error.what());
    }
}

/// Holds a delivery that cannot be checked, composed or read until somebody releases it, so that
/// nothing else waits for it. Inside a transaction.
/// @returns what to tell of it
/// @errors when the database cannot take that either
[[nodiscard]] Result<Notice> hold_row(
    Context& context, DeliveryId delivery, const Error& reason, TimePoint now
);

} // namespace reviewd::service
