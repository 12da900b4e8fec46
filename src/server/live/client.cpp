#include "server/live/client.h"

#include "server/routes/routes.h"

#include <mbflow/json.h>

#include <algorithm>

namespace mbflow::server {
namespace {

constexpr std::size_t most_watches = 64;
constexpr std::size_t most_replies = 16;  // of which the client has not read one: it is not listened to any more
constexpr std::size_t longest_id = 64;
constexpr Duration look_up = std::chrono::seconds(15);  // whether the client still may, where nothing happens

constexpr std::uint16_t going_away = 1001;
constexpr std::uint16_t sign_in_again = 4401;

Error bad_message(std::string message) { return fail(Kind::invalid, "live.message", std::move(message)); }

Value said(std::string_view type, const std::string& id) { return Value::object({{"type", type}, {"id", id}}); }

Value refusal(const Value& message, const Error& error) {
  return Value::object({{"type", "error"}, {"id", message["id"]}, {"code", error.code}, {"message", error.message}});
}

std::string joined(const std::vector<Text>& texts) {
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : ",") + *text;
  return all;
}

// The call that gives the same at once: whoever may not make it may not watch it either.
std::string_view operation_of(Topic::Kind kind) { return kind == Topic::Kind::execution ? "get_events" : "list_executions"; }

bool may_watch(const Identity& who, Topic::Kind kind) {
  const auto route = std::ranges::find(routes(), operation_of(kind), &Route::operation);
  return route != routes().end() && who.may(*route);
}

template <class T>
Result<Uuid> id_field(const Value& message, std::string_view name) {
  const auto id = T::parse(message[name].as_string());
  if (!id) return bad_message("\"" + std::string(name) + "\" must be an id");
  return Uuid(*id);
}

}  // namespace

Client::Client(Api& api, const Call& call) : api_(api), who_(call.who), gone_(call.request.gone), access_(api, call), guest_(api.live()), room_(guest_.bell.loop()) {}

void Client::end() {
  over_ = true;
  guest_.bell.ring();
  room_.ring();
}

void Client::close(std::uint16_t code, std::string reason) {
  over_ = true;
  close_code_ = code;
  close_reason_ = std::move(reason);
}

// Its answer is ready to be told in the same moment as it has its subscription: nothing of that is told before.
Task<void> Client::hear(std::string text) {
  while (replies_.size() >= most_replies && !over_) (void)co_await room_.wait(look_up, gone_);
  JsonOptions options;
  options.reject_duplicate_keys = true;
  const auto message = parse_json(text, options);
  if (!message) {
    reply(refusal(Value(), bad_message("that is no JSON: " + message.error().message)));
    co_return;
  }
  auto answer = co_await obey(*message);
  reply(answer ? *std::move(answer) : refusal(*message, answer.error()));
}

void Client::reply(const Value& message) {
  replies_.push_back(write_json(message));
  guest_.bell.ring();
}

Task<Result<Value>> Client::obey(Value message) {
  const auto type = message["type"].as_string();
  const std::string id(message["id"].as_string());
  if (type == "ping") co_return Value::object({{"type", "pong"}});
  if (id.empty() || id.size() > longest_id) co_return bad_message("\"id\" must be a name of 1 to 64 characters, the client's own, for this subscription");
  if (type == "subscribe") co_return co_await subscribe(id, std::move(message));
  if (type != "unsubscribe") co_return bad_message("\"type\" must be subscribe, unsubscribe or ping");
  if (watches_.erase(id) == 0) co_return bad_message("there is no subscription with that id");
  co_return said("unsubscribed", id);
}

Result<Topic> Client::topic_of(const Value& message) const {
  const auto name = message["topic"].as_string();
  Topic topic;
  topic.tenant = who_.tenant;
  if (name == "execution") {
    MBF_CHECK(only_fields(message, {"type", "id", "topic", "execution", "after"}));
    topic.kind = Topic::Kind::execution;
    MBF_TRY(topic.id, id_field<ExecutionId>(message, "execution"));
  } else if (name == "workflow") {
    MBF_CHECK(only_fields(message, {"type", "id", "topic", "workflow"}));
    MBF_TRY(topic.id, id_field<WorkflowId>(message, "workflow"));
  } else if (name == "executions") {
    MBF_CHECK(only_fields(message, {"type", "id", "topic"}));
  } else {
    return bad_message("\"topic\" must be execution, workflow or executions");
  }
  if (!may_watch(who_, topic.kind)) return fail(Kind::denied, "auth.role", "the role or the scopes of this caller do not let it watch that");
  return topic;
}

