// Conditions and numbers of rules: compiled, then judged with facts of which some are missing.
#include "scoring/cel/expression.hpp"

#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/cel/portfolio.hpp"

#include <string>

namespace {

using namespace reviewd;
using fuzz::require;

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const cel::test::Portfolio portfolio;
    const std::string source{fuzz::Input{data, size}.rest()};
    const auto compiled = cel::compile(source, portfolio.environment);
    if (!compiled.has_value()) {
        require(!compiled.error().empty(), "what is refused has a reason");
        for (const cel::Problem& problem : compiled.error()) {
            require(problem.begin <= problem.end && problem.end <= source.size(), "with its place");
            require(!problem.message.empty(), "in words");
        }
        return 0;
    }
    const auto again = cel::compile(compiled->source(), portfolio.environment);
    require(again.has_value(), "what was read can be read again");
    require(again->slots() == compiled->slots(), "and reads the same facts");
    const cel::Value value = cel::evaluate(*compiled, portfolio.values);
    require(cel::identical(value, cel::evaluate(*again, portfolio.values)), "with the same result");
    static_cast<void>(cel::to_string(value));
    return 0;
}
