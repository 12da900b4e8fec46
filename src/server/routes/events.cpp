// What happened elsewhere: taken in, and kept until it has started what waits for it.
#include "server/routes/routes.h"
#include "trigger/event.h"

namespace mbflow::server {
namespace {

store::Message message_of(const Call& call, trigger::Happening happening) {
  store::Message message;
  message.tenant = call.who.tenant;
  message.name = std::move(happening.name);
  message.source = std::move(happening.source);
  message.key = std::move(happening.id);
  message.at = happening.time;
  message.data = std::move(happening.data);
  return message;
}

Value message_to_json(const store::Message& message) {
  return Value::object({{"number", static_cast<std::int64_t>(message.number)},
                        {"name", message.name},
                        {"source", message.source},
                        {"id", message.key},
                        {"time", format_timestamp(message.at)},
                        {"data", message.data},
                        {"handed_on", message.handed_on}});
}

}  // namespace

// One after the other: each that is named in the answer is on disk. What was taken before is not taken again.
Task<Result<Reply>> send_events(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {}));
  MBF_CO_CHECK(api.runtime.check_room());
  MBF_CO_TRY(auto happenings, trigger::read_happenings(call.request.headers, call.request.body, api.services.env.now()));
  for (const auto& one : happenings) {
    if (trigger::is_end(one.name)) co_return fail(Kind::invalid, "event.reserved", "names that begin with \"execution.\" are for what executions do here; choose another").with_at("/name");
  }
  std::vector<Value> items;
  for (auto& one : happenings) {
    auto message = message_of(call, std::move(one));
    const Value name = message.name;
    const Value id = message.key;
    auto number = co_await api.services.store.add_message(std::move(message));
    const bool repeated = !number && number.error().code == "store.exists";
    if (!number && !repeated) co_return number.error();
    items.push_back(Value::object({{"name", name}, {"id", id}, {"status", repeated ? "known" : "accepted"}}));
  }
  api.services.on_message();
  Reply reply;
  reply.status = 202;
  reply.body = Value::object({{"items", Value::array(std::move(items))}});
  co_return reply;
}

Task<Result<Reply>> list_events(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"limit", "cursor"}));
  MBF_CO_TRY(const int limit, int_query(call, "limit", 50, 1, 200));
  MBF_CO_TRY(const int before, int_query(call, "cursor", 0, 0, std::numeric_limits<int>::max()));
  MBF_CO_TRY(const auto messages, co_await api.services.store.messages(call.who.tenant, static_cast<std::uint64_t>(before), limit + 1));
  std::vector<Value> items;
  for (const auto& message : messages) {
    if (items.size() < static_cast<std::size_t>(limit)) items.push_back(message_to_json(message));
  }
  const bool more = messages.size() > items.size();
  Reply reply;
  const Value next = more ? Value(std::to_string(messages[items.size() - 1].number)) : Value();
  reply.body = Value::object({{"items", Value::array(std::move(items))}, {"next_cursor", next}});
  co_return reply;
}

}  // namespace mbflow::server
