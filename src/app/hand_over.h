// How the listening sockets outlive a process, so that a restart refuses nobody: systemd keeps them (socket activation), or the
// server that runs hands them to the one that takes its place. Connections made meanwhile wait in them. Also tells systemd how it goes.
#pragma once

#include <mbflow/result.h>

#include <string>
#include <vector>

namespace mbflow::app {

// The sockets that systemd opened for this process (LISTEN_FDS of sd_listen_fds(3)); none without it. Once, before any thread.
[[nodiscard]] std::vector<int> activated_sockets();

// Tells systemd (sd_notify(3)): "READY=1", "STOPPING=1". Without it nothing happens.
void notify_supervisor(const std::string& state);

// Asks the server that runs on this data folder for its sockets; it stops then. None: no server runs there. Error hand_over.failed.
[[nodiscard]] Result<std::vector<int>> take_over(const std::string& data);

// The place in the data folder where a successor asks: a socket that only the same user (or root) may use.
class HandOver {
 public:
  HandOver() = default;
  ~HandOver();
  HandOver(const HandOver&) = delete;
  HandOver& operator=(const HandOver&) = delete;

  // The folder must exist. Error hand_over.failed.
  [[nodiscard]] Result<void> listen(const std::string& data);
  // True: a successor asked and has the sockets now. Does not wait.
  [[nodiscard]] bool gave(const std::vector<int>& sockets);

 private:
  int folder_ = -1;
  int socket_ = -1;
};

}  // namespace mbflow::app
