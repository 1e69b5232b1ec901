#include "config/loader/file_environment.hpp"

#include "scoring/cel/parser.hpp"

#include <algorithm>
#include <array>

namespace reviewd::config {
namespace {

/// First parts of the names of functions.
constexpr std::array<std::string_view, 3> namespaces{"base64", "math", "strings"};

void declare_names(const cel::Node& node, cel::Environment& environment) {
    const bool is_name =
        node.kind == cel::Node::Kind::identifier && !node.name.empty() && node.name.front() != '.'
        && std::find(namespaces.begin(), namespaces.end(), node.name) == namespaces.end();
    if (is_name && !environment.slot_of(node.name)) {
        environment.declare(node.name, cel::Type{cel::Type::Kind::string, {}});
    }
    for (const cel::NodePointer& child : node.children) {
        if (child) {
            declare_names(*child, environment);
        }
    }
}

} // namespace

cel::Environment file_environment(std::string_view source) {
    cel::Environment environment{cel::Dialect::rules};
    const cel::Type text{cel::Type::Kind::string, {}};
    environment.declare("row", cel::map_of(text, text));
    cel::Problems problems;
    if (const cel::NodePointer root = cel::parse(source, environment, problems)) {
        declare_names(*root, environment);
    }
    return environment;
}

} // namespace reviewd::config
