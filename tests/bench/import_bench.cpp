// Generates accounts and imports them, for tests/bench/import_bench.py, which holds the watch.
//
//   import_bench generate ROWS FILE
//   import_bench read CONFIG FOLDER              reads and maps, writes nothing
//   import_bench import CONFIG FOLDER STATE      the whole import into a fresh database
#include "config/loader/configuration.hpp"
#include "daemon/intake/csv_header.hpp"
#include "daemon/intake/import_job.hpp"
#include "daemon/intake/row_mapper.hpp"
#include "daemon/store/instance_lock.hpp"

#include <fmt/core.h>
#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace reviewd;

constexpr std::array<std::string_view, 6> segments{
    "enterprise", "midmarket", "smb", "startup", "public", "nonprofit"};
constexpr std::array<std::string_view, 8> regions{
    "emea-north", "emea-south", "dach", "uk", "nordics", "us-east", "us-west", "apac"};
constexpr std::array<std::string_view, 8> industries{
    "banking",
    "insurance",
    "retail",
    "manufacturing",
    "energy",
    "software",
    "healthcare",
    "education"};
constexpr std::array<std::string_view, 4> sizes{"small", "medium", "large", "huge"};
constexpr std::array<std::string_view, 3> languages{"en", "de", "bn"};

void append_row(std::string& out, std::int64_t number, std::mt19937_64& random) {
    const auto below = [&random](std::uint64_t limit) {
        return random() % limit;
    };
    const auto one_of = [&](const auto& words) {
        return words[below(words.size())];
    };
    const std::uint64_t revenue = 10'000 + below(90'000'000) * 100;
    fmt::format_to(
        std::back_inserter(out),
        "K{:07},\"Customer {} & Sons, Ltd\",owner{:03},{},{},{},{},{}.{:02},{},{:04}-{:02}-{:02},",
        number,
        number,
        below(500),
        one_of(segments),
        one_of(sizes),
        one_of(regions),
        one_of(languages),
        revenue / 20,
        below(100),
        below(12) == 0 ? "yes" : "no",
        1990 + below(35),
        1 + below(12),
        1 + below(28)
    );
    const std::string satisfaction =
        below(7) == 0 ? "" : fmt::format("{}.{}", below(10), below(2) * 5);
    const std::string renewal = below(4) == 0 ? "" : fmt::format("{}", below(400));
    fmt::format_to(
        std::back_inserter(out),
        "{},{}.00,{},{},{},0.{:02},{},{},{}.{},{}\n",
        one_of(industries),
        revenue,
        1 + revenue / 200'000,
        satisfaction,
        below(8),
        below(46),
        renewal,
        below(49),
        below(20),
        below(10),
        below(5) == 0 ? 1 : 0
    );
}

void generate(std::int64_t rows, const std::string& file) {
    std::ofstream out{file, std::ios::binary | std::ios::trunc};
    std::string text =
        "key,name,owner,segment,size,region,language,budget,vip,since,industry,revenue,employees,"
        "satisfaction,referrals,discount_rate,renewal_in_days,months_quiet,tenure_years,competitor\n";
    std::mt19937_64 random{20'240'607};
    for (std::int64_t i = 1; i <= rows; ++i) {
        append_row(text, i, random);
        if (text.size() > 1'000'000 || i == rows) {
            out << text;
            text.clear();
        }
    }
    if (!out.flush()) {
        throw std::runtime_error("cannot write " + file);
    }
}

config::Configuration load(const std::string& file, const std::string& folder) {
    config::LoadOptions options;
    options.data_directory = folder;
    const config::LoadedConfiguration loaded = config::load_configuration(file, options);
    if (!loaded.configuration) {
        throw std::runtime_error(render(loaded.diagnostics));
    }
    return *loaded.configuration;
}

int read(const config::Configuration& configuration) {
    const config::Settings& settings = *configuration.settings;
    const config::SourceSettings& source = settings.sources.front();
    const auto file = intake::SourceFile::open(
                          intake::source_path(settings.data_directory, source.file), source.file
    )
                          .value();
    intake::CsvReader reader{*file};
    const auto headers = intake::read_header(source.file, *file, reader, source.delimiter).value();
    auto mapper = intake::RowMapper::compile(
                      source,
                      configuration.rules->schema[source.table],
                      settings.company,
                      source.file,
                      headers
    )
                      .value();
    store::ImportRow row;
    std::int64_t good = 0;
    while (reader.next().value() == intake::CsvReader::Row::good) {
        const auto bytes = reader.is_plain() ? intake::FieldReader::Bytes::printable_ascii
                                             : intake::FieldReader::Bytes::utf8;
        good +=
            mapper.map(reader.fields(), bytes, row) == intake::RowMapper::Outcome::mapped ? 1 : 0;
    }
    fmt::print("{}\n", good);
    return 0;
}

int import(const config::Configuration& configuration, const std::string& state) {
    const config::Settings& settings = *configuration.settings;
    const config::SourceSettings& source = settings.sources.front();
    const auto lock = store::InstanceLock::acquire(state).value();
    const auto database = store::Database::open(lock).value();
    intake::ImportJobRequest request;
    request.source = &source;
    request.schema = &configuration.rules->schema[source.table];
    request.company = &settings.company;
    request.data_directory = settings.data_directory;
    request.day = Date{std::chrono::year{2026} / 11 / 20};
    intake::ImportJob job{*database, std::move(request)};
    const TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 20}};
    while (job.advance(now) == intake::ImportJob::Step::more) {
    }
    const intake::ImportJobOutcome& outcome = job.outcome();
    fmt::print("{}\n", outcome.counts.added);
    if (outcome.kind != intake::ImportJobOutcome::Kind::accepted || outcome.counts.bad != 0) {
        fmt::print(stderr, "import_bench: {}\n", outcome.reason);
        return 1;
    }
    return 0;
}

int run(const std::vector<std::string>& arguments) {
    if (arguments.size() == 3 && arguments[0] == "generate") {
        generate(std::stoll(arguments[1]), arguments[2]);
        return 0;
    }
    if (arguments.size() == 3 && arguments[0] == "read") {
        return read(load(arguments[1], arguments[2]));
    }
    if (arguments.size() == 4 && arguments[0] == "import") {
        return import(load(arguments[1], arguments[2]), arguments[3]);
    }
    fmt::print(
        stderr,
        "usage: import_bench generate ROWS FILE | read CONFIG FOLDER | "
        "import CONFIG FOLDER STATE\n"
    );
    return EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run({argv + 1, argv + argc});
    } catch (const std::exception& problem) {
        fmt::print(stderr, "import_bench: {}\n", problem.what());
        return EXIT_FAILURE;
    }
}
