// Files are opened below the directory with openat2, which refuses links and anything that leads
// out of it; a kernel without that call gets openat with O_NOFOLLOW, which is as safe here because
// names have no slash.
#include "daemon/message/templates.hpp"

#include "daemon/message/built_in_templates.hpp"
#include "scoring/base/assert.hpp"
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

std::string system_message(int error) {
    return std::generic_category().message(error);
}

/// The file's text, or what is wrong with it in `problem`.
std::optional<std::string> read(int directory, const std::string& file, std::string& problem) {
    const Descriptor opened{open_beneath(directory, file)};
    struct stat status {};
    if (opened.get() < 0 || ::fstat(opened.get(), &status) != 0) {
        const bool is_link = errno == ELOOP;
        problem = is_link ? "is a symbolic link" : system_message(errno);
        return std::nullopt;
    }
    if (!S_ISREG(status.st_mode)) {
        problem = "is no regular file";
        return std::nullopt;
    }
    std::string text;
    std::array<char, 4096> part{};
    while (text.size() <= largest_file_bytes) {
        const ssize_t count = ::read(opened.get(), part.data(), part.size());
        if (count < 0) {
            problem = system_message(errno);
            return std::nullopt;
        }
        if (count == 0) {
            break;
        }
        text.append(part.data(), static_cast<std::size_t>(count));
    }
    if (text.size() > largest_file_bytes) {
        problem = "is larger than 64 KiB";
        return std::nullopt;
    }
    if (find_invalid_utf8(text)) {
        problem = "is no UTF-8";
        return std::nullopt;
    }
    return text;
}

std::vector<std::string> files_of(const std::string& directory, std::string& problem) {
    std::vector<std::string> files;
    std::error_code error;
    std::filesystem::directory_iterator entry{directory, error};
    while (!error && entry != std::filesystem::directory_iterator{}) {
        files.push_back(entry->path().filename().string());
        entry.increment(error);
    }
    if (error) {
        problem = error.message();
    }
    std::sort(files.begin(), files.end());
    return files;
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

Templates Templates::load(const std::string& directory, std::vector<std::string>& problems) {
    Templates templates;
    const auto report = [&](const std::string& file, std::string_view what) {
        problems.push_back(fmt::format(
            "template {}/{} {}; the built-in one is used", directory, escape_controls(file), what
        ));
    };
    const Descriptor opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    std::string problem;
    const std::vector<std::string> files = files_of(directory, problem);
    if (opened.get() < 0 || !problem.empty()) {
        problems.push_back(fmt::format(
            "the template directory {} cannot be read: {}; the built-in templates are used",
            directory,
            problem.empty() ? system_message(errno) : problem
        ));
        return templates;
    }
    for (const std::string& file : files) {
        if (!file.ends_with(extension)) {
            continue;
        }
        const std::string name = file.substr(0, file.size() - extension.size());
        if (!is_template_name(name)) {
            report(file, "has a name other than a-z, 0-9 and _, 1 to 40 of them");
            continue;
        }
        if (std::optional<std::string> text = read(opened.get(), file, problem)) {
            templates.set(name, *std::move(text));
        } else {
            report(file, problem);
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
    return texts_.find("answer_style")->second;
}

std::vector<std::string> Templates::names() const {
    std::vector<std::string> names;
    for (const auto& [name, text] : texts_) {
        names.push_back(name);
    }
    return names;
}

void Templates::set(const std::string& name, std::string text) {
    REVIEWD_ASSERT(is_template_name(name));
    texts_.insert_or_assign(name, std::move(text));
}

} // namespace reviewd::message
