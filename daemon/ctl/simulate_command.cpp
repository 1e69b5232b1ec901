#include "daemon/ctl/commands.hpp"
#include "daemon/simulation/simulation.hpp"
#include "scoring/base/counted.hpp"
#include "scoring/base/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

namespace reviewd::ctl {

namespace {

namespace json = boost::json;

constexpr int days_of_a_year = 365;
constexpr int most_years = 100;
constexpr int most_accounts = 100'000;
constexpr std::size_t trace_after_violation = 40;
constexpr std::size_t whole_trace = 100'000'000;

struct SimulateOptions {
    std::string from;
    int years = 10;
    std::uint64_t seed = 1;
    std::uint64_t seeds = 1;
    int accounts = 200;
    std::vector<std::string> only;
    std::vector<std::string> without;
    bool is_trace_wanted = false;
};

Result<simulation::FaultPlan::Set> faults_of(const std::vector<std::string>& wanted) {
    simulation::FaultPlan::Set set;
    for (const std::string& text : wanted) {
        const auto fault = simulation::find_fault(text);
        if (!fault) {
            std::vector<std::string> known;
            for (const simulation::Fault one : simulation::all_faults()) {
                known.emplace_back(simulation::name(one));
            }
            const std::string hint = did_you_mean(text, known);
            return fail(
                ErrorCode::usage,
                fmt::format(
                    "no fault is called `{}`; {}",
                    safe(text),
                    hint.empty() ? fmt::format("there are {}", fmt::join(known, ", ")) : hint
                )
            );
        }
        set.set(static_cast<std::size_t>(*fault));
    }
    return set;
}

Result<simulation::Plan> plan_of(const SimulateOptions& options) {
    simulation::Plan plan;
    const Result<Date> from = parse_date(options.from);
    if (!from.has_value()) {
        return fail(ErrorCode::usage, fmt::format("--from: {}", from.error().message));
    }
    if (options.years < 1 || options.years > most_years) {
        return fail(
            ErrorCode::usage,
            fmt::format("--years takes 1 to {}, found {}", most_years, options.years)
        );
    }
    if (options.accounts < 1 || options.accounts > most_accounts) {
        return fail(
            ErrorCode::usage,
            fmt::format("--accounts takes 1 to {}, found {}", most_accounts, options.accounts)
        );
    }
    plan.from = *from;
    plan.days = options.years * days_of_a_year;
    plan.accounts = options.accounts;
    plan.kept_trace_lines = options.is_trace_wanted ? whole_trace : trace_after_violation;
    if (options.is_trace_wanted) { // the crash that did the damage is to be named
        plan.file_checks = simulation::Plan::FileChecks::every_crash;
    }
    if (!options.only.empty()) {
        const auto only = faults_of(options.only);
        if (!only.has_value()) {
            return only.error();
        }
        plan.possible_faults = *only;
    }
    const auto without = faults_of(options.without);
    if (!without.has_value()) {
        return without.error();
    }
    plan.possible_faults &= ~*without;
    return plan;
}

std::string list_of(const std::map<std::string, std::int64_t>& counts) {
    std::string text;
    for (const auto& [name, count] : counts) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, count);
    }
    return text.empty() ? "nothing" : text;
}

std::string list_of(const std::vector<simulation::Fault>& faults) {
    std::string text;
    for (const simulation::Fault fault : faults) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", simulation::name(fault));
    }
    return text.empty() ? "none" : text;
}

std::string day_text(TimePoint at) {
    return to_string(at).substr(0, std::string_view{"2026-01-05"}.size());
}

std::string replay_of(const SimulateOptions& options, std::uint64_t seed) {
    std::string line = fmt::format(
        "reviewctl simulate --from {} --years {} --accounts {} --seed {}",
        options.from,
        options.years,
        options.accounts,
        seed
    );
    for (const std::string& fault : options.only) {
        line += " --only " + fault;
    }
    for (const std::string& fault : options.without) {
        line += " --without " + fault;
    }
    return line + " --trace";
}

json::object to_json(const simulation::Report& report, const std::string& replay) {
    json::object happened;
    for (const auto& [name, count] : report.happened) {
        happened[name] = count;
    }
    json::object checked;
    for (const auto& [name, count] : report.checked) {
        checked[name] = count;
    }
    json::array faults;
    for (const simulation::Fault fault : report.faults) {
        faults.emplace_back(simulation::name(fault));
    }
    json::object object{
        {"seed", report.plan.seed},
        {"from", to_string(report.plan.from)},
        {"days", report.plan.days},
        {"quiet_days", report.plan.quiet_days},
        {"accounts", report.plan.accounts},
        {"faults", std::move(faults)},
        {"happened", std::move(happened)},
        {"checked", std::move(checked)},
        {"events", report.events},
        {"trace_hash", fmt::format("{:016x}", report.trace_hash)},
        {"replay", replay},
        {"violation", nullptr}};
    if (report.violation) {
        object["violation"] = json::object{
            {"at", to_string(report.violation->at)},
            {"day", day_text(report.violation->at)},
            {"invariant", report.violation->invariant},
            {"expected", report.violation->expected},
            {"found", report.violation->found}};
    }
    return object;
}

