#include "daemon/simulation/random.hpp"

namespace reviewd::simulation {
namespace {

std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31);
}

} // namespace

Random::Random(std::uint64_t seed, std::string_view stream) : state_(mixed(seed + 1)) {
    for (const char letter : stream) {
        state_ = mixed(state_ ^ static_cast<unsigned char>(letter)) + 0x9E3779B97F4A7C15U;
    }
}

std::uint64_t Random::next() {
    state_ += 0x9E3779B97F4A7C15U;
    return mixed(state_);
}

int Random::below(int end) {
    // The bias of the remainder is of no consequence at these sizes.
    return static_cast<int>(next() % static_cast<std::uint64_t>(end));
}

double Random::share() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

bool Random::chance(double probability) {
    return share() < probability;
}

} // namespace reviewd::simulation
