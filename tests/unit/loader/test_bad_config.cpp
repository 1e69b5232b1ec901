// Each tests/data/bad_config/NAME.yaml is loaded, and what a person would see is compared with
// NAME.txt. Set REVIEWD_UPDATE_EXPECTED=1 to write the .txt files anew, then read them.
#include "config/loader/configuration.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace reviewd::test::test_bad_config {

using namespace reviewd;
using namespace reviewd::config;

namespace {

namespace fs = std::filesystem;

constexpr const char* plain_rules =
    "facts:\n  vip: { type: boolean, from: accounts.vip }\nrules:\n"
    "  - { id: a, when: vip, points: 1 }\nlevels:\n"
    "  low: { from: 0, not_before: 1 week, review_every: 1 month, at_latest: 6 weeks }\n...\n";
constexpr const char* plain_settings = "company: { name: X }\nsources: {}\nchannels: {}\n...\n";

std::string without_folder(std::string text, const std::string& folder) {
    for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder)) {
        text.erase(at, folder.size());
    }
    return text;
}

/// The findings of a configuration in which the file takes the place that its name says; the rest
/// is right.
std::string findings_of(const fs::path& file) {
    const std::string text = test::read_file(file);
    const std::string name = file.filename().string();
    const bool is_settings = name.rfind("settings", 0) == 0;
    if (!is_settings && name != "agenda.yaml") {
        Report report;
        CHECK(parse_rules(name, text, rules::built_in_schema(), report) == nullptr);
        return render(report.diagnostics());
    }
    const test::TemporaryDirectory directory;
    const fs::path main = directory.write("reviewd.yaml", is_settings ? text : plain_settings);
    directory.write("rules/rules.yaml", plain_rules);
    if (!is_settings) {
        directory.write("agenda.yaml", text);
    }
    LoadOptions options;
    options.check_channel = [](const ChannelSettings& channel, Report&) {
        return ChannelTraits{.takes_events = channel.type == "file"};
    };
    const LoadedConfiguration loaded = load_configuration(main.string(), options);
    CHECK_FALSE(loaded.configuration);
    return without_folder(render(loaded.diagnostics), directory.path().string() + "/");
}

} // namespace

TEST_CASE("every bad file is answered as a person should read it", "[loader][bad_config][T6]") {
    int seen = 0;
    for (const auto& entry : fs::directory_iterator{test::source_path("tests/data/bad_config")}) {
        if (entry.path().extension() != ".yaml") {
            continue;
        }
        fs::path expected = entry.path();
        expected.replace_extension(".txt");
        const std::string found = findings_of(entry.path());
        if (std::getenv("REVIEWD_UPDATE_EXPECTED") != nullptr) { // NOLINT(concurrency-mt-unsafe)
            std::ofstream{expected} << found;
        }
        INFO(entry.path().filename().string());
        CHECK(found == test::read_file(expected));
        ++seen;
    }
    CHECK(seen >= 14);
}

} // namespace reviewd::test::test_bad_config
