#include "scoring/base/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/unit/node/yaml.hpp"

#include <pthread.h>

#include <filesystem>
#include <functional>
#include <regex>

using namespace reviewd;
using namespace reviewd::config;
using namespace std::string_literals;

namespace {

void* call(void* function) {
    (*static_cast<std::function<void()>*>(function))();
    return nullptr;
}

/// Runs `work` on a thread whose stack has 256 KiB.
void on_small_stack(std::function<void()> work) {
    pthread_attr_t attributes;
    REQUIRE(pthread_attr_init(&attributes) == 0);
    REQUIRE(pthread_attr_setstacksize(&attributes, 256UL * 1024) == 0);
    pthread_t thread{};
    REQUIRE(pthread_create(&thread, &attributes, &call, &work) == 0);
    REQUIRE(pthread_join(thread, nullptr) == 0);
    pthread_attr_destroy(&attributes);
}

std::string repeated(const std::string& part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) {
        text += part;
    }
    return text;
}

std::string shape(const Node& node) {
    std::string text;
    switch (node.kind()) {
    case Node::Kind::scalar:
        return "\"" + node.text() + "\"";
    case Node::Kind::sequence:
        for (const Node& element : node.elements()) {
            text += shape(element) + ",";
        }
        return "[" + text + "]";
    case Node::Kind::map:
        break;
    }
    for (const Node::Entry& entry : node.entries()) {
        text += shape(entry.key) + ":" + shape(entry.value) + ",";
    }
    return "{" + text + "}";
}

} // namespace

