#include "daemon/app/source_check.hpp"

#include "config/node/reader.hpp"
#include "daemon/intake/source_file.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

namespace reviewd::app {

Diagnostics check_sources(const config::Settings& settings) {
    config::Report report;
    for (const config::SourceSettings& source : settings.sources) {
        const std::string path = intake::source_path(settings.data_directory, source.file);
        const auto opened = intake::SourceFile::open(path, path);
        if (opened.has_value()) {
            continue;
        }
        const config::Node* const file = source.node.is_map() ? source.node.find("file") : nullptr;
        report.warning(
            file == nullptr ? source.node : *file,
            fmt::format(
                "the source `{}` cannot be read: {}",
                escape_controls(source.name),
                opened.error().message
            ),
            "relative names start in `data_directory:` or at --data"
        );
    }
    return report.diagnostics();
}

} // namespace reviewd::app
