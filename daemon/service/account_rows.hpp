#pragma once

#include "scoring/base/date.hpp"
#include "scoring/engine/facts.hpp"
#include "scoring/rules/table.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::service {

/// A product that the account has bought, however often.
struct OwnedProduct {
    std::string product; ///< key
    Date bought{};       ///< the last time
};

/// A contract that has not ended; one that begins later is a contract, too.
struct Contract {
    std::string key;
    std::string product; ///< key of a device or of a service; may be empty
    std::optional<Date> start;
    std::optional<Date> end; ///< its last day; absent: none is agreed
};

/// A contact that was no review: noted here, or of a source.
struct Talk {
    Date day{};
    std::string
        kind; ///< "contact" for one that was noted here, else as the source says; may be empty
    std::string who;  ///< may be empty
    std::string note; ///< may be empty
};

/// The text or the day of a row's column; absent where it has none.
[[nodiscard]] std::optional<std::string> text_in(
    const engine::Record& row, std::optional<std::size_t> column
);
[[nodiscard]] std::optional<Date> date_in(
    const engine::Record& row, std::optional<std::size_t> column
);

/// What the account has bought by that day, the last purchase first.
[[nodiscard]] std::vector<OwnedProduct> products_bought(
    const rules::Schema& schema, const engine::AccountRecords& records, Date as_of
);

/// Those that are known by that day and have not ended, the next to end first.
[[nodiscard]] std::vector<Contract> contracts_in_force(
    const rules::Schema& schema, const engine::AccountRecords& records, Date as_of
);

/// The newest by that day; of one day the last that came in. Absent: there is none.
[[nodiscard]] std::optional<Talk> newest_talk(
    const rules::Schema& schema, const engine::AccountRecords& records, Date as_of
);

/// Whether one of the contracts covers the product: one that names it, one that names no product,
/// or one of a service such as maintenance, which is about the account as a whole.
/// @param services keys of products that are no thing of the account's
[[nodiscard]] bool is_covered(
    std::span<const Contract> contracts,
    const std::string& product,
    const std::set<std::string>& services
);

} // namespace reviewd::service
