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

/// Runs the work of one row; what it throws becomes its error, unless it is no row's fault.
template <class Work>
[[nodiscard]] auto own_error(Work& work) -> std::invoke_result_t<Work&> {
    try {
        return work();
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

/// Runs the work of one row, which returns a Result, in a savepoint of its own inside the open
/// transaction. What fails is undone and becomes the row's own error, whether it was returned or
/// thrown: the other rows of the transaction go on. What the database as a whole meets, or a
/// process without memory, is no row's fault and goes on to the caller.
/// @throws StorageBusy, StorageFull, StorageLost, std::bad_alloc
template <class Work>
[[nodiscard]] auto isolated(store::Database& database, Work& work) -> std::invoke_result_t<Work&> {
    auto in_savepoint = [&] {
        return store::write(database, work);
    };
    return own_error(in_savepoint);
}

/// The rows of one transaction that must not harm each other. A savepoint costs more than most rows
/// do: all are first tried without any, and only when one of them fails is everything undone and
/// tried again with one for each.
class Rows {
public:
    enum class Savepoints { none, each };
    /// Thrown out of a transaction without savepoints when one of its rows fails.
    struct Spoilt {};

    Rows(store::Database& database, Savepoints savepoints)
        : database_(database), savepoints_(savepoints) {}

    /// As reviewd::service::isolated. @throws Spoilt beside what that throws
    template <class Work>
    [[nodiscard]] auto isolated(Work& work) const -> std::invoke_result_t<Work&> {
        if (savepoints_ == Savepoints::each) {
            return service::isolated(database_, work);
        }
        auto result = own_error(work);
        if (result.has_error()) {
            throw Spoilt{};
        }
        return result;
    }

private:
    store::Database& database_;
    Savepoints savepoints_;
};

/// Runs `work(const Rows&)`, which returns a Result, in one transaction as store::write does. It
/// may run more than once, so it must not change anything outside the database.
template <class Work>
[[nodiscard]] auto write_rows(store::Database& database, Work& work)
    -> std::invoke_result_t<Work&, const Rows&> {
    const auto run = [&](Rows::Savepoints savepoints) {
        const Rows rows{database, savepoints};
        auto inner = [&] {
            return work(rows);
        };
        return store::write(database, inner);
    };
    try {
        return run(Rows::Savepoints::none);
    } catch (const Rows::Spoilt&) {
        return run(Rows::Savepoints::each);
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
