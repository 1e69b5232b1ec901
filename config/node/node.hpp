#pragma once

// config/node: a YAML tree in which every value knows file, line and column. Hides yaml-cpp:
// nothing of it shows in a header. Includes scoring/base only.

#include "config/node/secrets.hpp"
#include "scoring/base/diagnostic.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::config {

/// The text of one file, shared by all nodes read from it, so that a finding can show its line.
struct SourceText {
    SourceText(std::string name, std::string content);

    std::shared_ptr<const std::string> file; ///< as the person named it
    std::string text;                        ///< without a byte order mark

    /// Line `number` (from 1) without its end, or an empty string.
    [[nodiscard]] std::string_view line(int number) const;
    /// The same as it may be shown: without secrets, and nothing of a very long one.
    [[nodiscard]] std::string shown_line(int number) const;
    /// From now on nothing shows these bytes: a secret stands there.
    void hide(std::size_t begin, std::size_t end);
    /// Line and column of a byte; an offset past the end is the end.
    [[nodiscard]] SourcePosition position_of(std::size_t offset) const;

private:
    std::vector<std::size_t> line_starts_;
    std::vector<TextRange> hidden_; ///< rising, without overlaps
};

/// One value of a YAML file: a scalar, a sequence or a map. Immutable; copies share the tree.
class Node {
public:
    enum class Kind { scalar, sequence, map };
    /// How a scalar was written. Only `plain` is subject to YAML's guesses; a block keeps line
    /// breaks (`|`) or folds (`>`).
    enum class Style { plain, single_quoted, double_quoted, literal_block, folded_block };

    struct Entry;

    [[nodiscard]] Kind kind() const;
    [[nodiscard]] bool is_map() const { return kind() == Kind::map; }
    [[nodiscard]] bool is_sequence() const { return kind() == Kind::sequence; }
    [[nodiscard]] bool is_scalar() const { return kind() == Kind::scalar; }

    /// Where the value begins.
    [[nodiscard]] SourcePosition position() const;
    /// Position of the byte `offset` of a scalar's text, as near as the style allows (exact for
    /// one-line scalars and for blocks); for carets below an expression.
    [[nodiscard]] SourcePosition position_in_text(std::size_t offset) const;
    /// "rules[2].when": the way from the file's root, for messages.
    [[nodiscard]] std::string path() const;
    [[nodiscard]] const SourceText& source() const;
    /// Whether the value stands inside `{ }` or `[ ]`, where a comma ends it.
    [[nodiscard]] bool is_in_flow() const;
    /// Whether the file held nothing but comments: an empty map that nobody wrote.
    [[nodiscard]] bool is_empty_document() const;

    /// @pre is_scalar()
    [[nodiscard]] const std::string& text() const;
    /// The text as it may be shown: without what is secret in it. @pre is_scalar()
    [[nodiscard]] std::string shown_text() const;
    /// What is not to be shown of the text, by the keys it stands behind. @pre is_scalar()
    [[nodiscard]] std::vector<TextRange> secret_parts() const;
    /// Whether nothing, `~` or `null` was written. @pre is_scalar()
    [[nodiscard]] bool is_null() const;
    /// @pre is_scalar()
    [[nodiscard]] Style style() const;
    /// @pre is_sequence()
    [[nodiscard]] const std::vector<Node>& elements() const;
    /// In the order of the file; keys are distinct. @pre is_map()
    [[nodiscard]] const std::vector<Entry>& entries() const;
    /// The value of `key`, or null. Does not count as reading it; see MapReader. @pre is_map()
    [[nodiscard]] const Node* find(std::string_view key) const;

    struct Data;
    explicit Node(std::shared_ptr<const Data> data);
    [[nodiscard]] const Data& data() const { return *data_; } ///< for config/node itself

private:
    std::shared_ptr<const Data> data_;
};

struct Node::Entry {
    Node key; ///< always a scalar
    Node value;
};

} // namespace reviewd::config
