#pragma once

// daemon/store: the only folder with SQL. Repositories over one SQLite file: plain structs in,
// plain structs out. Includes scoring/* and nothing else of ours; knows neither configuration nor
// notifiers.
//
// How to use it: open a `Database` (the one writer, confined to its thread) under an
// `InstanceLock`, make the repositories you need on it (they are two pointers big: make them where
// you need them), and change things inside `write(database, …)`. Readers open a `ReadDatabase`.
// Every member function may throw StorageLost; those that read throw nothing else. Writing members
// must run inside a Transaction.

#include <functional>
#include <memory>

namespace reviewd::store {

/// An open SQLite connection with its prepared statements; what repositories read through.
class Connection {
public:
    struct Implementation; // daemon/store/internal/implementation.hpp

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    virtual ~Connection();

    /// Whether this is the writer.
    [[nodiscard]] bool is_writer() const noexcept;
    [[nodiscard]] bool is_in_transaction() const noexcept;

    /// Makes the calling thread the only one that may use the connection from now on. A connection
    /// belongs at first to the thread that opened it; every use asserts it.
    void move_to_this_thread() noexcept;

    /// For daemon/store itself.
    [[nodiscard]] Implementation& implementation() noexcept;
    [[nodiscard]] const Implementation& implementation() const noexcept;

protected:
    explicit Connection(std::unique_ptr<Implementation> implementation);

private:
    std::unique_ptr<Implementation> implementation_;
};

} // namespace reviewd::store
