#include "expr/sandbox.h"

#include "expr/jail/frame.h"
#include "expr/jail/jq.h"
#include "expr/jail/lockdown.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

namespace mbflow::expr {
namespace {

constexpr std::size_t default_memory = 128 << 20;

// Where an answer goes when memory is gone: nothing can be allocated then.
int answer_fd = -1;
std::uint64_t current_id = 0;

bool read_all(int fd, char* into, std::size_t size) {
  while (size > 0) {
    const ssize_t got = read(fd, into, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_all(int fd, const char* from, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = write(fd, from, size);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    from += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool send(int fd, const Answer& answer) {
  const std::string frame = pack(answer);
  return write_all(fd, frame.data(), frame.size());
}

[[noreturn]] void out_of_memory() {
  struct __attribute__((packed)) {
    FrameLength length = sizeof(std::uint64_t) + 1;
    std::uint64_t id = current_id;
    std::uint8_t verdict = static_cast<std::uint8_t>(Verdict::too_much);
  } frame;
  char raw[sizeof frame];
  std::memcpy(raw, &frame, sizeof frame);
  (void)write_all(answer_fd, raw, sizeof raw);
  _exit(jail_exit_memory);
}

void on_jq_out_of_memory(void*) { out_of_memory(); }

Answer perform(JqPrograms& programs, const Request& request) {
  if (request.language != "jq")
    return {request.id, Verdict::program, "'" + std::string(request.language) + "' is no language of the jail"};
  Answer answer = programs.run(request.program, request.input);
  answer.id = request.id;
  return answer;
}

int serve(int fd) {
  JqPrograms programs(on_jq_out_of_memory);
  std::string body;
  for (;;) {
    FrameLength length = 0;
    if (!read_all(fd, reinterpret_cast<char*>(&length), sizeof length)) return 0;
    if (length > max_request) return jail_exit_protocol;
    body.resize(length);
    if (!read_all(fd, body.data(), body.size())) return 0;
    const auto request = unpack_request(body);
    if (!request) return jail_exit_protocol;
    current_id = request->id;
    if (!send(fd, perform(programs, *request))) return 0;
  }
}

}  // namespace

int jail_main(int fd) {
  const char* memory_text = std::getenv(jail_memory_variable);
  const std::size_t memory = memory_text != nullptr ? std::strtoull(memory_text, nullptr, 10) : default_memory;
  answer_fd = fd;
  std::set_new_handler(out_of_memory);
  const Lockdown lockdown = lock_down(fd, memory);
  if (!lockdown.seccomp) _exit(jail_exit_no_seccomp);
  if (!send(fd, {0, Verdict::ready, lockdown.to_json()})) _exit(0);
  _exit(serve(fd));
}

}  // namespace mbflow::expr
