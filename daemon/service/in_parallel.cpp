#include "daemon/service/in_parallel.hpp"

#include "scoring/engine/columnar/column.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace reviewd::service {
namespace {

using engine::columnar::chunk_rows;
using engine::columnar::RowRange;

/// A thread costs as much as the scores of a thousand accounts or two.
constexpr std::size_t rows_worth_a_thread = 32 * chunk_rows;
constexpr std::size_t most_threads = 16;

} // namespace

void in_parallel(std::size_t rows, const std::function<void(RowRange range)>& work) {
    const std::size_t wanted = std::max<std::size_t>(1, rows / rows_worth_a_thread);
    if (wanted == 1) {
        return work({0, rows}); // the number of processors is read from files
    }
    const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
    in_parallel(rows, std::min({processors, wanted, most_threads}), work);
}

void in_parallel(
    std::size_t rows, std::size_t threads, const std::function<void(RowRange range)>& work
) {
    const std::size_t chunks = (rows + chunk_rows - 1) / chunk_rows;
    const auto range_of = [&](std::size_t part) {
        const std::size_t begin = chunks * part / threads * chunk_rows;
        const std::size_t end = chunks * (part + 1) / threads * chunk_rows;
        return RowRange{std::min(begin, rows), std::min(end, rows)};
    };
    std::vector<std::exception_ptr> failures(threads);
    const auto run = [&](std::size_t part) {
        try {
            work(range_of(part));
        } catch (...) {
            failures[part] = std::current_exception();
        }
    };
    std::vector<std::thread> others;
    others.reserve(threads - 1);
    try {
        while (others.size() + 1 < threads) {
            others.emplace_back(run, others.size() + 1);
        }
    } catch (const std::system_error&) {
        // The system gives no more threads: the caller does the rest.
    }
    run(0);
    for (std::size_t part = others.size() + 1; part < threads; ++part) {
        run(part);
    }
    for (std::thread& other : others) {
        other.join();
    }
    for (const std::exception_ptr& failure : failures) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
}

} // namespace reviewd::service
