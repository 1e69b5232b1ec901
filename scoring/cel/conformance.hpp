#pragma once

#include <string>
#include <string_view>

namespace reviewd::cel {

struct ConformanceResult {
    bool passed = false;
    std::string name;    ///< "file/section/name" of the case; empty when the line cannot be read
    std::string message; ///< of a failed one: the expression, what was expected, what came out
};

/// Runs one case of the specification's conformance files in Dialect::standard. A case is one JSON
/// object: `file`, `section`, `name`; `expr`; `bindings` (name -> typed value); `value` (a typed
/// value) or `error` (any error is expected); `dynamic` (types are not checked beforehand);
/// `macros` (false switches them off); `declared_only` (variables without a value: a list of names
/// or an object with them as keys, or true for those of `bindings`); `container`. Typed values:
/// {"int":"1"} {"uint":"1"} {"double":"1.5"} {"string":…} {"bytes":base64} {"bool":…} {"null":null}
/// {"list":[…]} {"map":[[key,value],…]} {"type":"int"}.
[[nodiscard]] ConformanceResult run_conformance_case(std::string_view json_line);

} // namespace reviewd::cel
