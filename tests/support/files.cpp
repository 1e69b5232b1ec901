#include "tests/support/files.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace reviewd::test {

std::string read_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw std::runtime_error("cannot read " + file.string());
    }
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::filesystem::path source_path(const std::filesystem::path& relative) {
    return std::filesystem::path{REVIEWD_SOURCE_DIR} / relative;
}

} // namespace reviewd::test
