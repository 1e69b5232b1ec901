// Between fork and exec only async-signal-safe calls are made: other threads of ours may hold any
// lock, the allocator's first of all. Everything that needs memory is prepared before.

#include "daemon/runtime/process/child.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

namespace reviewd::runtime {
namespace {

constexpr int program_descriptor = 3;

class Pipe {
public:
    Pipe() { error_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0 ? 0 : errno; }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close(0);
        close(1);
    }

    [[nodiscard]] int error() const { return error_; }
    [[nodiscard]] int read_end() const { return ends_[0]; }
    [[nodiscard]] int write_end() const { return ends_[1]; }
    /// Gives an end away, non-blocking.
    [[nodiscard]] int take(std::size_t end) {
        const int descriptor = ends_.at(end);
        ends_.at(end) = -1;
        ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
        return descriptor;
    }
    void close(std::size_t end) {
        if (ends_.at(end) >= 0) {
            ::close(ends_.at(end));
            ends_.at(end) = -1;
        }
    }

private:
    std::array<int, 2> ends_{-1, -1};
    int error_ = 0;
};

/// What the child needs, as plain pointers into memory that outlives the fork.
struct Prepared {
    int program = -1;
    int input = -1;
    int output = -1;
    int complaint = -1;
    bool is_script = false;
    bool keeps_rights_low = true;
    char* const* arguments = nullptr;
    char* const* environment = nullptr;
};

[[noreturn]] void complain(int pipe, int error) {
    const ssize_t told = ::write(pipe, &error, sizeof error);
    ::_exit(told > 0 ? 127 : 126);
}

void reset_signals() {
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};
        action.sa_handler = SIG_DFL;
        ::sigaction(number, &action, nullptr); // some cannot be set, and need not be
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void become(const Prepared& prepared) {
    reset_signals();
    ::setpgid(0, 0);
    const int complaint = ::fcntl(prepared.complaint, F_DUPFD_CLOEXEC, 10);
    const int program = ::fcntl(prepared.program, F_DUPFD_CLOEXEC, 10);
    const bool is_wired = complaint >= 0 && program >= 0 && ::dup2(prepared.input, 0) == 0
                          && ::dup2(prepared.output, 1) == 1 && ::dup2(prepared.output, 2) == 2
                          && ::dup2(program, program_descriptor) == program_descriptor;
    if (!is_wired) {
        complain(prepared.complaint, errno);
    }
    const unsigned first = program_descriptor + (prepared.is_script ? 1U : 0U);
    if (::close_range(first, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
        complain(complaint, errno);
    }
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::umask(S_IRWXG | S_IRWXO);
    if (::chdir("/") != 0) {
        complain(complaint, errno);
    }
    if (prepared.keeps_rights_low && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        complain(complaint, errno);
    }
    ::execveat(program_descriptor, "", prepared.arguments, prepared.environment, AT_EMPTY_PATH);
    complain(complaint, errno);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

} // namespace

int start_child(const ProgramFile& program, const notify::ProcessRequest& request, Child& child) {
    std::vector<std::string> arguments{request.program};
    arguments.insert(arguments.end(), request.arguments.begin(), request.arguments.end());
    std::vector<std::string> environment;
    for (const auto& [name, value] : request.environment) {
        environment.push_back(name + "=" + value);
    }
    const std::vector<char*> argument_pointers = pointers(arguments);
    const std::vector<char*> environment_pointers = pointers(environment);
    Pipe input;
    Pipe output;
    Pipe complaint;
    for (const Pipe* pipe : {&input, &output, &complaint}) {
        if (pipe->error() != 0) {
            return pipe->error();
        }
    }
    const Prepared prepared{
        program.descriptor(),
        input.read_end(),
        output.write_end(),
        complaint.write_end(),
        program.is_script(),
        request.trust == notify::ProcessRequest::Trust::plain,
        argument_pointers.data(),
        environment_pointers.data()};
    const pid_t process = ::fork();
    if (process < 0) {
        return errno;
    }
    if (process == 0) {
        become(prepared);
    }
    ::setpgid(process, process); // whoever comes first
    complaint.close(1);
    int error = 0;
    ssize_t count = 0;
    do {
        count = ::read(complaint.read_end(), &error, sizeof error);
    } while (count < 0 && errno == EINTR);
    const int end = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
    if (count != 0 || end < 0) {
        const int reason = count != 0 ? error : errno;
        ::kill(process, SIGKILL);
        ::waitpid(process, nullptr, 0);
        return reason;
    }
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
    child = Child{process, end, input.take(1), output.take(0)};
    return 0;
}

} // namespace reviewd::runtime
