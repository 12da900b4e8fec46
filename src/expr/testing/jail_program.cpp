// The jail of the tests. Called under its own name it is the real one; a link to it named after a vice shows that vice,
// so that the keeper is tested against a process that has been taken over.
#include "expr/jail/frame.h"
#include "expr/sandbox.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

using mbflow::expr::Answer;
using mbflow::expr::FrameLength;
using mbflow::expr::Request;
using mbflow::expr::Verdict;

void say(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = write(fd, bytes.data(), bytes.size());
    if (sent <= 0) _exit(0);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::uint64_t hear_id(int fd) {
  FrameLength length = 0;
  if (read(fd, &length, sizeof length) != sizeof length) _exit(0);
  std::string body(length, '\0');
  for (std::size_t got = 0; got < body.size();) {
    const ssize_t more = read(fd, body.data() + got, body.size() - got);
    if (more <= 0) _exit(0);
    got += static_cast<std::size_t>(more);
  }
  const auto request = mbflow::expr::unpack_request(body);
  return request ? request->id : 0;
}

std::string answer(std::uint64_t id, Verdict verdict, std::string text) {
  return pack(Answer{id, verdict, std::move(text)});
}

std::string raw(FrameLength length, std::string_view rest) {
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes.append(rest);
}

[[noreturn]] void misbehave(std::string_view vice, int fd) {
  if (vice == "mute") pause();
  if (vice == "no_seccomp") _exit(mbflow::expr::jail_exit_no_seccomp);
  if (vice == "early") say(fd, answer(1, Verdict::done, "[1]"));
  say(fd, answer(0, Verdict::ready, vice == "bad_hello" ? "{" : "{}"));
  if (vice == "talker") say(fd, answer(1, Verdict::done, "[\"nobody asked\"]"));
  const std::uint64_t id = hear_id(fd);
  if (vice == "oversized") say(fd, raw(0xfffffff0U, std::string(1 << 20, 'x')));
  if (vice == "garbage") say(fd, raw(5, "hello"));
  if (vice == "wrong_id") say(fd, answer(id + 1, Verdict::done, "[1]"));
  if (vice == "ready_again") say(fd, answer(id, Verdict::ready, "{}"));
  if (vice == "verdict") say(fd, raw(9, std::string(reinterpret_cast<const char*>(&id), 8) + '\x09'));
  if (vice == "half") say(fd, answer(id, Verdict::done, std::string(1000, ' ')).substr(0, 500));
  if (vice == "twice") say(fd, answer(id, Verdict::done, "[1]") + answer(id, Verdict::done, "[2]"));
  if (vice == "no_json") say(fd, answer(id, Verdict::done, "[1, oops"));
  if (vice == "no_array") say(fd, answer(id, Verdict::done, "{\"a\":1}"));
  if (vice == "bad_utf8") say(fd, answer(id, Verdict::done, "[\"\xff\xfe\"]"));
  if (vice == "deep") say(fd, answer(id, Verdict::done, std::string(100'000, '[') + std::string(100'000, ']')));
  if (vice == "crash") abort();
  if (vice == "slow") {
    const std::string bytes = answer(id, Verdict::done, "[1]");
    for (const char byte : bytes) {
      say(fd, std::string_view(&byte, 1));
      usleep(200'000);
    }
  }
  if (vice == "half" || vice == "talker") _exit(0);
  pause();
  _exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || std::string_view(argv[1]) != "jail") return 2;
  const int fd = std::atoi(argv[2]);
  const std::string_view path = argv[0];
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name != "expr_jail") misbehave(name, fd);
  return mbflow::expr::jail_main(fd);
}
