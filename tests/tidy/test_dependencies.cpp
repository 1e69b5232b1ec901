// Which folder may include which. The table is the architecture: README.md shows it as a map, this
// test keeps it true.
#include "tests/support/catch.hpp"
#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

using namespace reviewd::tidy;

namespace {

struct Layer {
    std::string folder;
    std::vector<std::string> uses; ///< and whatever these use
};

const std::vector<Layer>& layers() {
    static const std::vector<Layer> table{
        {"scoring/base", {}},
        {"scoring/cel", {"scoring/base"}},
        {"scoring/rules", {"scoring/cel"}},
        {"scoring/engine", {"scoring/rules"}},
        {"scoring/engine/columnar", {"scoring/engine"}},
        {"config/node", {"scoring/base"}},
        {"config/calendar", {"config/node"}},
        {"config/loader", {"config/calendar", "scoring/engine"}},
        {"daemon/review", {"scoring/engine"}},
        {"daemon/message", {"config/loader", "daemon/review"}},
        {"daemon/store", {"scoring/engine", "daemon/review"}},
        {"daemon/intake", {"config/loader", "daemon/store"}},
        {"daemon/notify/api", {"config/node", "daemon/runtime/asio"}},
        {"daemon/service",
         {"daemon/intake", "daemon/message", "daemon/notify/api", "scoring/engine/columnar"}},
        {"daemon/notify/mail", {"daemon/notify/api"}},
        {"daemon/notify/web", {"daemon/notify/api"}},
        {"daemon/notify/plugins", {"daemon/notify/mail", "daemon/notify/web"}},
        {"daemon/notify/registry", {"daemon/notify/plugins"}},
        {"daemon/runtime/asio", {}},
        {"daemon/runtime/outbound", {"daemon/notify/api", "daemon/runtime/asio"}},
        {"daemon/runtime/process", {"daemon/notify/api", "daemon/runtime/asio"}},
        {"daemon/runtime", {"scoring/base", "daemon/runtime/asio"}},
        {"daemon/links", {"daemon/service", "daemon/runtime"}},
        {"daemon/control", {"daemon/service"}},
        {"daemon/app",
         {"daemon/control",
          "daemon/links",
          "daemon/notify/registry",
          "daemon/runtime",
          "daemon/runtime/outbound",
          "daemon/runtime/process"}},
        {"daemon/simulation", {"daemon/service"}},
        {"daemon/usage", {"scoring/base"}},
        {"daemon/ctl", {"daemon/app", "daemon/simulation", "daemon/usage"}},
        {"daemon", {"daemon/app", "daemon/usage"}}, // main.cpp
    };
    return table;
}

/// The layer that a folder belongs to: the longest entry that is the folder or above it.
const Layer* layer_of(const std::string& folder) {
    const Layer* best = nullptr;
    for (const Layer& layer : layers()) {
        const bool holds = folder == layer.folder || (folder.rfind(layer.folder + "/", 0) == 0);
        if (holds && (best == nullptr || layer.folder.size() > best->folder.size())) {
            best = &layer;
        }
    }
    return best;
}

std::set<std::string> allowed(const Layer& layer) {
    std::set<std::string> all{layer.folder};
    for (const std::string& used : layer.uses) {
        const std::set<std::string> below = allowed(*layer_of(used));
        all.insert(below.begin(), below.end());
    }
    return all;
}

std::string folder_of_include(const std::string& path) {
    return path.substr(0, path.rfind('/'));
}

/// Plugins do not know each other: between them only the same folder is allowed.
bool is_plugin_edge(const std::string& from, const std::string& to) {
    const std::string plugins = "daemon/notify/plugins/";
    return from.rfind(plugins, 0) == 0 && to.rfind(plugins, 0) == 0 && from != to;
}

} // namespace

