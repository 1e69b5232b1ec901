#include "daemon/control/page_wish.hpp"

#include "daemon/control/shapes.hpp"

#include <fmt/format.h>

namespace reviewd::control {

namespace {

namespace json = boost::json;

json::array open_reviews_json(const Call& call, const std::vector<ReviewId>& ids) {
    json::array reviews;
    reviews.reserve(ids.size());
    for (const service::ReviewRow& row : call.service.views().rows(ids, call.now)) {
        reviews.push_back(review_json(row));
    }
    return reviews;
}

} // namespace

PageWish PageWish::read(Arguments& arguments) {
    PageWish wish;
    wish.is_paged = arguments.flag("pages");
    wish.rows = arguments.integers("rows");
    return wish;
}

std::optional<Error> first_problem(const Arguments& arguments, const PageWish& wish) {
    std::optional<Error> problem = arguments.problem();
    if (!problem && wish.rows.size() > page_rows) {
        problem = fail(ErrorCode::usage, fmt::format("`rows` has at most {} numbers", page_rows));
    }
    return problem;
}

void put_reviews(
    json::object& answer, const Call& call, const std::vector<ReviewId>& ids, const PageWish& wish
) {
    put_list(answer, "reviews", ids, wish, [&](const std::vector<ReviewId>& wanted) {
        return open_reviews_json(call, wanted);
    });
}

json::value review_page(const Call& call, const PageWish& wish) {
    return json::object{{"reviews", open_reviews_json(call, wish.ids<ReviewId>())}};
}

} // namespace reviewd::control
