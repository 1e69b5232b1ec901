#pragma once

#include "scoring/cel/syntax.hpp"
#include "scoring/engine/columnar/fact_columns.hpp"

#include <optional>
#include <unordered_map>

namespace reviewd::engine::columnar {

/// Which varying facts an expression reads: none, one, or several. A column that is the same for
/// all accounts does not vary.
struct Reads {
    enum class Number { none, one, several };
    Number number = Number::none;
    std::uint32_t slot = 0; ///< of the one
};

[[nodiscard]] Reads joined(Reads a, Reads b);

/// Finds what the nodes of one tree read, each node once.
class ReadFinder {
public:
    explicit ReadFinder(const FactColumns& columns) : columns_(columns) {}

    [[nodiscard]] Reads of(const cel::Node& node);

    /// To be called between trees.
    void forget() { found_.clear(); }

private:
    [[nodiscard]] Reads find(const cel::Node& node);

    const FactColumns& columns_;
    std::unordered_map<const cel::Node*, Reads> found_;
};

} // namespace reviewd::engine::columnar