void show(const simulation::Report& report, const std::string& replay, const Terminal& terminal) {
    for (const std::string& line : report.trace) {
        terminal.line(safe(line));
    }
    terminal.line(fmt::format(
        "Simulated  {} from {} and {}, {}, seed {}",
        counted(report.plan.days, "day", "days"),
        to_string(report.plan.from),
        counted(report.plan.quiet_days, "quiet one", "quiet ones"),
        counted(report.plan.accounts, "account", "accounts"),
        report.plan.seed
    ));
    terminal.line("Faults     " + list_of(report.faults));
    terminal.line("Happened   " + list_of(report.happened));
    terminal.line("Checked    " + list_of(report.checked));
    terminal.line(fmt::format("Trace      {} events, {:016x}", report.events, report.trace_hash));
    const Colour colour = terminal.out().colour;
    if (!report.violation) {
        terminal.line("Result     " + styled("every promise was kept", Style::good, colour));
        return;
    }
    const simulation::Violation& violation = *report.violation;
    terminal.line(
        "Result     "
        + styled(
            fmt::format(
                "seed {} breaks {} on {}",
                report.plan.seed,
                violation.invariant,
                to_string(violation.at)
            ),
            Style::bad,
            colour
        )
    );
    terminal.line("  expected " + safe(violation.expected));
    terminal.line("  found    " + safe(violation.found));
    terminal.line("  replay   " + replay);
}

int simulate(const SimulateOptions& options, const Invocation& invocation) {
    Result<simulation::Plan> plan = plan_of(options);
    if (!plan.has_value()) {
        return invocation.failed(plan.error());
    }
    const Terminal& terminal = invocation.terminal;
    json::array reports;
    std::uint64_t violations = 0;
    const auto seeds = static_cast<double>(options.seeds);
    for (std::uint64_t index = 0; index < options.seeds; ++index) {
        plan->seed = options.seed + index;
        const auto progress = [&](double share) {
            terminal.progress(
                fmt::format("seed {}", plan->seed), (static_cast<double>(index) + share) / seeds
            );
        };
        simulation::Report report = simulation::simulate(*plan, progress);
        terminal.end_progress();
        violations += report.violation ? 1U : 0U;
        const std::string replay = replay_of(options, plan->seed);
        if (!report.violation && !options.is_trace_wanted) {
            report.trace.clear();
        }
        if (invocation.options.is_json) {
            json::object object = to_json(report, replay);
            object["trace"] = json::array(report.trace.begin(), report.trace.end());
            reports.push_back(std::move(object));
        } else if (options.seeds == 1 || report.violation) {
            show(report, replay, terminal);
        }
    }
    if (invocation.options.is_json) {
        invocation.show_json(json::object{
            {"simulations", std::move(reports)}, {"violations", violations}});
    } else if (options.seeds > 1) {
        terminal.line(fmt::format(
            "{} seeds from {} on, {} of them with a violation",
            options.seeds,
            options.seed,
            violations
        ));
    }
    return violations == 0 ? 0 : exit_code(ErrorCode::internal);
}

std::string all_kinds() {
    std::string kinds;
    for (const simulation::Fault fault : simulation::all_faults()) {
        kinds += (kinds.empty() ? "" : ", ") + std::string{simulation::name(fault)};
    }
    return kinds;
}

} // namespace

void add_simulate_command(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<SimulateOptions>();
    CLI::App* const command = app.add_subcommand(
        "simulate",
        "run the daemon's core through simulated years with faults, and check what it promises"
    );
    command->add_option("--from", options->from, "the first day (YYYY-MM-DD)")->required();
    command->add_option("--years", options->years, "how many years of 365 days")
        ->capture_default_str();
    command->add_option("--seed", options->seed, "everything follows from it")
        ->capture_default_str();
    command->add_option("--seeds", options->seeds, "how many seeds, from --seed on")
        ->capture_default_str();
    command->add_option("--accounts", options->accounts, "of the simulated company")
        ->capture_default_str();
    command->add_option(
        "--only",
        options->only,
        "only these kinds of faults, of which the seed draws about half: " + all_kinds()
    );
    command->add_option(
        "--without", options->without, "none of these kinds of faults; the seed draws of the others"
    );
    command->add_flag(
        "--trace",
        options->is_trace_wanted,
        "print every event, and look through the whole database after every crash"
    );
    command->callback([options, &invocation] {
        invocation.action = [options, &invocation] {
            return simulate(*options, invocation);
        };
    });
}

} // namespace reviewd::ctl
