// What every notifier promises, checked on every plugin of the registry against a real peer on
// loopback. A new plugin is a row of contract_cases().

#include "daemon/runtime/outbound/curl_outbound.hpp"
#include "daemon/runtime/process/process_host.hpp"
#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/notify/contract_peers.hpp"
#include "tests/unit/notify/samples.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace reviewd::test::test_contract {

using namespace std::chrono_literals;
using reviewd::notify::Message;
using reviewd::notify::Outcome;
using reviewd::notify::Reason;
using reviewd::notify::Verdict;
using namespace reviewd::test;

namespace {

/// One channel with its peer.
struct Channel {
    explicit Channel(const ContractCase& wanted) : type(wanted.type) {
        peer = wanted.make(loop, directory.path());
    }

    Outcome deliver(SampleAttempt& attempt, const Message& message = sample_message()) {
        reviewd::config::Report report;
        const reviewd::notify::PluginContext context{
            outbound, processes, directory.path().string(), "", [this](std::string_view line) {
                terminal += std::string{line} + "\n";
            }};
        const auto notifier = make_notifier(type, peer->settings(), context, report);
        INFO(render(report.diagnostics()));
        REQUIRE(notifier != nullptr);
        REQUIRE(notifier->concurrency() >= 1);
        return await(loop, notifier->deliver(message, attempt));
    }

    std::string_view type;
    TemporaryDirectory directory;
    boost::asio::io_context loop{1};
    reviewd::runtime::CurlOutbound outbound{loop.get_executor()};
    reviewd::runtime::ProcessHost processes{loop.get_executor()};
    std::unique_ptr<ContractPeer> peer;
    std::string terminal;
};

/// Runs the check for every plugin whose peer can behave so.
template <class Check>
void for_each_channel(Behaviour behaviour, Check check) {
    for (const ContractCase& wanted : contract_cases()) {
        Channel channel{wanted};
        if (!channel.peer->behave(behaviour)) {
            continue;
        }
        CAPTURE(wanted.type, static_cast<int>(behaviour));
        check(channel);
    }
}

constexpr std::array all_behaviours{
    Behaviour::accepts,
    Behaviour::defers,
    Behaviour::refuses,
    Behaviour::denies_login,
    Behaviour::is_silent,
    Behaviour::loses_the_reply,
    Behaviour::talks_garbage,
    Behaviour::is_unreachable,
};

std::vector<std::string> hostile_texts() {
    return {
        "হার্টলি প্রিন্ট আজ 2টি",
        "مطبعة هارتلي",
        "Ünïcode 😀👩‍👩‍👧",
        "x\r\nBcc: all@hartley.test",
        "x\nX-Evil: 1\n\n.\n",
        ".\r\n.\r\nMAIL FROM:<a@b>",
        "=?utf-8?Q?evil?=",
        "quote \" back \\ </title><script>",
        std::string{"nul\0end", 7},
        "esc \x1b[2J \x7f \xc2\x85 \xe2\x80\xa8 \xe2\x80\xae",
        "\xff\xfe broken \xc3",
        "{{7*7}} %s %n ${x}",
        std::string(3000, 'w'),
        "",
    };
}

} // namespace

TEST_CASE("every plugin of the registry is in the contract test", "[notify][contract]") {
    std::vector<std::string_view> tested;
    for (const ContractCase& wanted : contract_cases()) {
        tested.push_back(wanted.type);
    }
    for (const auto& plugin : reviewd::notify::plugins()) {
        CAPTURE(plugin.type);
        CHECK(std::find(tested.begin(), tested.end(), plugin.type) != tested.end());
        CHECK_FALSE(plugin.summary.empty());
        CHECK_FALSE(plugin.check_address("").empty());
        CHECK(plugin.check_address("jo@hartley.test").empty());
    }
    CHECK(reviewd::notify::find_plugin("pigeon") == nullptr);
}

TEST_CASE(
    "what a peer does decides the verdict", "[notify][contract][F23][F24][F25][F26][F30][F31]"
) {
    const std::map<Behaviour, Verdict> expected{
        {Behaviour::accepts, Verdict::accepted},
        {Behaviour::defers, Verdict::temporary},
        {Behaviour::refuses, Verdict::permanent},
        {Behaviour::denies_login, Verdict::misconfigured},
        {Behaviour::is_silent, Verdict::uncertain},
        {Behaviour::loses_the_reply, Verdict::uncertain},
        {Behaviour::talks_garbage, Verdict::uncertain},
    };
    for (const auto& [behaviour, verdict] : expected) {
        const Verdict wanted = verdict;
        for_each_channel(behaviour, [&](Channel& channel) {
            SampleAttempt attempt;
            attempt.deadline_ = 250ms;
            const Outcome outcome = channel.deliver(attempt);
            INFO(outcome.reply);
            CHECK(name(outcome.verdict) == name(wanted));
            CHECK((outcome.reason == Reason::none) == (wanted == Verdict::accepted));
        });
    }
}

TEST_CASE("nobody there is no reason to give a message up", "[notify][contract][F22]") {
    for_each_channel(Behaviour::is_unreachable, [](Channel& channel) {
        SampleAttempt attempt;
        const Outcome outcome = channel.deliver(attempt);
        CHECK((outcome.verdict == Verdict::temporary || outcome.verdict == Verdict::misconfigured));
        CHECK(attempt.commits_ == 0);
    });
}

TEST_CASE("an attempt keeps its deadline whatever the peer does", "[notify][contract][F27]") {
    for (const Behaviour behaviour : all_behaviours) {
        for_each_channel(behaviour, [](Channel& channel) {
            SampleAttempt attempt;
            attempt.deadline_ = 150ms;
            const auto begin = std::chrono::steady_clock::now();
            static_cast<void>(channel.deliver(attempt));
            CHECK(std::chrono::steady_clock::now() - begin < 2s);
        });
    }
}

