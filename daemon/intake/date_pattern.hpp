#pragma once

#include "scoring/base/date.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::intake {

/// How a file writes days: `%Y` (four digits), `%m` and `%d` (one or two), and literal characters.
class DatePattern {
public:
    /// @errors `bad_config` unless year, month and day occur once each
    [[nodiscard]] static Result<DatePattern> compile(std::string_view pattern);

    /// The day, or nothing for another form, a day that does not exist, or one outside first_date …
    /// last_date.
    [[nodiscard]] std::optional<Date> parse(std::string_view text) const;

    /// What to tell the person whose text was refused.
    [[nodiscard]] std::string why_no_date(std::string_view text) const;

    /// "DD.MM.YYYY"
    [[nodiscard]] std::string described() const;

private:
    explicit DatePattern(std::string_view pattern) : pattern_(pattern) {}

    std::string pattern_;
    bool is_iso_ = false;
};

} // namespace reviewd::intake
