#include "daemon/ctl/rules_files.hpp"

#include "config/node/parse.hpp"
#include "daemon/ctl/reading.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

std::string free_name(const fs::path& path) {
    std::string name = path.string() + ".old";
    for (int number = 2; fs::exists(name); ++number) {
        name = fmt::format("{}.old{}", path.string(), number);
    }
    return name;
}

Error cannot(std::string_view what, const fs::path& path, const std::error_code& error) {
    return fail(
        ErrorCode::cannot_create, fmt::format("{} {}: {}", path.string(), what, error.message())
    );
}

/// Written beside it and renamed, so that nobody reads half a file.
Result<void> write_file(const fs::path& path, const std::string& text) {
    const fs::path draft = path.string() + ".new";
    std::ofstream stream{draft, std::ios::binary | std::ios::trunc};
    stream << text << std::flush;
    if (!stream) {
        return fail(ErrorCode::cannot_create, fmt::format("{} cannot be written", draft.string()));
    }
    stream.close();
    std::error_code error;
    fs::rename(draft, path, error);
    return error ? Result<void>{cannot("cannot be replaced", path, error)} : Result<void>{};
}

std::map<std::string, std::string> rules_in(const fs::path& folder) {
    std::map<std::string, std::string> files;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator{folder, error}) {
        const std::string name = entry.path().filename().string();
        if (entry.path().extension() == ".yaml" && name.front() != '.') {
            std::ifstream stream{entry.path(), std::ios::binary};
            files[name] = {std::istreambuf_iterator<char>{stream}, {}};
        }
    }
    return files;
}

} // namespace

Result<json::object> read_rules_files(const std::vector<std::string>& paths) {
    json::object files;
    for (const std::string& path : paths) {
        const std::string name = fs::path{path}.filename().string();
        config::Report report;
        std::optional<std::string> text = config::read_yaml_file(path, report);
        if (!text) {
            return fail(ErrorCode::not_found, render(report.diagnostics()));
        }
        if (find_invalid_utf8(*text)) {
            return fail(ErrorCode::bad_data, fmt::format("{} is not UTF-8", path));
        }
        if (files.contains(name)) {
            return fail(ErrorCode::usage, fmt::format("two of the files are called {}", name));
        }
        files[name] = std::move(*text);
    }
    return files;
}

Result<WrittenRules> write_rules_files(const json::array& files, const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return cannot("cannot be made", folder, error);
    }
    const std::map<std::string, std::string> before = rules_in(folder);
    std::map<std::string, std::string> after;
    for (const json::value& file : files) {
        // The name comes from a database: it must not lead anywhere else.
        const std::string name = fs::path{text(file, "name")}.filename().string();
        after[name.empty() ? "rules.yaml" : name] = text(file, "text");
    }
    WrittenRules result;
    for (const auto& [name, content] : before) {
        const auto wanted = after.find(name);
        if (wanted != after.end() && wanted->second == content) {
            continue;
        }
        const fs::path path = fs::path{folder} / name;
        const std::string aside = free_name(path);
        fs::copy_file(path, aside, error);
        if (!error && wanted == after.end()) {
            fs::remove(path, error);
        }
        if (error) {
            return cannot("cannot be set aside", path, error);
        }
        result.set_aside.push_back(aside);
    }
    for (const auto& [name, content] : after) {
        const auto known = before.find(name);
        if (known != before.end() && known->second == content) {
            continue;
        }
        const fs::path path = fs::path{folder} / name;
        const Result<void> written = write_file(path, content);
        if (!written) {
            return written.error();
        }
        result.written.push_back(path.string());
    }
    return result;
}

} // namespace reviewd::ctl