TEST_CASE("a mail server has a time of its own for the final dot", "[notify][contract][F27]") {
    for_each_channel(Behaviour::is_silent, [](Channel& channel) {
        SampleAttempt attempt;
        attempt.deadline_ = 250ms;
        attempt.answer_time_ = 1500ms;
        const auto begin = std::chrono::steady_clock::now();
        CHECK(channel.deliver(attempt).verdict == Verdict::uncertain);
        const bool is_patient = std::chrono::steady_clock::now() - begin >= 1500ms;
        CHECK(is_patient == (channel.type == "smtp"));
    });
}

TEST_CASE("the gate runs once, before the peer can accept", "[notify][contract][F2]") {
    for_each_channel(Behaviour::accepts, [](Channel& channel) {
        SampleAttempt attempt;
        std::size_t accepted_at_commit = 99;
        attempt.on_commit_ = [&] {
            accepted_at_commit = channel.peer->accepted().size();
        };
        CHECK(channel.deliver(attempt).verdict == Verdict::accepted);
        CHECK(attempt.commits_ == 1);
        CHECK(accepted_at_commit == 0);
    });
}

TEST_CASE("behind a closed gate nothing is delivered", "[notify][contract][F2]") {
    for_each_channel(Behaviour::accepts, [](Channel& channel) {
        SampleAttempt attempt;
        attempt.may_go_on_ = false;
        const Outcome outcome = channel.deliver(attempt);
        CHECK(outcome.verdict == Verdict::temporary);
        CHECK(outcome.reason == Reason::shutting_down);
        CHECK(attempt.commits_ == 1);
        channel.loop.poll();
        CHECK(channel.peer->accepted().empty());
        CHECK(channel.terminal.empty());
    });
}

TEST_CASE("a resend carries the handle of the first attempt", "[notify][contract][F2][F26]") {
    for_each_channel(Behaviour::loses_the_reply, [](Channel& channel) {
        SampleAttempt first;
        CHECK(channel.deliver(first).verdict == Verdict::uncertain);
        REQUIRE(channel.peer->behave(Behaviour::accepts));
        SampleAttempt second;
        second.number_ = 2;
        CHECK(channel.deliver(second).verdict == Verdict::accepted);
        const auto accepted = channel.peer->accepted();
        REQUIRE_FALSE(accepted.empty());
        CHECK_FALSE(accepted.front().empty());
        CHECK(accepted.front() == accepted.back());
        REVIEWD_CHECK_CONTAINS(accepted.front(), "d-0193-aa");
    });
}

TEST_CASE("no secret is in an outcome or a dialogue", "[notify][contract][T35]") {
    for (const Behaviour behaviour : all_behaviours) {
        for_each_channel(behaviour, [](Channel& channel) {
            if (channel.peer->canary().empty()) {
                return;
            }
            SampleAttempt attempt;
            attempt.deadline_ = 150ms;
            const Outcome outcome = channel.deliver(attempt);
            CHECK(outcome.reply.find(channel.peer->canary()) == std::string::npos);
            CHECK(attempt.talk_.find(channel.peer->canary()) == std::string::npos);
            CHECK(channel.terminal.find(channel.peer->canary()) == std::string::npos);
        });
    }
}

TEST_CASE("hostile words arrive as words", "[notify][contract][T11][T12][T34]") {
    for (const std::string& text : hostile_texts()) {
        for_each_channel(Behaviour::accepts, [&](Channel& channel) {
            CAPTURE(text);
            Message message = sample_message();
            message.recipient.name = text;
            message.subject = text;
            message.text = text + "\nend of it";
            message.html = "<p>" + text + "</p>";
            message.payload = "";
            SampleAttempt attempt;
            const Outcome outcome = channel.deliver(attempt, message);
            INFO(outcome.reply);
            CHECK(outcome.verdict == Verdict::accepted);
            CHECK(channel.peer->accepted().size() <= 1);
            for (const std::string& seen : {outcome.reply, attempt.talk_, channel.terminal}) {
                CHECK(seen.find('\x1b') == std::string::npos);
                CHECK(seen.find("\xe2\x80\xae") == std::string::npos);
            }
            const std::string shown = channel.peer->accepted().empty() ? "" : channel.peer->shown();
            if (!shown.empty()) {
                REVIEWD_CHECK_CONTAINS(shown, "end of it");
            }
        });
    }
}

TEST_CASE("letters of every script arrive unharmed", "[notify][contract]") {
    for (const std::string text : {"হার্টলি প্রিন্ট", "مطبعة", "Ünï 😀"}) {
        for_each_channel(Behaviour::accepts, [&](Channel& channel) {
            Message message = sample_message();
            message.subject = text;
            message.text = text + "\n";
            SampleAttempt attempt;
            CHECK(channel.deliver(attempt, message).verdict == Verdict::accepted);
            const std::string shown = channel.peer->accepted().empty() ? "" : channel.peer->shown();
            if (!shown.empty()) {
                CHECK(shown.substr(0, text.size()) == text);
                REVIEWD_CHECK_CONTAINS(shown, "\n" + text);
            }
        });
    }
}

TEST_CASE("many deliveries may be under way at once", "[notify][contract]") {
    for_each_channel(Behaviour::accepts, [](Channel& channel) {
        for (int i = 0; i < 5; ++i) {
            Message message = sample_message();
            message.id += std::to_string(i);
            SampleAttempt attempt;
            CHECK(channel.deliver(attempt, message).verdict == Verdict::accepted);
        }
    });
}

} // namespace reviewd::test::test_contract
