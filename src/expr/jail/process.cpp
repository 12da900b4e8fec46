#include "expr/jail/process.h"

#include "expr/sandbox.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>
#include <vector>

namespace mbflow::expr {
namespace {

constexpr int socket_in_jail = 3;

class SpawnPlan {
 public:
  explicit SpawnPlan(int socket) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_adddup2(&files_, socket, socket_in_jail);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);  // a terminal's Ctrl-C is the engine's business
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  pid_t run(const std::string& program, std::size_t memory) {
    std::string name = program;
    std::string command = "jail";
    std::string fd = std::to_string(socket_in_jail);
    std::string limit = std::string(jail_memory_variable) + "=" + std::to_string(memory);
    std::array<char*, 4> arguments = {name.data(), command.data(), fd.data(), nullptr};
    std::array<char*, 2> environment = {limit.data(), nullptr};
    pid_t pid = -1;
    const int failed = posix_spawn(&pid, program.c_str(), &files_, &attributes_, arguments.data(), environment.data());
    return failed == 0 ? pid : -1;
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

std::optional<JailProcess> JailProcess::start(const std::string& program, std::size_t memory) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return std::nullopt;
  const pid_t pid = SpawnPlan(ends[1]).run(program.empty() ? "/proc/self/exe" : program, memory);
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return std::nullopt;
  }
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return JailProcess(pid, ends[0]);
}

JailProcess::JailProcess(JailProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      fd_(std::exchange(other.fd_, -1)),
      outbox_(std::move(other.outbox_)),
      written_(other.written_),
      inbox_(std::move(other.inbox_)) {}

JailProcess::~JailProcess() { (void)finish(); }

void JailProcess::send(std::string frame) {
  outbox_ = std::move(frame);
  written_ = 0;
}

bool JailProcess::write_some() {
  while (wants_to_write()) {
    const ssize_t sent = ::send(fd_, outbox_.data() + written_, outbox_.size() - written_, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    written_ += static_cast<std::size_t>(sent);
  }
  outbox_ = {};
  written_ = 0;
  return true;
}

bool JailProcess::read_some() {
  std::array<char, 65536> room;
  for (;;) {
    const ssize_t got = recv(fd_, room.data(), room.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (got == 0) return false;
    inbox_.append(room.data(), static_cast<std::size_t>(got));
    // More than one answer can hold is read only after the first was looked at.
    if (inbox_.size() > max_answer + room.size()) return true;
  }
}

JailProcess::Exit JailProcess::finish() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
  if (pid_ < 0) return {};
  int status = 0;
  // What has ended by itself keeps its own reason; the rest is killed.
  pid_t ended = waitpid(pid_, &status, WNOHANG);
  if (ended == 0) {
    kill(pid_, SIGKILL);
    do {
      ended = waitpid(pid_, &status, 0);
    } while (ended < 0 && errno == EINTR);
  }
  pid_ = -1;
  if (ended < 0) return {};
  return WIFEXITED(status) ? Exit{WEXITSTATUS(status), 0} : Exit{-1, WTERMSIG(status)};
}

}  // namespace mbflow::expr
