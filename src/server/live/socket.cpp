// The WebSocket of a client: it subscribes to executions and lists of them, and is told what is new. docs/live.md has the messages.
#include "base/http_text.h"
#include "server/live/client.h"
#include "server/routes/routes.h"

namespace mbflow::server {
namespace {

constexpr std::string_view protocol = "mbflow.live";

// Tells, while talk() hears; ends when either has.
Task<void> tell(std::shared_ptr<Client> client, net::WebSocket& socket, OneShot<bool>::Setter done) {
  co_await client->tell(socket);
  client->end();
  done.set(true);
}

Task<void> talk(std::shared_ptr<Client> client, net::WebSocket& socket) {
  OneShot<bool> told(client->loop());
  spawn(client->loop(), tell(client, socket, told.setter()));
  while (true) {
    auto text = co_await socket.receive();
    if (!text) break;
    co_await client->hear(*std::move(text));
  }
  client->end();
  (void)co_await told.wait();
}

}  // namespace

Error live_is_full() {
  return fail(Kind::limited, "live.full", "too many watch something on this server; come back later, or read /events from time to time");
}

Task<Result<Reply>> open_live(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  // A browser sends the cookie of a session along whatever page asks for the socket.
  if (!call.who.session.empty()) MBF_CO_CHECK(check_page(call.request, api.options.sessions));
  if (api.live().stopped()) co_return fail(Kind::unavailable, "runtime.stopping", "the server is stopping; try again in a moment");
  if (api.live().is_full()) co_return live_is_full();
  net::WebSocketOptions options;
  if (has_word(call.request.header("sec-websocket-protocol"), protocol)) options.protocol = protocol;
  auto client = std::make_shared<Client>(api, call);
  auto accepted = net::accept_socket(call.request, std::move(options), [client](net::WebSocket& socket) { return talk(client, socket); });
  if (!accepted) co_return std::move(accepted).error();
  Reply reply;
  reply.status = accepted->status;
  reply.upgrade = std::move(accepted->upgrade);
  co_return reply;
}

}  // namespace mbflow::server
