#pragma once

#include "config/node/parse.hpp"

#include <string>

namespace reviewd::config {

/// A report and the tree that goes with it; `shown()` is what a person would see.
struct Parsed {
    explicit Parsed(std::string text, const ParseLimits& limits = {})
        : root(parse_yaml("test.yaml", std::move(text), report, limits)) {}

    [[nodiscard]] std::string shown() const { return render(report.diagnostics()); }

    Report report;
    std::optional<Node> root;
};

} // namespace reviewd::config
