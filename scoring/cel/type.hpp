#pragma once

// scoring/cel: the Common Expression Language (github.com/google/cel-spec): lexer, parser, checker,
// reference interpreter. Knows nothing of accounts or rules. Includes scoring/base only.

#include <string>
#include <string_view>
#include <vector>

namespace reviewd::cel {

/// The static type of an expression. `dyn` stands for "known only when evaluated".
struct Type {
    enum class Kind {
        dyn,
        null,
        boolean,
        integer,
        unsigned_integer,
        real,
        string,
        bytes,
        timestamp,
        duration,
        list,
        map,
        type
    };

    Kind kind = Kind::dyn;
    std::vector<Type> parameters; ///< list: element; map: key, value; otherwise empty

    friend bool operator==(const Type&, const Type&) = default;
};

[[nodiscard]] Type list_of(Type element);
[[nodiscard]] Type map_of(Type key, Type value);

/// CEL's name of the kind alone: "int", "list", "google.protobuf.Timestamp" …
[[nodiscard]] std::string_view type_name(Type::Kind kind);

/// CEL's own spelling: "int", "list(string)", "google.protobuf.Timestamp" …
[[nodiscard]] std::string to_string(const Type& type);

/// The word a manager reads in a message: "whole number", "number", "text", "yes or no", "date",
/// "list of text" …
[[nodiscard]] std::string described(const Type& type);

/// The same for several of them: "whole numbers", "dates" …
[[nodiscard]] std::string described_plural(const Type& type);

} // namespace reviewd::cel
