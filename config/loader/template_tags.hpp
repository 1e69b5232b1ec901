#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reviewd::config {

/// A name between `{{` and `}}`: of a value, or of a section `{{#name}}…{{/name}}`. Offsets are
/// bytes of the text.
struct TemplateTag {
    std::size_t offset = 0; ///< of the name
    std::string name;
};

struct TemplateFault {
    std::size_t offset = 0; ///< of the `{{`
    std::string message;
    std::string hint; ///< may be empty
};

struct TemplateTags {
    std::vector<TemplateTag> tags;     ///< in order, without comments and the ends of sections
    std::vector<TemplateFault> faults; ///< for which a message could not be filled; in any order
};

/// The tags of a text that a message fills later, and what is wrong with them.
///
/// @threads pure
[[nodiscard]] TemplateTags template_tags(std::string_view text);

} // namespace reviewd::config
