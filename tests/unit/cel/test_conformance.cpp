#include "scoring/cel/conformance.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace reviewd;

namespace {

/// The specification's cases where they are at hand, else our own smaller set.
std::vector<std::filesystem::path> case_files() {
    const char* shared =
        std::getenv("REVIEWD_SHARED"); // NOLINT(concurrency-mt-unsafe): tests have one thread
    const std::filesystem::path beside = test::source_path("..") / "shared";
    const std::filesystem::path folder = shared != nullptr ? std::filesystem::path{shared} : beside;
    std::vector<std::filesystem::path> files{folder / "cel" / "conformance.jsonl"};
    if (!std::filesystem::exists(files.front())) {
        files.clear();
    }
    for (const auto& entry :
         std::filesystem::directory_iterator(test::source_path("tests/data/cel"))) {
        if (entry.path().extension() == ".jsonl") {
            files.push_back(entry.path());
        }
    }
    return files;
}

} // namespace

TEST_CASE("the cases of the specification come out as it says", "[cel][conformance]") {
    std::size_t count = 0;
    for (const std::filesystem::path& file : case_files()) {
        std::ifstream lines{file};
        for (std::string line; std::getline(lines, line);) {
            if (line.empty()) {
                continue;
            }
            const cel::ConformanceResult result = cel::run_conformance_case(line);
            ++count;
            INFO(result.name << ": " << result.message);
            CHECK(result.passed);
        }
    }
    CHECK(count > 80);
}

TEST_CASE("a case that comes out otherwise fails and says what was found", "[cel][conformance]") {
    const cel::ConformanceResult result = cel::run_conformance_case(
        R"({"file":"own","section":"s","name":"n","expr":"1 + 1","value":{"int":"3"}})"
    );
    CHECK_FALSE(result.passed);
    CHECK(result.name == "own/s/n");
    REVIEWD_CHECK_CONTAINS(result.message, "expected 3, found 2");
}

TEST_CASE("a line that is no case fails instead of throwing", "[cel][conformance]") {
    for (const char* line :
         {"",
          "{",
          "[]",
          "{}",
          R"({"expr":"1"})",
          R"({"expr":"1","value":{"int":"x"}})",
          R"({"expr":"1","value":{"int":"1","uint":"1"}})"}) {
        CAPTURE(line);
        CHECK_FALSE(cel::run_conformance_case(line).passed);
    }
}
