// Client: one WebSocket's subscriptions and what it is told. What it has not read yet stays in the store: of a slow one no more than a page
// is in memory. On its connection's loop; hear() and tell() run side by side.
#pragma once

#include "net/web_socket.h"
#include "server/live/live.h"
#include "server/live/still_may.h"

#include <map>

namespace mbflow::server {

class Client {
 public:
  Client(Api& api, const Call& call);
  // One message of the client.
  [[nodiscard]] Task<void> hear(std::string text);
  // Until end(), or until the server has a reason to close.
  [[nodiscard]] Task<void> tell(net::WebSocket& socket);
  void end();
  [[nodiscard]] Loop& loop() const { return guest_.bell.loop(); }

 private:
  enum class Said { something, nothing, unheard };
  [[nodiscard]] Task<Result<Value>> obey(Value message);
  [[nodiscard]] Task<Result<Value>> subscribe(std::string id, Value message);
  [[nodiscard]] Result<Topic> topic_of(const Value& message) const;
  [[nodiscard]] Task<bool> may_go_on();
  [[nodiscard]] Task<Said> say(net::WebSocket& socket);
  [[nodiscard]] Task<std::string> news_of(std::string id, std::shared_ptr<Watch> watch);
  void reply(const Value& message);
  void close(std::uint16_t code, std::string reason);

  Api& api_;
  const Identity who_;
  std::stop_token gone_;
  StillMay access_;
  LiveHub::Guest guest_;
  std::map<std::string, std::shared_ptr<Watch>> watches_;  // by the client's own names
  std::vector<std::string> replies_;
  Bell room_;  // there is some for replies
  bool over_ = false;
  std::uint16_t close_code_ = 0;  // 0: the client has ended it
  std::string close_reason_;
};

}  // namespace mbflow::server
