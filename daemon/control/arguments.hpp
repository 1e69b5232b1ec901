#pragma once

#include "scoring/base/date.hpp"
#include "scoring/base/result.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::control {

/// Reads the arguments of a command. What is missing, has the wrong form, or is not known to the
/// command becomes one error; ask for it with problem() after everything was read.
class Arguments {
public:
    /// @param values outlives this
    explicit Arguments(const boost::json::object& values) : values_{values} {}

    /// Required and not empty.
    [[nodiscard]] std::string text(std::string_view name);
    /// Empty when absent.
    [[nodiscard]] std::string text_or_empty(std::string_view name);
    [[nodiscard]] std::vector<std::string> texts(std::string_view name);
    [[nodiscard]] std::map<std::string, std::string> text_map(std::string_view name);
    /// "YYYY-MM-DD"; absent when not given.
    [[nodiscard]] std::optional<Date> date(std::string_view name);
    [[nodiscard]] Date required_date(std::string_view name);
    [[nodiscard]] std::optional<std::int64_t> integer(
        std::string_view name, std::int64_t smallest, std::int64_t largest
    );
    [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name);
    /// False when absent.
    [[nodiscard]] bool flag(std::string_view name);

    /// The first thing that is wrong, as an error `usage`; also an argument nobody asked for.
    [[nodiscard]] std::optional<Error> problem() const;

private:
    [[nodiscard]] const boost::json::value* find(std::string_view name);
    void expected(std::string_view name, std::string_view what);

    const boost::json::object& values_;
    std::set<std::string, std::less<>> asked_;
    std::optional<Error> problem_;
};

} // namespace reviewd::control