TEST_CASE("deep nesting of any kind is refused on a small stack", "[node][attack][T1]") {
    const auto unit = GENERATE("["s, "{a: "s, "- "s, "? "s, "[{a: "s, "? - "s, ": "s, "[? "s);
    for (const std::size_t times : {33UL, 500UL, 20'000UL}) {
        std::string shown;
        bool is_refused = false;
        on_small_stack([&] {
            const Parsed parsed{repeated(unit, times)};
            is_refused = !parsed.root.has_value();
            shown = parsed.shown();
        });
        INFO(unit << " x " << times << ": " << shown.substr(0, 300));
        CHECK(is_refused);
        CHECK(std::regex_search(shown.substr(0, 60), std::regex{"^test\\.yaml:1:[0-9]+: error"}));
    }
}

TEST_CASE("the depth limit is exactly what it says", "[node][attack][T1]") {
    std::string deepest = repeated("[", 31) + "x" + repeated("]", 31);
    CHECK(Parsed{"a: " + deepest + "\n"}.root);
    const Parsed deeper{"a: [" + deepest + "]\n"};
    CHECK_FALSE(deeper.root);
    REVIEWD_CHECK_CONTAINS(deeper.shown(), "nested deeper than 32 levels");
    std::string indented;
    for (std::size_t level = 0; level < 40; ++level) {
        indented += std::string(level, ' ') + "k:\n";
    }
    REVIEWD_CHECK_CONTAINS(Parsed{indented}.shown(), "nested deeper than 32 levels");
}

TEST_CASE("a bomb of aliases is refused before anything expands", "[node][attack][T2]") {
    std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
    for (char level = 'b'; level < 'h'; ++level) {
        const std::string before(1, static_cast<char>(level - 1));
        bomb += std::string(1, level) + ": &" + level + " [" + repeated("*" + before + ",", 9) + "*"
                + before + "]\n";
    }
    const Parsed parsed{bomb};
    CHECK_FALSE(parsed.root);
    REVIEWD_CHECK_CONTAINS(parsed.shown(), "test.yaml:1:4: error: YAML takes a leading `&`");
    REVIEWD_CHECK_CONTAINS(parsed.shown(), "test.yaml:2:8: error: YAML takes a leading `*`");
}

TEST_CASE("a list that holds itself is refused", "[node][attack][T3]") {
    CHECK_FALSE(Parsed{"a: &x [*x]\n"}.root);
    CHECK_FALSE(Parsed{"&x a: *x\n"}.root);
    CHECK_FALSE(Parsed{"&x [*x]\n"}.root);
}

TEST_CASE("second documents and text behind the end are refused", "[node][attack][T4]") {
    for (const char* text :
         {"a: 1\n---\nb: 2\n",
          "a: 1\n---\n",
          "a: 1\n...\nb: 2\n",
          "a: 1\n...\n]\n",
          "---\na: 1\n---\n...\n",
          "a: 1\n<<: {b: 2}\n",
          "a: 1\n} \n",
          "- a\nb: 1\n"}) {
        const Parsed parsed{text};
        INFO(text << parsed.shown());
        CHECK_FALSE(parsed.root);
        CHECK(parsed.report.diagnostics().at(0).position.line > 0);
    }
    CHECK(Parsed{"---\na: 1\n...\n# words\n\n"}.root);
}

TEST_CASE("an unclosed quote never swallows the lines below it", "[node][attack][T4]") {
    for (const char* text :
         {"a: \"x\nb: 2\n",
          "a: \"x\nb: y\"\n",
          "a: 'x\nb: y'\nc: 1\n",
          "a: [\"x,\n y\"]\n",
          "a: \"x\\\n  y\"\n",
          "a: \"x"}) {
        const Parsed parsed{text};
        INFO(text << parsed.shown());
        CHECK_FALSE(parsed.root);
        CHECK(parsed.report.diagnostics().at(0).position.line == 1);
        REVIEWD_CHECK_CONTAINS(parsed.shown(), "quote");
    }
    CHECK_FALSE(Parsed{"\"a\n b\": 1\n"}.root);
    CHECK(Parsed{"a: \"x # y\\\" z\"\nb: 'it''s'\n"}.root);
}

TEST_CASE("a marked file cut at any byte is refused or means the same", "[node][attack][T4]") {
    const std::string whole =
        "# words\n---\n# more\nrules:\n  - id: a\n    when: >-\n      x > 1 &&\n"
        "      y\n    points: 45\n  - { id: b, points: \"12\" }\nlevels:\n"
        "  high: 60\n...\n";
    const Parsed full{whole};
    REQUIRE(full.root);
    const std::string expected = shape(*full.root);
    int accepted = 0;
    for (std::size_t cut = 0; cut < whole.size(); ++cut) {
        const Parsed parsed{whole.substr(0, cut)};
        const bool is_usable = parsed.root && parsed.root->is_map();
        if (is_usable && !parsed.root->is_empty_document()) {
            INFO("cut at " << cut << ": " << whole.substr(0, cut));
            CHECK(shape(*parsed.root) == expected);
            ++accepted;
        }
    }
    CHECK(accepted == 1); // only the last line feed may be missing
}

TEST_CASE("size, node count and long scalars are bounded", "[node][attack][T5]") {
    ParseLimits limits;
    limits.bytes = 1000;
    limits.nodes = 10;
    REVIEWD_CHECK_CONTAINS(
        Parsed(std::string(1001, ' '), limits).shown(), "larger than 1000 bytes"
    );
    CHECK(Parsed(std::string(1000, ' '), limits).root);
    REVIEWD_CHECK_CONTAINS(
        Parsed("[1,2,3,4,5,6,7,8,9,10]", limits).shown(),
        "test.yaml:1:20: error: the file has more than 10 values"
    );
    CHECK(Parsed("[1,2,3,4,5,6,7,8,9]", limits).root);
    REVIEWD_CHECK_CONTAINS(
        Parsed("a: " + std::string(9 * 1024 * 1024, 'x')).shown(), "larger than 8388608 bytes"
    );
}

TEST_CASE("a map of very many keys is read once, not key by key", "[node][attack][T5]") {
    std::string text;
    for (int i = 0; i < 99'000; ++i) {
        text += "k" + std::to_string(i) + ": 1\n";
    }
    Parsed parsed{text};
    REQUIRE(parsed.root);
    for (int i = 0; i < 99'000; ++i) {
        REQUIRE(parsed.root->find("k" + std::to_string(i)) != nullptr);
    }
    {
        MapReader reader{*parsed.root, parsed.report};
        CHECK(reader.find("k7") != nullptr);
    }
    CHECK(parsed.report.diagnostics().size() == 21);
}

TEST_CASE("bytes that are no text are refused with their place", "[node][attack][T6]") {
    const auto [text, place, part] = GENERATE(table<std::string, std::string, std::string>({
        {"a: 1\nb: \0x\n"s, ":2:4:", "U+0000"},
        {"a: \x1b[31m\n"s, ":1:4:", "U+001B"},
        {"a: \x7f\n"s, ":1:4:", "U+007F"},
        {"a: é\xC2\x85\n"s, ":1:5:", "U+0085"},
        {"a: x\xE2\x80\xA8y\n"s, ":1:5:", "U+2028"},
        {"a: x\ry\n"s, ":1:5:", "carriage return"},
        {"a: x\rb: y\r"s, ":1:1:", "ends its lines with carriage returns alone"},
        {"a: x\xEF\xBB\xBFy\n"s, ":1:5:", "byte order mark inside"},
        {"a: é\xFF\n"s, ":1:5:", "byte 0xFF"},
        {"a: \xC0\x80\n"s, ":1:4:", "not UTF-8"},
        {"a: \xED\xA0\x80\n"s, ":1:4:", "not UTF-8"},
        {"\xFF\xFE"s + "a\0:\0 \0"s, ":1:1:", "UTF-16"},
        {"\xFE\xFF\0a"s, ":1:1:", "UTF-16"},
        {"\xFF\xFE\0\0a\0\0\0"s, ":1:1:", "UTF-32"},
        {"a: !!python/object x\n"s, ":1:4:", "tag"},
        {"a: !<x> y\n"s, ":1:4:", "tag"},
        {"a: ! y\n"s, ":1:4:", "tag"},
        {"? [x]\n: y\n"s, ":1:3:", "a key must be"},
        {"{a: 1}: y\n"s, ":1:1:", "a key must be"},
        {": y\n"s, ":1:1:", "a key is missing"},
    }));
    const Parsed parsed{text};
    INFO(escape_controls(text) << parsed.shown());
    CHECK_FALSE(parsed.root);
    REVIEWD_CHECK_CONTAINS(parsed.shown(), "test.yaml" + place);
    REVIEWD_CHECK_CONTAINS(parsed.shown(), part);
}

TEST_CASE("the malformed lists that loop in yaml-cpp's loader are refused", "[node][attack][T7]") {
    for (const char* text :
         {"- [a, b\n- c: [\n- d]: ]\n",
          "- a: [\n  - b\n",
          "-\n -\n- [}\n",
          "a:\n  - b\n - c\n",
          "- ,\n- ]\n",
          "[a, [b, ]], ]\n",
          "{a: [}, b]\n"}) {
        const Parsed parsed{text};
        INFO(text);
        CHECK_FALSE(parsed.root);
    }
}

TEST_CASE("nothing but the event parser of yaml-cpp is used", "[node][attack][T7]") {
    namespace fs = std::filesystem;
    const std::regex loaders{"YAML::Load|LoadAll|yaml-cpp/node|yaml-cpp/yaml\\.h"};
    for (const char* folder : {"config", "scoring", "daemon"}) {
        for (const auto& entry : fs::recursive_directory_iterator{test::source_path(folder)}) {
            const std::string extension = entry.path().extension();
            if (entry.is_regular_file() && (extension == ".cpp" || extension == ".hpp")) {
                INFO(entry.path());
                CHECK_FALSE(std::regex_search(test::read_file(entry.path()), loaders));
            }
        }
    }
}
