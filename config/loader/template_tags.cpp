#include "config/loader/template_tags.hpp"

#include "scoring/base/text.hpp"

#include <fmt/format.h>

namespace reviewd::config {
namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";
constexpr std::size_t longest_shown_name = 60;

/// Follows sections while the tags of one text are read.
class TagReader {
public:
    TemplateTags read(std::string_view text) {
        std::size_t begin = text.find(opening);
        while (begin != std::string_view::npos) {
            const std::size_t inside = begin + opening.size();
            const std::size_t end = text.find(closing, inside);
            const std::size_t next = text.find(opening, inside + 1);
            if (end == std::string_view::npos || next < end) {
                fault(begin, "this `{{` has no `}}`", "write `}}` behind the name");
                begin = next;
                continue;
            }
            take(text, begin, end);
            begin = text.find(opening, end + closing.size());
        }
        for (const TemplateTag& section : open_) {
            fault(
                section.offset,
                fmt::format("the section `{}` is not ended", section.name),
                fmt::format("write `{{{{/{}}}}}` where it ends", section.name)
            );
        }
        return std::move(found_);
    }

private:
    /// One tag, from its `{{` to its `}}`.
    void take(std::string_view text, std::size_t begin, std::size_t end) {
        const std::size_t inside = begin + opening.size();
        const std::size_t first = std::min(text.find_first_not_of(" \t\r\n", inside), end);
        const char sign = first < end ? text[first] : ' ';
        if (sign == '!') {
            return;
        }
        if (std::string_view{"{&>="}.find(sign) != std::string_view::npos) {
            fault(
                begin,
                fmt::format("`{}` cannot be used here", text.substr(begin, first - begin + 1)),
                "only names, sections and comments may stand between `{{` and `}}`"
            );
            return;
        }
        const bool has_sign = std::string_view{"#^/"}.find(sign) != std::string_view::npos;
        const std::size_t from =
            std::min(text.find_first_not_of(" \t\r\n", first + (has_sign ? 1 : 0)), end);
        const std::string_view name = trim(text.substr(from, end - from));
        if (name.empty()) {
            fault(begin, "nothing stands between `{{` and `}}`", "write for instance `{{budget}}`");
        } else if (sign == '/') {
            close(begin, name);
        } else {
            found_.tags.push_back({from, std::string{name}});
            if (has_sign) {
                open_.push_back({begin, cut_to_width(name, longest_shown_name)});
            }
        }
    }

    void close(std::size_t begin, std::string_view name) {
        const std::string shown = cut_to_width(name, longest_shown_name);
        if (!open_.empty() && open_.back().name == shown) {
            open_.pop_back();
            return;
        }
        fault(
            begin,
            fmt::format("no section `{}` can end here", shown),
            open_.empty() ? fmt::format("write `{{{{#{}}}}}` where it begins", shown)
                          : fmt::format("the section `{}` must end first", open_.back().name)
        );
    }

    void fault(std::size_t offset, std::string message, std::string hint) {
        found_.faults.push_back({offset, std::move(message), std::move(hint)});
    }

    std::vector<TemplateTag> open_; ///< sections, each with the place of its `{{`
    TemplateTags found_;
};

} // namespace

TemplateTags template_tags(std::string_view text) {
    return TagReader{}.read(text);
}

} // namespace reviewd::config
