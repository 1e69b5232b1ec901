// Files are opened below the directory with openat2, which refuses links and anything that leads
// out of it; a kernel without that call gets openat with O_NOFOLLOW, which is as safe here because
// names have no slash.
#include "daemon/message/templates.hpp"

#include "daemon/message/built_in_templates.hpp"
#include "scoring/base/assert.hpp"
#include "scoring/base/shortage.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

namespace reviewd::message {
namespace {

constexpr std::string_view extension = ".mustache";
constexpr std::string_view style_name = "answer_style";
constexpr std::size_t largest_file_bytes = 64 * 1024;

class Descriptor {
public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    [[nodiscard]] int get() const { return descriptor_; }

private:
    int descriptor_;
};

int open_beneath(int directory, const std::string& file) {
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const long opened = ::syscall(SYS_openat2, directory, file.c_str(), &how, sizeof how);
    if (opened < 0 && errno == ENOSYS) {
        return ::openat(directory, file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    }
    return static_cast<int>(opened);
}

/// Why something cannot be read.
struct Trouble {
    std::string what;
    bool is_short = false; ///< for want of descriptors or memory: it may be fine
};

Trouble trouble_of(int error) {
    return {std::generic_category().message(error), is_shortage(error)};
}

/// The file's text, or what is wrong with it in `trouble`.
std::optional<std::string> read(int directory, const std::string& file, Trouble& trouble) {
    const Descriptor opened{open_beneath(directory, file)};
    struct stat status {};
    if (opened.get() < 0 || ::fstat(opened.get(), &status) != 0) {
        trouble = errno == ELOOP ? Trouble{"is a symbolic link"} : trouble_of(errno);
        return std::nullopt;
    }
    if (!S_ISREG(status.st_mode)) {
        trouble = {"is no regular file"};
        return std::nullopt;
    }
    std::string text;
    std::array<char, 4096> part{};
    while (text.size() <= largest_file_bytes) {
        const ssize_t count = ::read(opened.get(), part.data(), part.size());
        if (count < 0) {
            trouble = trouble_of(errno);
            return std::nullopt;
        }
        if (count == 0) {
            break;
        }
        text.append(part.data(), static_cast<std::size_t>(count));
    }
    if (text.size() > largest_file_bytes) {
        trouble = {"is larger than 64 KiB"};
        return std::nullopt;
    }
    if (find_invalid_utf8(text)) {
        trouble = {"is no UTF-8"};
        return std::nullopt;
    }
    return text;
}

/// Whether it is the code of a language as names of templates have it: `de`.
bool is_language(std::string_view text) {
    return text.size() >= 2 && text.size() <= 3
           && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// Why nothing is made of a template of that name, and what was meant; empty: something is.
/// @param built_in the names of those that are there anyway, of which each part is in English
std::string why_unused(const std::string& name, const std::vector<std::string>& built_in) {
    const std::size_t end = name.rfind('_') + 1; // npos + 1 is 0
    const std::string language = name.substr(end);
    const auto is_there = [&](const std::string& each) {
        return std::find(built_in.begin(), built_in.end(), each) != built_in.end();
    };
    if (name == style_name) {
        return {};
    }
    if (end > 0 && is_there(name.substr(0, end) + "en")) {
        return is_language(language) ? std::string{}
                                     : fmt::format("`{}` is no language such as `de`", language);
    }
    std::vector<std::string> names = built_in;
    for (const std::string& each : built_in) {
        if (is_language(language) && each.ends_with("_en")) {
            names.push_back(each.substr(0, each.size() - 2) + language);
        }
    }
    const std::string near = did_you_mean(name, names);
    return fmt::format(
        "no message is made of it; {}",
        near.empty() ? "the names are like `digest_text_de`, for instance" : near
    );
}

/// The names in the directory; `trouble` says why there are none, or not all.
std::vector<std::string> files_of(const std::string& directory, Trouble& trouble) {
    std::vector<std::string> files;
    std::error_code error;
    std::filesystem::directory_iterator entry{directory, error};
    while (!error && entry != std::filesystem::directory_iterator{}) {
        files.push_back(entry->path().filename().string());
        entry.increment(error);
    }
    if (error) {
        trouble = trouble_of(error.value());
    }
    std::sort(files.begin(), files.end());
    return files;
}

Error shortage_at(const std::string& path, const std::string& what) {
    return fail(
        ErrorCode::try_later,
        fmt::format("templates: {} cannot be read now: {}; try again", escape_controls(path), what)
    );
}

} // namespace

bool is_template_name(std::string_view name) {
    constexpr std::size_t longest = 40;
    return !name.empty() && name.size() <= longest
           && std::all_of(name.begin(), name.end(), [](char c) {
                  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
              });
}

Templates::Templates() {
    for (const BuiltInTemplate& built_in : built_in_templates()) {
        texts_.emplace(built_in.name, built_in.text);
    }
}

Result<Templates> Templates::load(
    const std::string& directory, std::vector<std::string>& problems
) {
    Templates templates;
    Trouble trouble;
    const Descriptor opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (opened.get() < 0) {
        trouble = trouble_of(errno);
    }
    const std::vector<std::string> files =
        opened.get() < 0 ? std::vector<std::string>{} : files_of(directory, trouble);
    if (trouble.is_short) {
        return shortage_at(directory, trouble.what);
    }
    if (!trouble.what.empty()) {
        problems.push_back(fmt::format(
            "the template directory {} cannot be read: {}; the built-in templates are used",
            directory,
            trouble.what
        ));
        return templates;
    }
    const std::vector<std::string> built_in = templates.names();
    const auto report = [&](const std::string& file, std::string_view what) {
        problems.push_back(fmt::format(
            "template {}/{} {}; the built-in one is used", directory, escape_controls(file), what
        ));
    };
    for (const std::string& file : files) {
        if (!file.ends_with(extension)) {
            continue;
        }
        const std::string name = file.substr(0, file.size() - extension.size());
        const std::string unused = is_template_name(name) ? why_unused(name, built_in) : "";
        if (!is_template_name(name)) {
            report(file, "has a name other than a-z, 0-9 and _, 1 to 40 of them");
        } else if (!unused.empty()) {
            problems.push_back(
                fmt::format("template {}/{} is not used: {}", directory, file, unused)
            );
        } else if (std::optional<std::string> text = read(opened.get(), file, trouble)) {
            templates.set(name, *std::move(text));
        } else if (trouble.is_short) {
            return shortage_at(fmt::format("{}/{}", directory, file), trouble.what);
        } else {
            report(file, trouble.what);
        }
    }
    return templates;
}

const std::string& Templates::digest(std::string_view part, const std::string& language) const {
    return find("digest", part, language);
}

const std::string& Templates::find(
    std::string_view kind, std::string_view part, const std::string& language
) const {
    auto found = texts_.find(fmt::format("{}_{}_{}", kind, part, language));
    if (found == texts_.end()) {
        found = texts_.find(fmt::format("{}_{}_en", kind, part));
    }
    REVIEWD_ASSERT(found != texts_.end());
    return found->second;
}

const std::string& Templates::style() const {
    return texts_.find(style_name)->second;
}

std::vector<std::string> Templates::names() const {
    std::vector<std::string> names;
    for (const auto& [name, text] : texts_) {
        names.push_back(name);
    }
    return names;
}

std::set<std::string> Templates::languages() const {
    std::set<std::string> languages;
    for (const auto& [name, text] : texts_) {
        if (name != style_name && std::count(name.begin(), name.end(), '_') == 2) {
            languages.insert(name.substr(name.rfind('_') + 1));
        }
    }
    return languages;
}

std::vector<std::string> Templates::lacking(const std::string& language) const {
    constexpr std::string_view english = "_en";
    std::vector<std::string> lacking;
    for (const auto& [name, text] : texts_) {
        if (name.ends_with(english)) {
            const std::string theirs = name.substr(0, name.size() - english.size() + 1) + language;
            if (texts_.count(theirs) == 0) {
                lacking.push_back(theirs);
            }
        }
    }
    return lacking;
}

void Templates::set(const std::string& name, std::string text) {
    REVIEWD_ASSERT(is_template_name(name));
    texts_.insert_or_assign(name, std::move(text));
}

Habits habits_of(std::string_view language, const Templates& templates) {
    Habits habits = habits_of(language);
    return templates.languages().count(habits.language) == 1 ? habits : Habits{};
}

std::string trouble_with_language(std::string_view language, const Templates& templates) {
    const std::string base = habits_of(language).language;
    const std::set<std::string> languages = templates.languages();
    if (languages.count(base) == 0) {
        return fmt::format(
            "no template is in `{0}`, so English is sent; there are {1}, and"
            " `digest_text_{0}.mustache` and the like in `template_directory:` add one",
            escape_controls(base),
            fmt::join(languages, ", ")
        );
    }
    const std::vector<std::string> lacking = templates.lacking(base);
    return lacking.empty()
               ? std::string{}
               : fmt::format(
                   "of the templates in `{}` there is no {}: these parts are in English",
                   base,
                   fmt::join(lacking, ", ")
               );
}

} // namespace reviewd::message