Task<Result<Value>> Client::subscribe(std::string id, Value message) {
  MBF_CO_TRY(const auto topic, topic_of(message));
  const Value& after = message["after"];
  const bool is_number = after.is_null() || (after.is_integer() && after.as_integer() >= 0 && after.as_integer() <= 2'000'000'000);
  if (!is_number) co_return bad_message("\"after\" must be the number of an event, or 0");
  if (watches_.contains(id)) co_return bad_message("there is a subscription with that id; end it first, or choose another");
  if (watches_.size() == most_watches) co_return fail(Kind::limited, "live.subscriptions", "64 subscriptions are the most of one connection; end one first");
  MBF_CO_CHECK(api_.check_rate(who_));
  const auto number = after.is_null() ? 0 : static_cast<std::uint64_t>(after.as_integer());
  MBF_CO_TRY(auto watch, co_await api_.live().watch(topic, number, guest_.bell));
  watches_.emplace(id, std::move(watch));
  co_return said("subscribed", id);
}

Task<void> Client::tell(net::WebSocket& socket) {
  while (true) {
    if (!co_await may_go_on()) break;
    const auto done = co_await say(socket);
    if (done == Said::unheard) co_return;
    if (done == Said::nothing) (void)co_await guest_.bell.wait(look_up, gone_);
  }
  if (close_code_ != 0) co_await socket.close(close_code_, close_reason_);
}

Task<bool> Client::may_go_on() {
  if (over_ || gone_.stop_requested()) co_return false;
  if (api_.live().stopped()) {
    close(going_away, "the server stops; come back and go on from where you are");
    co_return false;
  }
  const bool holds = co_await access_.holds();
  if (!holds) close(sign_in_again, "what this caller may has changed; sign in again, or come back");
  co_return !over_;
}

// What was asked for is answered first; then each subscription has its turn until it has nothing new, so that of one at most there is
// something in memory that waits for a slow client.
Task<Client::Said> Client::say(net::WebSocket& socket) {
  bool something = false;
  const auto turn = watches_;
  std::vector<std::string> replies = std::exchange(replies_, {});
  room_.ring();
  for (auto& text : replies) {
    something = true;
    if (!co_await socket.send(std::move(text))) co_return Said::unheard;
  }
  for (const auto& [id, watch] : turn) {
    while (true) {
      std::string frame = co_await news_of(id, watch);
      const auto still = watches_.find(id);
      if (frame.empty() || still == watches_.end() || still->second != watch) break;
      if (!co_await may_go_on()) co_return Said::something;
      something = true;
      if (!co_await socket.send(std::move(frame))) co_return Said::unheard;
    }
  }
  co_return something ? Said::something : Said::nothing;
}

Task<std::string> Client::news_of(std::string id, std::shared_ptr<Watch> watch) {
  const auto news = co_await watch->next();
  if (!news) {
    const auto still = watches_.find(id);
    if (news.error().kind != Kind::not_found || still == watches_.end() || still->second != watch) co_return std::string();  // not for the moment
    watches_.erase(still);
    reply(refusal(said("", id), news.error()));
    co_return std::string();
  }
  const std::string name = write_json(Value(id));
  if (news->lost) co_return R"({"type":"reload","id":)" + name + "}";
  if (news->texts.empty()) co_return std::string();
  const bool is_journal = watch->topic().kind == Topic::Kind::execution;
  co_return (is_journal ? R"({"type":"events","id":)" : R"({"type":"executions","id":)") + name + (is_journal ? R"(,"events":[)" : R"(,"items":[)") + joined(news->texts) + "]}";
}

}  // namespace mbflow::server
