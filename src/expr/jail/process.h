// One jailed process as its keeper sees it: a pid, a socket that never blocks, and bytes on their way. One thread.
#pragma once

#include "expr/jail/frame.h"

#include <sys/types.h>

#include <optional>
#include <string>

namespace mbflow::expr {

class JailProcess {
 public:
  // Nothing: it could not be started.
  [[nodiscard]] static std::optional<JailProcess> start(const std::string& program, std::size_t memory);
  ~JailProcess();
  JailProcess(JailProcess&& other) noexcept;
  JailProcess& operator=(JailProcess&& other) = delete;
  JailProcess(const JailProcess&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool wants_to_write() const { return written_ < outbox_.size(); }
  void send(std::string frame);
  // Moves bytes as far as they go now. False: the other end is gone or talks nonsense.
  [[nodiscard]] bool write_some();
  [[nodiscard]] bool read_some();
  [[nodiscard]] Taken next_answer() { return take_answer(inbox_); }
  [[nodiscard]] bool has_unread() const { return !inbox_.empty(); }

  // Ends it, if it has not ended, and tells how it did.
  struct Exit {
    int code = -1;  // of an exit; -1: a signal
    int signal = 0;
  };
  Exit finish();

 private:
  JailProcess(pid_t pid, int fd) : pid_(pid), fd_(fd) {}
  pid_t pid_ = -1;
  int fd_ = -1;
  std::string outbox_;
  std::size_t written_ = 0;
  std::string inbox_;
};

}  // namespace mbflow::expr
