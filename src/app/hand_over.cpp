#include "app/hand_over.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace mbflow::app {
namespace {

constexpr int first_activated = 3;      // SD_LISTEN_FDS_START
constexpr std::size_t most_sockets = 253;  // SCM_MAX_FD of the kernel
constexpr const char* file_name = "hand-over.sock";
constexpr timeval patience{10, 0};      // with a server that does not answer

Error failed(const std::string& what) {
  return fail(Kind::unavailable, "hand_over.failed", what + ": " + std::strerror(errno) + "; stop the old server and start the new one without --take-over");
}

int open_folder(const std::string& data) { return ::open(data.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }

// By way of /proc: a socket's path has room for about a hundred bytes, a data folder's may be longer.
sockaddr_un address_in(int folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder) + "/" + file_name;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

struct Message {
  char byte = 'M';
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * most_sockets)> control{};
  msghdr head{};
  explicit Message(std::size_t sockets) {
    head.msg_iov = &part;
    head.msg_iovlen = 1;
    head.msg_control = control.data();
    head.msg_controllen = CMSG_SPACE(sizeof(int) * sockets);
  }
};

bool send_sockets(int to, const std::vector<int>& sockets) {
  Message message(sockets.size());
  cmsghdr* rights = CMSG_FIRSTHDR(&message.head);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int) * sockets.size());
  std::memcpy(CMSG_DATA(rights), sockets.data(), sizeof(int) * sockets.size());
  return ::sendmsg(to, &message.head, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

std::vector<int> receive_sockets(int from) {
  Message message(most_sockets);
  if (::recvmsg(from, &message.head, MSG_CMSG_CLOEXEC) != 1) return {};
  const cmsghdr* rights = CMSG_FIRSTHDR(&message.head);
  if (!rights || rights->cmsg_type != SCM_RIGHTS) return {};
  std::vector<int> sockets((rights->cmsg_len - CMSG_LEN(0)) / sizeof(int));
  std::memcpy(sockets.data(), CMSG_DATA(rights), sizeof(int) * sockets.size());
  return sockets;
}

bool is_trusted(int peer) {
  ucred who{};
  socklen_t size = sizeof who;
  return getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && (who.uid == ::geteuid() || who.uid == 0);
}

}  // namespace

std::vector<int> activated_sockets() {
  const char* pid = std::getenv("LISTEN_PID");
  const char* count = std::getenv("LISTEN_FDS");
  std::vector<int> sockets;
  if (pid && count && std::atoi(pid) == ::getpid()) {
    for (int socket = first_activated; socket < first_activated + std::atoi(count); ++socket) {
      ::fcntl(socket, F_SETFD, FD_CLOEXEC);
      sockets.push_back(socket);
    }
  }
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);  // not for our children
  return sockets;
}

void notify_supervisor(const std::string& state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!path || !*path || std::strlen(path) >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, std::strlen(path));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  if (*path == '@') address.sun_path[0] = '\0';  // a name without a file
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return;
  (void)::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), size);
  ::close(socket);
}

Result<std::vector<int>> take_over(const std::string& data) {
  const int folder = open_folder(data);
  if (folder < 0) return std::vector<int>();  // the first start
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const sockaddr_un address = address_in(folder);
  const bool connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int why = errno;
  std::vector<int> sockets;
  if (connected) sockets = receive_sockets(socket);
  const int why_none = errno;
  ::close(socket);
  ::close(folder);
  if (!connected && (why == ENOENT || why == ECONNREFUSED)) return sockets;
  errno = connected ? why_none : why;
  if (sockets.empty()) return failed("the server that runs on " + data + " did not hand its sockets over");
  return sockets;
}

HandOver::~HandOver() {
  if (socket_ >= 0) ::close(socket_);
  if (folder_ >= 0) ::close(folder_);
}

// A file of that name is a dead server's, or that of one that is just ending: whoever comes later is the one to ask.
Result<void> HandOver::listen(const std::string& data) {
  folder_ = open_folder(data);
  if (folder_ < 0) return failed("the data folder " + data + " cannot be opened");
  socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  ::unlinkat(folder_, file_name, 0);
  const sockaddr_un address = address_in(folder_);
  const bool listens = ::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(socket_, 4) == 0;
  return listens ? Result<void>() : failed("the socket " + data + "/" + file_name + " cannot be made");
}

bool HandOver::gave(const std::vector<int>& sockets) {
  const int peer = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
  if (peer < 0) return false;
  const bool given = is_trusted(peer) && send_sockets(peer, sockets);
  ::close(peer);
  return given;
}

}  // namespace mbflow::app
