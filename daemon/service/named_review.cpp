#include "daemon/service/named_review.hpp"

#include "daemon/store/account_keys.hpp"
#include "daemon/store/portfolio.hpp"
#include "daemon/store/reviews.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace reviewd::service {
namespace {

/// What a person wrote for a review.
struct ReviewWords {
    enum class Kind { either, review, account } kind = Kind::either;
    std::string name;                   ///< without `review:` or `account:`
    std::optional<std::int64_t> number; ///< absent: it is none, or of an account
};

ReviewWords read_words(const std::string& text) {
    constexpr std::string_view of_review = "review:";
    constexpr std::string_view of_account = "account:";
    ReviewWords words{ReviewWords::Kind::either, text, std::nullopt};
    if (text.starts_with(of_review)) {
        words = {ReviewWords::Kind::review, text.substr(of_review.size()), std::nullopt};
    } else if (text.starts_with(of_account)) {
        words = {ReviewWords::Kind::account, text.substr(of_account.size()), std::nullopt};
    }
    const char* const end = words.name.data() + words.name.size();
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(words.name.data(), end, number);
    if (words.kind != ReviewWords::Kind::account && error == std::errc{} && stop == end) {
        words.number = number;
    }
    return words;
}

/// Of a number that is a review's and the key of another account: nobody can tell which is meant,
/// and a report of the wrong customer is hard to find later.
Error two_are_meant(
    const std::string& name,
    const store::Account& of_review,
    const store::Account& account,
    const std::optional<store::Review>& open
) {
    return fail(
        ErrorCode::conflict,
        fmt::format(
            "{0} is a review of {1} ({2}), and the key of {3}{4}: write `review:{0}` or "
            "`account:{0}`",
            name,
            escape_controls(of_review.name),
            escape_controls(of_review.key),
            escape_controls(account.name),
            open ? fmt::format(", whose open review is {}", open->id.value) : ""
        )
    );
}

/// The review of that number, unless the bare number is another account's key as well.
Result<ReviewId> check_number(
    const Context& context, const ReviewWords& words, const store::Review& numbered
) {
    if (words.kind == ReviewWords::Kind::review) {
        return numbered.id;
    }
    const auto keyed = store::accounts_with_key(context.database, words.name);
    const auto other = std::find_if(keyed.begin(), keyed.end(), [&](AccountId id) {
        return id != numbered.account;
    });
    if (other == keyed.end()) {
        return numbered.id;
    }
    store::Portfolio portfolio{context.database, context.rules().schema};
    return two_are_meant(
        words.name,
        portfolio.account(numbered.account).value_or(store::Account{}),
        portfolio.account(*other).value_or(store::Account{}),
        store::Reviews{context.database}.open_of(*other)
    );
}

Error nothing_named(const std::string& text) {
    return fail(
        ErrorCode::usage,
        fmt::format(
            "`{}` names nothing: write `review:` and its number, or `account:` and a key",
            escape_controls(text)
        )
    );
}

Error no_such_review(const ReviewWords& words) {
    return fail(
        ErrorCode::not_found,
        fmt::format(
            "there is no review `{0}`; `reviewctl plan` lists the open ones; an account is meant by "
            "`account:{0}`",
            escape_controls(words.name)
        )
    );
}

/// @param words of an account, or of either
Result<store::Account> find_account(const Context& context, const ReviewWords& words) {
    store::Portfolio portfolio{context.database, context.rules().schema};
    Result<store::Account> account = portfolio.find_account(words.name);
    if (account.has_value() || account.error().code != ErrorCode::not_found
        || words.kind == ReviewWords::Kind::account) {
        return account;
    }
    return fail(
        ErrorCode::not_found,
        fmt::format(
            "there is no review {} (`reviewctl plan` lists the open ones), and {}",
            words.number ? words.name : fmt::format("`{}`", escape_controls(words.name)),
            account.error().message
        )
    );
}

} // namespace

Result<ReviewId> find_named_review(const Context& context, const std::string& text) {
    store::Reviews reviews{context.database};
    ReviewWords words = read_words(text);
    if (words.number) {
        if (const auto numbered = reviews.find(ReviewId{*words.number})) {
            return check_number(context, words, *numbered);
        }
    }
    if (words.name != text && !store::accounts_with_key(context.database, text).empty()) {
        words = {ReviewWords::Kind::account, text, std::nullopt}; // its key begins so
    }
    if (trim(words.name).empty()) {
        return nothing_named(text);
    }
    if (words.kind == ReviewWords::Kind::review) {
        return no_such_review(words);
    }
    const Result<store::Account> account = find_account(context, words);
    if (!account.has_value()) {
        return account.error();
    }
    const std::optional<store::Review> open = reviews.open_of(account->id);
    if (!open) {
        return fail(
            ErrorCode::not_found,
            fmt::format("`{}` has no open review", escape_controls(account->name))
        );
    }
    return open->id;
}

} // namespace reviewd::service
