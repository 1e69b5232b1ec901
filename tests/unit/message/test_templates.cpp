#include "daemon/message/mustache.hpp"
#include "daemon/message/render.hpp"
#include "daemon/message/sample.hpp"
#include "daemon/message/template_names.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/files.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/message/golden.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <regex>
#include <set>

namespace reviewd::test {
namespace {

using message::Rendered;
using message::Templates;

TEST_CASE("a file of the directory takes the place of a template", "[message][templates]") {
    const TemporaryDirectory directory;
    directory.write("digest_subject_en.mustache", "{{now_count}} for {{recipient}}\n");
    directory.write("notes.txt", "not a template");
    std::vector<std::string> problems;
    const Templates templates = Templates::load(directory.path().string(), problems).value();
    CHECK(problems.empty());
    CHECK(message::render(target_digest(), templates).subject == "2 for Sam Reed");
}

TEST_CASE("a language without templates gets the English ones", "[message][templates]") {
    message::Digest digest = target_digest();
    digest.habits = message::habits_of("pt");
    Templates templates;
    CHECK(message::render(digest, templates).subject == "Today 2, 1 late: Hartley Print first");
    templates.set("digest_subject_pt", "Hoje {{now_count}}");
    CHECK(message::render(digest, templates).subject == "Hoje 2");
}

TEST_CASE("numbers are written as in the language of the words", "[message][templates]") {
    Templates templates;
    CHECK(message::habits_of("de", templates).language == "en");
    CHECK(show_points(12'500, message::habits_of("de-AT", templates)) == "12.5");
    CHECK(message::habits_of("xx", templates).language == "en");
    CHECK(message::habits_of("BN", templates).language == "bn");
    CHECK(message::habits_of("bn", templates).language == "bn");
    CHECK(message::habits_of("en-US", templates).dates == message::DateStyle::month_day);
    templates.set("digest_text_de", "{{now_count}}");
    CHECK(show_points(12'500, message::habits_of("de-AT", templates)) == "12,5");
}

TEST_CASE("a language without templates says how to add them", "[message][templates]") {
    Templates templates;
    CHECK(message::trouble_with_language("en-GB", templates).empty());
    CHECK(message::trouble_with_language("bn", templates).empty());
    CHECK(
        message::trouble_with_language("de-AT", templates)
        == "no template is in `de`, so English is sent; there are bn, en, and"
           " `digest_text_de.mustache` and the like in `template_directory:` add one"
    );
    for (const std::string& name : templates.lacking("de")) {
        if (name != "week_html_de" && name != "answer_html_de") {
            templates.set(name, "x");
        }
    }
    CHECK(
        message::trouble_with_language("de", templates)
        == "of the templates in `de` there is no answer_html_de, week_html_de: these parts are in"
           " English"
    );
}

TEST_CASE("every template is tried on sample data", "[message][templates]") {
    Templates templates;
    CHECK(message::check_templates(templates).empty());
    templates.set("week_text_en", "{{#team}}");
    templates.set("answer_html_bn", "{{{account}}}");
    templates.set("digest_subject_pt", "{{>other}}");
    const std::vector<std::string> problems = message::check_templates(templates);
    CAPTURE(problems);
    REQUIRE(problems.size() == 4);
    REVIEWD_CHECK_CONTAINS(problems[0], "answer_html_bn");
    REVIEWD_CHECK_CONTAINS(problems[1], "digest_subject_pt");
    REVIEWD_CHECK_CONTAINS(problems[2], "week_text_en");
    REVIEWD_CHECK_CONTAINS(problems[3], "week_text_pt"); // which falls back to the English one
}

TEST_CASE("a name that nothing is called by is found where it stands", "[message][templates]") {
    Templates templates;
    CHECK(message::check_template_names(templates, "/t").empty());
    templates.set(
        "digest_text_pt", "{{recipient}}\nকী {{#items}}{{nosuch}}{{late.numbr}}{{.}}{{/items}}\n"
    );
    const std::string shown = render(message::check_template_names(templates, "/t"));
    REVIEWD_CHECK_CONTAINS(
        shown, "/t/digest_text_pt.mustache:2:16: warning: nothing is called `nosuch`"
    );
    REVIEWD_CHECK_CONTAINS(
        shown, "/t/digest_text_pt.mustache:2:31: warning: nothing is called `numbr`"
    );
    REVIEWD_CHECK_CONTAINS(shown, "did you mean `number`?");
}

TEST_CASE("every name that the list of templates has is known", "[message][templates]") {
    const std::string list = read_file(source_path("config/default/templates/README.md"));
    const auto check = [&](const std::string& kind, const char* from, const char* to) {
        const std::size_t begin = list.find(from);
        REQUIRE(begin != std::string::npos);
        const std::string part = list.substr(begin, list.find(to, begin) - begin);
        const auto names = message::template_names(kind);
        const std::regex word{"`([a-z][a-z_]*)`"};
        for (std::sregex_iterator match{part.begin(), part.end(), word}, end; match != end;
             ++match) {
            const std::string name = (*match)[1].str();
            INFO(kind << ": " << name);
            CHECK((name == "done" || names.count(name) == 1)); // what is done with the page
        }
    };
    check("digest", "| name | what |", "\n\n");
    check("answer", "with the review as the one element", "\n\n");
    check("week", "has `today`, `team`", "\n\n");
    check("operator", "has `since`, `count`", "\n\n");
}

TEST_CASE("links, odd names and odd files are left out and reported", "[message][T27]") {
    const TemporaryDirectory directory;
    const TemporaryDirectory elsewhere;
    const auto secret = elsewhere.write("secret", "root:x:0:0");
    std::filesystem::create_symlink(secret, directory.path() / "digest_text_en.mustache");
    std::filesystem::create_directory(directory.path() / "digest_html_en.mustache");
    directory.write("Digest-Text.mustache", "x");
    directory.write(std::string(41, 'a') + ".mustache", "x");
    directory.write("digest_subject_en.mustache", std::string(64 * 1024 + 1, 'x'));
    directory.write("digest_subject_bn.mustache", "\xFF");
    std::vector<std::string> problems;
    const Templates templates = Templates::load(directory.path().string(), problems).value();
    CHECK(problems.size() == 6);
    const Rendered rendered = message::render(target_digest(), templates);
    CHECK(rendered.problems.empty());
    CHECK(rendered.text == message::render(target_digest(), Templates{}).text);
    CHECK(rendered.html == message::render(target_digest(), Templates{}).html);
    CHECK(rendered.subject == "Today 2, 1 late: Hartley Print first");
}

TEST_CASE(
    "a file that no message is made of is named, with what was meant", "[message][templates]"
) {
    const TemporaryDirectory directory;
    for (const char* name :
         {"digst_text_de", "digest_txt_de", "digest_text_german", "letter_de", "week_html_pt"}) {
        directory.write(fmt::format("{}.mustache", name), "x");
    }
    std::vector<std::string> problems;
    const Templates templates = Templates::load(directory.path().string(), problems).value();
    CHECK(templates.languages() == std::set<std::string>{"bn", "en", "pt"});
    CAPTURE(problems);
    REQUIRE(problems.size() == 4);
    REVIEWD_CHECK_CONTAINS(problems[0], "digest_text_german.mustache is not used: `german` is no");
    REVIEWD_CHECK_CONTAINS(problems[1], "did you mean `digest_text_de`?");
    REVIEWD_CHECK_CONTAINS(problems[2], "digst_text_de.mustache is not used: no message is made");
    REVIEWD_CHECK_CONTAINS(problems[2], "did you mean `digest_text_de`?");
    REVIEWD_CHECK_CONTAINS(problems[3], "`digest_text_de`, for instance");
}

TEST_CASE("a tag that breaks a template is found where it stands", "[message][templates]") {
    Templates templates;
    CHECK(message::broken_templates(templates).empty());
    templates.set("digest_text_de", "Guten Tag\nকী {{recipient und\n");
    templates.set("week_html_de", "<p>{{#team}}{{name}}</p>");
    templates.set("notice_text_de", "{{what}}");
    CHECK(
        message::broken_templates(templates)
        == std::set<std::string>{"digest_text_de", "week_html_de"}
    );
    const std::string shown = render(message::check_template_names(templates, "/t"));
    REVIEWD_CHECK_CONTAINS(
        shown,
        "/t/digest_text_de.mustache:2:4: warning: this `{{` has no `}}`; the template is not used, "
        "and a plain text is sent in its place"
    );
    REVIEWD_CHECK_CONTAINS(
        shown, "/t/week_html_de.mustache:1:4: warning: the section `team` is not ended; the"
    );
    REVIEWD_CHECK_CONTAINS(shown, "write `{{/team}}` where it ends");
}

TEST_CASE("names of templates cannot lead anywhere", "[message][T27]") {
    CHECK(message::is_template_name("digest_text_en"));
    for (const char* name : {"", "../x", "a/b", "a.b", "A", "a b", "a\n", "..%2f"}) {
        CHECK_FALSE(message::is_template_name(name));
    }
    CHECK_FALSE(message::is_template_name(std::string{"a\0b", 3}));
    CHECK_FALSE(message::is_template_name(std::string(41, 'a')));
}

TEST_CASE("a directory that cannot be read is reported", "[message][templates]") {
    std::vector<std::string> problems;
    const Templates templates = Templates::load("/nonexistent/templates", problems).value();
    CHECK(problems.size() == 1);
    CHECK(message::render(target_digest(), templates).problems.empty());
}

TEST_CASE("want of descriptors is no lack of a template", "[message][templates][F49]") {
    const TemporaryDirectory directory;
    directory.write("digest_subject_en.mustache", "{{now_count}} for {{recipient}}\n");
    std::vector<std::string> problems;
    // A sanitizer looks at classes that it sees first, and wants descriptors for that.
    REQUIRE(Templates::load(directory.path().string(), problems).has_value());
    REQUIRE(Templates::load("/nonexistent/templates", problems).has_value());
    problems.clear();
    std::vector<Result<Templates>> starved;
    {
        NoDescriptors nothing_left;
        // The directory is opened twice, once to list it; then comes the file.
        for (int left = 0; left < 3; ++left) {
            starved.push_back(Templates::load(directory.path().string(), problems));
            nothing_left.leave_one();
        }
    }
    CHECK(problems.empty());
    REQUIRE(starved.at(0).has_error());
    CHECK(starved.at(0).error().code == ErrorCode::try_later);
    REVIEWD_CHECK_CONTAINS(starved.at(0).error().message, directory.path().string());
    REQUIRE(starved.at(1).has_error());
    CHECK(starved.at(1).error().code == ErrorCode::try_later);
    // What lists the directory is closed again by the time the file is opened.
    REQUIRE(starved.at(2).has_value());
    CHECK(message::render(target_digest(), *starved.at(2)).subject == "2 for Sam Reed");
}

TEST_CASE("a template that fails gives way to a plain text and says so", "[message][templates]") {
    for (const char* broken :
         {"{{#items}}",
          "{{items",
          "   \n",
          "{{{recipient}}}",
          "{{& recipient}}",
          "{{> other}}",
          "{{=<% %>=}}",
          "{{/items}}"}) {
        CAPTURE(broken);
        Templates templates;
        templates.set("digest_text_en", broken);
        templates.set("digest_html_en", broken);
        templates.set("digest_subject_en", broken);
        const Rendered rendered = message::render(target_digest(), templates);
        CHECK(rendered.problems.size() == 3);
        CHECK(rendered.html.empty());
        CHECK(rendered.subject == "Reviews 2: Hartley Print first");
        REVIEWD_CHECK_CONTAINS(
            rendered.text, "late: Hartley Print, high 73, due 25 Nov, latest 27 Nov"
        );
        REVIEWD_CHECK_CONTAINS(rendered.text, "Phone   +44 20 7946 0123");
        REVIEWD_CHECK_CONTAINS(rendered.text, "Answer  https://reviews.example/a/7Kd2\n");
        CHECK_FALSE(rendered.payload.empty());
    }
}

} // namespace
} // namespace reviewd::test
