// The journal of one execution as it grows, as server-sent events: `id` is the sequence number, so a client that comes back with
// Last-Event-ID goes on where it was cut off.
#include "server/live/live.h"
#include "server/routes/routes.h"

#include <mbflow/json.h>

#include <charconv>

namespace mbflow::server {
namespace {

constexpr std::size_t page_events = 500;
constexpr std::size_t page_bytes = 64 << 10;
constexpr Duration keep_alive = std::chrono::seconds(15);
constexpr std::string_view sign_of_life = ":\n\n";

// One client's place in the journal.
struct Reader {
  Reader(Api& whole, const Call& call, ExecutionId execution) : api(whole), tenant(call.who.tenant), id(execution), gone(call.request.gone), watch(whole.live, id) {}
  Api& api;
  TenantId tenant;
  ExecutionId id;
  std::stop_token gone;
  Live::Watch watch;
  runtime::Runtime::Tail tail;
  std::size_t next = 0;     // of tail.events
  std::uint32_t after = 0;  // all up to this one were given
  Timestamp spoke{};

  [[nodiscard]] Task<Result<void>> read();
  [[nodiscard]] bool at_end() const { return next == tail.events.size() && is_final(tail.record.status) && after >= tail.record.last_seq; }
  [[nodiscard]] std::string page();
};

Task<Result<void>> Reader::read() {
  auto program = tail.program;
  MBF_CO_TRY(tail, co_await api.runtime.tail(tenant, id, after, std::move(program)));
  next = 0;
  co_return {};
}

std::string Reader::page() {
  std::string text;
  const std::size_t end = std::min(tail.events.size(), next + page_events);
  for (; next < end && text.size() < page_bytes; ++next) {
    const auto& event = tail.events[next];
    text += "id: " + std::to_string(event.seq) + "\ndata: " + write_json(event_to_json(event, tail.program->plan->ids, false)) + "\n\n";
    after = event.seq;
  }
  spoke = api.services.env.now();
  return text;
}

// The next part of the answer; empty: it is over. Where the journal cannot be read for the moment it ends too: the client comes back.
Task<std::string> next_part(std::shared_ptr<Reader> reader) {
  while (!reader->gone.stop_requested() && !reader->api.live.stopped()) {
    if (reader->next < reader->tail.events.size()) co_return reader->page();
    if (reader->at_end()) break;
    co_await reader->watch.wait(reader->gone);
    const auto read = co_await reader->read();
    if (!read) break;
    if (!reader->tail.events.empty()) continue;
    if (reader->api.services.env.now() - reader->spoke < keep_alive) continue;
    reader->spoke = reader->api.services.env.now();
    co_return std::string(sign_of_life);
  }
  co_return std::string();
}

Result<std::uint32_t> first_after(const Call& call) {
  const auto last = call.request.header("last-event-id");
  if (last.empty()) {
    MBF_TRY(const int after, int_query(call, "after", 0, 0, 2'000'000'000));
    return static_cast<std::uint32_t>(after);
  }
  std::uint32_t after = 0;
  const auto [end, failed] = std::from_chars(last.data(), last.data() + last.size(), after);
  if (failed == std::errc() && end == last.data() + last.size()) return after;
  return fail(Kind::invalid, "live.last_event_id", "Last-Event-ID must be the number that came as `id` with the last event");
}

}  // namespace

Task<Result<Reply>> stream_events(Api& api, Call call) {
  MBF_CO_CHECK(only_queries(call, {"after"}));
  MBF_CO_TRY(auto id, id_param<ExecutionId>(call, 0, "execution"));
  MBF_CO_TRY(const auto after, first_after(call));
  const Error full = fail(Kind::limited, "live.full", "too many watch executions on this server; come back later, or read /events from time to time");
  if (api.live.is_full()) co_return full;
  auto reader = std::make_shared<Reader>(api, call, id);
  reader->after = after;
  MBF_CO_CHECK(co_await reader->read());
  Reply reply;
  if (reader->at_end()) {  // 204 tells a browser's EventSource not to come back
    reply.status = 204;
    co_return reply;
  }
  reply.content_type = "text/event-stream";
  reply.headers.emplace_back("x-accel-buffering", "no");  // or nginx would hold the events back
  reply.text = sign_of_life;                              // the head is of use at once
  reply.stream = [reader] { return next_part(reader); };
  co_return reply;
}

}  // namespace mbflow::server