TEST_CASE("includes point down only", "[tidy][dependencies]") {
    const std::regex include{R"re(^\s*#\s*include\s+"([^"]+)")re"};
    for (const SourceFile* file : cpp_files()) {
        if (file->is_below("tests")) {
            continue;
        }
        const Layer* from = layer_of(file->folder());
        INFO(file->path);
        REQUIRE(from != nullptr);
        const std::set<std::string> reachable = allowed(*from);
        for (std::size_t i = 0; i < file->lines.size(); ++i) {
            std::smatch match;
            if (!std::regex_search(file->lines[i], match, include)) {
                continue;
            }
            INFO("line " << i + 1 << ": " << file->lines[i]);
            const std::string target = folder_of_include(match[1].str());
            const Layer* to = layer_of(target);
            REQUIRE(to != nullptr);
            CHECK(reachable.count(to->folder) == 1);
            CHECK_FALSE(is_plugin_edge(file->folder(), target));
        }
    }
}

TEST_CASE("third-party libraries stay where they are wrapped", "[tidy][dependencies]") {
    struct Wrapped {
        std::string include;
        std::vector<std::string> folders;
    };
    const std::vector<Wrapped> table{
        {"<yaml-cpp/", {"config/node"}},
        {"<SQLiteCpp/", {"daemon/store"}},
        {"<sqlite3.h>", {"daemon/store", "daemon/simulation"}}, // the latter puts a disk below it
        {"<curl/", {"daemon/runtime/outbound"}},
        {"<gmime/", {"daemon/notify/mail"}},
        {"<lemon/", {"daemon/review"}},
        {"<libical/", {"config/calendar", "daemon/message"}},
        {"<re2/", {"scoring/cel"}},
        {"<cctz/", {"scoring/cel", "daemon/review", "config/calendar"}},
        {"<utf8proc.h>", {"daemon/store"}},
        {"<kainjow/", {"daemon/message"}},
        {"<prometheus/", {"daemon/app"}},
        {"<CLI/", {"daemon/ctl", "daemon/usage", "daemon"}},
        {"<systemd/", {"daemon/runtime", "daemon/notify/plugins/journal"}},
    };
    for (const SourceFile* file : cpp_files()) {
        if (file->is_below("tests")) {
            continue;
        }
        for (const Wrapped& wrapped : table) {
            const bool is_home = std::any_of(
                wrapped.folders.begin(),
                wrapped.folders.end(),
                [&](const std::string& home) {
                    return file->folder() == home || (home != "daemon" && file->is_below(home));
                }
            );
            for (const std::string& line : file->lines) {
                const bool includes = line.find("#include " + wrapped.include) != std::string::npos;
                INFO(file->path << ": " << line);
                CHECK((is_home || !includes));
            }
        }
    }
}

TEST_CASE(
    "each folder's purpose stands at the head of one of its headers", "[tidy][architecture]"
) {
    std::map<std::string, bool> has_purpose;
    for (const SourceFile* file : cpp_files()) {
        if (file->is_below("tests") || !file->has_extension(".hpp")) {
            continue;
        }
        const std::string purpose = "// " + file->folder() + ": ";
        const bool says =
            std::any_of(file->lines.begin(), file->lines.end(), [&](const std::string& line) {
                return line.rfind(purpose, 0) == 0;
            });
        has_purpose[file->folder()] = has_purpose[file->folder()] || says;
    }
    for (const auto& [folder, says] : has_purpose) {
        INFO(folder << " has no header that begins its comment with `// " << folder << ": `");
        CHECK(says);
    }
}

TEST_CASE("the README's map names every folder of code", "[tidy][architecture]") {
    std::string readme;
    for (const SourceFile& file : source_tree()) {
        if (file.path == "README.md") {
            for (const std::string& line : file.lines) {
                readme += line + "\n";
            }
        }
    }
    for (const Layer& layer : layers()) {
        const std::string name = layer.folder.substr(layer.folder.rfind('/') + 1);
        INFO(layer.folder);
        CHECK(readme.find(name + "/") != std::string::npos);
    }
}
