#include "config/loader/configuration.hpp"
#include "config/loader/rules_reader.hpp"
#include "config/node/parse.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

#include <filesystem>

namespace reviewd::test::test_attacks {

using namespace reviewd;
using namespace reviewd::config;

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> shipped_files() {
    std::vector<fs::path> files;
    for (const char* folder : {"config/example", "config/default"}) {
        for (const auto& entry : fs::recursive_directory_iterator{test::source_path(folder)}) {
            if (entry.path().extension() == ".yaml") {
                files.push_back(entry.path());
            }
        }
    }
    return files;
}

} // namespace

TEST_CASE("every shipped file cut at any byte is refused or whole", "[loader][attack][T4]") {
    const std::vector<fs::path> files = shipped_files();
    CHECK(files.size() >= 5);
    for (const fs::path& file : files) {
        const std::string whole = test::read_file(file);
        INFO(file.string());
        REQUIRE(whole.substr(whole.size() - 5) == "\n...\n");
        // Every byte of the head and the end; between them every seventh, for the time it takes.
        const auto is_inner = [&](std::size_t cut) {
            return cut > 600 && cut + 100 < whole.size() && cut % 7 != 0;
        };
        for (std::size_t cut = 0; cut + 1 < whole.size(); ++cut) {
            if (is_inner(cut)) {
                continue;
            }
            Report report;
            std::string part = whole.substr(0, cut);
            const std::optional<Node> root = parse_yaml("cut", std::move(part), report);
            if (root && root->is_map() && !root->is_empty_document()) {
                FAIL("accepted at byte " << cut);
            }
        }
    }
}

TEST_CASE("cut rules are refused, also inside the comments of their head", "[loader][attack][T4]") {
    const std::string whole =
        test::read_file(test::source_path("config/example/rules/scoring.yaml"));
    const rules::Schema schema = rules::built_in_schema();
    for (std::size_t cut = 0; cut + 1 < whole.size(); cut += cut < 400 ? 1 : 61) {
        Report report;
        INFO("cut at " << cut);
        CHECK(parse_rules("cut.yaml", whole.substr(0, cut), schema, report) == nullptr);
    }
}

TEST_CASE(
    "rules without a marker are refused when cut if one is required", "[loader][attack][T4]"
) {
    const std::string whole = test::read_file(test::source_path("tests/data/product/scoring.yaml"));
    const rules::Schema schema = rules::built_in_schema();
    for (std::size_t cut = 0; cut <= whole.size(); cut += 37) {
        Report report;
        const ReadRules read = read_rule_files(
            {{"cut.yaml", whole.substr(0, cut)}}, schema, EndMarker::required, report
        );
        INFO("cut at " << cut);
        CHECK(read.rules == nullptr);
    }
    Report report;
    const ReadRules marked =
        read_rule_files({{"x.yaml", whole + "...\n"}}, schema, EndMarker::required, report);
    CHECK(marked.rules != nullptr);
    const ReadRules advised =
        read_rule_files({{"x.yaml", whole}}, schema, EndMarker::advised, report);
    CHECK(advised.rules != nullptr);
    REVIEWD_CHECK_CONTAINS(render(report.diagnostics()), "does not say where it ends");
}

TEST_CASE("the end marker is required where the settings say so", "[loader][attack][T4]") {
    const test::TemporaryDirectory directory;
    const std::string rules =
        "rules: [ { id: a, points: 1 } ]\nlevels:\n"
        "  low: { from: 0, not_before: 1 week, review_every: 1 month, at_latest: 6 weeks }\n";
    const std::string settings = "company: {}\nsources: {}\nchannels: {}\n";
    directory.write("rules/a.yaml", rules);
    const std::string main =
        directory.write("reviewd.yaml", settings + "rules: { require_end_marker: true }\n...\n")
            .string();
    CHECK_FALSE(load_configuration(main, {}).configuration);
    directory.write("rules/a.yaml", rules + "...\n");
    CHECK(load_configuration(main, {}).configuration);
    directory.write("reviewd.yaml", settings);
    directory.write("rules/a.yaml", rules);
    CHECK(load_configuration(main, {}).configuration);
}

} // namespace reviewd::test::test_attacks
