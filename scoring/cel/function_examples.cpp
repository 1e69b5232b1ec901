// One expression for each function, for the manual, which shows it with its value. Operators are
// known to everybody and have none.
#include "scoring/cel/functions.hpp"

#include <algorithm>
#include <array>

namespace reviewd::cel {
namespace {

struct Example {
    std::string_view function;
    std::string_view expression;
};

// clang-format off
constexpr std::array examples{
    Example{"known", R"(known(timestamp("2026-01-31")))"},
    Example{"min", "min(20, 2 * 4)"},
    Example{"max", R"(max(timestamp("2026-01-31"), timestamp("2026-02-15")))"},
    Example{"clamp", "clamp(120, 0, 100)"},
    Example{"months_between", R"(months_between(timestamp("2026-01-31"), timestamp("2026-11-20")))"},
    Example{"days_until", R"(days_until(timestamp("2026-02-10"), timestamp("2026-01-31")))"},
    Example{"size", R"(size(["printer", "paper"]))"},
    Example{"contains", R"("Hartley Print".contains("Print"))"},
    Example{"startsWith", R"("GTX Pro".startsWith("GTX"))"},
    Example{"endsWith", R"("GTX Pro".endsWith("Pro"))"},
    Example{"matches", R"("GTX Pro".matches("^G.X"))"},
    Example{"int", "int(2.9)"},
    Example{"uint", "uint(3)"},
    Example{"double", R"(double("1.5"))"},
    Example{"string", "string(42)"},
    Example{"bytes", R"(bytes("hi"))"},
    Example{"bool", R"(bool("true"))"},
    Example{"timestamp", R"(timestamp("2026-01-31") < timestamp("2026-02-15"))"},
    Example{"duration", R"(timestamp("2026-01-31") + duration("36h") > timestamp("2026-02-01"))"},
    Example{"type", "type(1.5) == double"},
    Example{"dyn", R"(dyn(1) == dyn("1"))"},
    Example{"getFullYear", R"(timestamp("2026-01-31").getFullYear())"},
    Example{"getMonth", R"(timestamp("2026-01-31").getMonth())"},
    Example{"getDate", R"(timestamp("2026-01-31").getDate())"},
    Example{"getDayOfMonth", R"(timestamp("2026-01-31").getDayOfMonth())"},
    Example{"getDayOfWeek", R"(timestamp("2026-01-31").getDayOfWeek())"},
    Example{"getDayOfYear", R"(timestamp("2026-01-31").getDayOfYear())"},
    Example{"getHours", R"(timestamp("2026-01-31T08:30:00Z").getHours("Asia/Dhaka"))"},
    Example{"getMinutes", R"(timestamp("2026-01-31T08:30:00Z").getMinutes())"},
    Example{"getSeconds", R"(duration("2m").getSeconds())"},
    Example{"getMilliseconds", R"(timestamp("2026-01-31T08:30:00.250Z").getMilliseconds())"},
    Example{"charAt", R"("GTX".charAt(0))"},
    Example{"indexOf", R"("GTX Pro".indexOf("Pro"))"},
    Example{"lastIndexOf", R"("banana".lastIndexOf("an"))"},
    Example{"lowerAscii", R"("GTX Pro".lowerAscii())"},
    Example{"upperAscii", R"("gtx".upperAscii())"},
    Example{"replace", R"("GTX-Pro".replace("-", " "))"},
    Example{"split", R"("north,west".split(","))"},
    Example{"join", R"(["north", "west"].join(", "))"},
    Example{"substring", R"("GTX Pro".substring(4))"},
    Example{"trim", R"(" GTX ".trim())"},
    Example{"reverse", R"("GTX".reverse())"},
    Example{"format", R"("%s has %d".format(["Hartley", 2]))"},
    Example{"strings.quote", R"(strings.quote("say \"hi\""))"},
    Example{"math.greatest", "math.greatest(1, 5, 3)"},
    Example{"math.least", "math.least(1.5, 0.5)"},
    Example{"math.ceil", "math.ceil(1.2)"},
    Example{"math.floor", "math.floor(1.8)"},
    Example{"math.round", "math.round(2.5)"},
    Example{"math.trunc", "math.trunc(-1.8)"},
    Example{"math.sqrt", "math.sqrt(9)"},
    Example{"math.abs", "math.abs(-3)"},
    Example{"math.sign", "math.sign(-3)"},
    Example{"math.isNaN", "math.isNaN(1.5)"},
    Example{"math.isInf", "math.isInf(1.0 / 0.0)"},
    Example{"math.isFinite", "math.isFinite(1.5)"},
    Example{"math.bitOr", "math.bitOr(1, 4)"},
    Example{"math.bitAnd", "math.bitAnd(5, 4)"},
    Example{"math.bitXor", "math.bitXor(5, 1)"},
    Example{"math.bitNot", "math.bitNot(0)"},
    Example{"math.bitShiftLeft", "math.bitShiftLeft(1, 3)"},
    Example{"math.bitShiftRight", "math.bitShiftRight(8, 3)"},
    Example{"base64.encode", R"(base64.encode(b"hi"))"},
    Example{"base64.decode", R"(base64.decode("aGk="))"},
};
// clang-format on

} // namespace

std::string_view example_of(const Function& function) {
    const auto* const found =
        std::find_if(examples.begin(), examples.end(), [&](const Example& each) {
            return each.function == function.name;
        });
    return found == examples.end() ? std::string_view{} : found->expression;
}

} // namespace reviewd::cel
