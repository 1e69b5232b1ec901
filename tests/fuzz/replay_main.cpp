// Tries a harness on files and on mutations of them: the same inputs on each run. Where one fails
// it is kept as a file, which libFuzzer and this program take as it is.
#include "tests/fuzz/fuzz.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

using namespace std::string_view_literals;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t input_bytes = 4 * 1024; ///< of mutations; a file may be longer
constexpr unsigned input_seconds = 60; ///< far more than any input takes, sanitized or under load

/// The input that is being tried, for whoever hears that it failed.
std::string current; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::string kept_as; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

extern "C" void keep_input(int signal) {
    const int file = ::open(kept_as.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const std::array<std::string_view, 3> words{"the input is kept as ", kept_as, "\n"};
    for (const std::string_view part : words) {
        static_cast<void>(!::write(STDERR_FILENO, part.data(), part.size()));
    }
    static_cast<void>(!::write(file, current.data(), current.size()));
    ::close(file);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void try_input(std::string input) {
    current = std::move(input);
    ::alarm(input_seconds);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(current.data()), current.size());
    ::alarm(0);
}

/// Files and those in folders, in the order of their names.
std::vector<std::string> read_all(const std::vector<fs::path>& places) {
    std::vector<fs::path> files;
    for (const fs::path& place : places) {
        if (!fs::is_directory(place)) {
            files.push_back(place);
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator{place}) {
            if (entry.is_regular_file()) {
                files.push_back(entry.path());
            }
        }
    }
    std::sort(files.begin(), files.end());
    std::vector<std::string> texts;
    for (const fs::path& file : files) {
        std::ifstream in{file, std::ios::binary};
        texts.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
    }
    return texts;
}

/// Changes inputs as files are damaged and attacks are made: bits, bytes, cuts, repetitions, and
/// parts of other inputs.
class Mutator {
public:
    Mutator(const std::vector<std::string>& seeds, unsigned seed) : seeds_{seeds}, random_{seed} {}

    std::string next() {
        std::string input = part_of(seeds_[below(seeds_.size())], input_bytes);
        for (std::size_t edits = 1 + below(6); edits > 0; --edits) {
            edit(input);
        }
        input.resize(std::min(input.size(), input_bytes));
        return input;
    }

private:
    // Not a distribution of the library: those differ from one to the next.
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_()) % bound; }

    std::string part_of(const std::string& text, std::size_t bytes_most) {
        const std::size_t bytes = std::min(text.size(), bytes_most);
        return text.substr(below(text.size() - bytes + 1), bytes);
    }

    void edit(std::string& input) {
        constexpr std::string_view telling =
            "\0\n\r\t \"',;:{}[]<>|&*!%#=-+.@\\/\x7f\x80\xC3\xE2\xFF"sv;
        const std::size_t at = below(input.size() + 1);
        switch (input.empty() ? 5 : below(6)) {
        case 0:
            input[at % input.size()] ^= static_cast<char>(1U << below(8));
            break;
        case 1:
            input[at % input.size()] = telling[below(telling.size())];
            break;
        case 2:
            input.erase(at, 1 + below(16));
            break;
        case 3:
            input.insert(at, part_of(input, 1 + below(32)));
            break;
        case 4:
            input.insert(at, part_of(seeds_[below(seeds_.size())], 1 + below(128)));
            break;
        default:
            input.insert(at, 1 + below(4), telling[below(telling.size())]);
            break;
        }
    }

    const std::vector<std::string>& seeds_;
    std::mt19937 random_;
};

} // namespace

/// replay NAME MUTATIONS FILE_OR_FOLDER…
int main(int argc, char** argv) {
    const std::vector<std::string> arguments{argv, argv + argc};
    if (arguments.size() < 4) {
        std::fprintf(stderr, "usage: %s NAME MUTATIONS FILE_OR_FOLDER…\n", argv[0]);
        return 64;
    }
    kept_as = "failed-" + arguments[1];
    for (const int signal : {SIGABRT, SIGALRM, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
        std::signal(signal, keep_input);
    }
    const std::vector<std::string> seeds = read_all({arguments.begin() + 3, arguments.end()});
    if (seeds.empty()) {
        std::fprintf(stderr, "there is nothing to begin with\n");
        return 66;
    }
    for (const std::string& input : seeds) {
        try_input(input);
    }
    int mutations = 0;
    std::from_chars(arguments[2].data(), arguments[2].data() + arguments[2].size(), mutations);
    constexpr unsigned seed = 1;
    Mutator mutator{seeds, seed};
    for (int i = 0; i < mutations; ++i) {
        try_input(mutator.next());
    }
    std::printf("%zu files and %d mutations\n", seeds.size(), mutations);
    return 0;
}
