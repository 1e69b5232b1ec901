#pragma once

#include "daemon/control/arguments.hpp"
#include "daemon/control/command.hpp"
#include "scoring/base/id.hpp"
#include "scoring/base/result.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace reviewd::control {

/// How a caller wants a list that may be as long as the portfolio. With `pages` one of more than
/// page_rows is empty, and the answer has the numbers of its rows as `rows`; the caller then asks
/// with `rows` for a page after the other, and gets those that are still there. So other work comes
/// in between, and the daemon holds no more than a page.
struct PageWish {
    bool is_paged = false;
    std::vector<std::int64_t> rows; ///< of a page; empty: the whole answer

    [[nodiscard]] static PageWish read(Arguments& arguments);
    template <class Id>
    [[nodiscard]] std::vector<Id> ids() const {
        std::vector<Id> ids;
        for (const std::int64_t row : rows) {
            ids.push_back(Id{row});
        }
        return ids;
    }
};

/// What is wrong with the arguments, or with the wish: more rows than a page has. @errors `usage`
[[nodiscard]] std::optional<Error> first_problem(const Arguments& arguments, const PageWish& wish);

/// Puts the rows of these ids into the answer, or their numbers.
/// @param name of the list, which is in the answer already
/// @param to_rows makes a json::array of ids
template <class Id, class ToRows>
void put_list(
    boost::json::object& answer,
    std::string_view name,
    const std::vector<Id>& ids,
    const PageWish& wish,
    const ToRows& to_rows
) {
    if (!wish.is_paged || ids.size() <= page_rows) {
        answer[name] = to_rows(ids);
        return;
    }
    boost::json::array numbers;
    numbers.reserve(ids.size());
    for (const Id id : ids) {
        numbers.emplace_back(id.value);
    }
    answer["rows"] = std::move(numbers);
}

/// The same for reviews, which are in the answer as `reviews`.
void put_reviews(
    boost::json::object& answer,
    const Call& call,
    const std::vector<ReviewId>& ids,
    const PageWish& wish
);
/// `{"reviews"}` of the page that is asked for.
[[nodiscard]] boost::json::value review_page(const Call& call, const PageWish& wish);

} // namespace reviewd::control
