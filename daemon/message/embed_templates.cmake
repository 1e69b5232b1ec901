# Writes OUTPUT, a C++ file that holds the text of every TEMPLATES/*.mustache.
file(GLOB files "${TEMPLATES}/*.mustache")
list(SORT files)
set(entries "")
foreach(file ${files})
    get_filename_component(name "${file}" NAME_WE)
    file(READ "${file}" bytes HEX)
    string(LENGTH "${bytes}" digits)
    math(EXPR size "${digits} / 2")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${bytes}")
    # Short pieces: adjacent literals join, and no line gets too long for a compiler.
    string(REGEX REPLACE "((\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?)" "\"\\1\"\n" pieces "${escaped}")
    string(APPEND entries "    BuiltInTemplate{\"${name}\", {${pieces}, ${size}}},\n")
endforeach()
file(
    WRITE "${OUTPUT}.new"
    "#include \"daemon/message/built_in_templates.hpp\"

#include <array>

namespace reviewd::message {
namespace {
constexpr std::array templates{
${entries}};
} // namespace

std::span<const BuiltInTemplate> built_in_templates() {
    return templates;
}

} // namespace reviewd::message
"
)
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
