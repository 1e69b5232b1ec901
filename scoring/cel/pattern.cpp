#include "scoring/cel/pattern.hpp"

#include <fmt/format.h>

#include <re2/re2.h>

namespace reviewd::cel {
namespace {

constexpr std::int64_t memory_bytes = 4 * 1024 * 1024; // program and automata of one pattern

re2::StringPiece piece(std::string_view text) {
    return {text.data(), text.size()};
}

} // namespace

std::shared_ptr<const Pattern> Pattern::compile(std::string_view source, std::string* problem) {
    std::string reason;
    if (source.size() > longest_source) {
        reason = fmt::format("the pattern is longer than {} bytes", longest_source);
    } else {
        re2::RE2::Options options;
        options.set_max_mem(memory_bytes);
        options.set_log_errors(false); // it would write patterns of users to standard error
        auto compiled = std::make_unique<re2::RE2>(piece(source), options);
        if (compiled->ok()) {
            return std::make_shared<const Pattern>(std::move(compiled));
        }
        reason = "the pattern is wrong: " + compiled->error();
    }
    if (problem != nullptr) {
        *problem = std::move(reason);
    }
    return nullptr;
}

Pattern::Pattern(std::unique_ptr<re2::RE2> compiled) : compiled_(std::move(compiled)) {}

Pattern::~Pattern() = default;

bool Pattern::matches(std::string_view text) const {
    return re2::RE2::PartialMatch(piece(text), *compiled_);
}

} // namespace reviewd::cel
