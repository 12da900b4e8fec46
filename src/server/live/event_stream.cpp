// The journal of one execution as it grows, as server-sent events: `id` is the sequence number, so a client that comes back with
// Last-Event-ID goes on where it was cut off.
#include "server/live/live.h"
#include "server/live/still_may.h"
#include "server/routes/routes.h"

#include <charconv>

namespace mbflow::server {
namespace {

constexpr Duration keep_alive = std::chrono::seconds(15);
constexpr std::string_view sign_of_life = ":\n\n";

// One client's place in the journal.
struct Reader {
  Reader(Api& whole, const Call& call) : api(whole), gone(call.request.gone), guest(whole.live()), access(whole, call) {}
  Api& api;
  std::stop_token gone;
  LiveHub::Guest guest;
  std::unique_ptr<Watch> watch;  // before the guest goes
  StillMay access;
};

std::string page_of(const News& news) {
  std::string text;
  std::uint64_t number = news.last - news.texts.size();
  for (const auto& event : news.texts) text += "id: " + std::to_string(++number) + "\ndata: " + *event + "\n\n";
  return text;
}

// The next part of the answer; empty: it is over. Where the journal cannot be read for the moment it ends too: the client comes back.
Task<std::string> next_part(std::shared_ptr<Reader> reader) {
  while (!reader->gone.stop_requested() && !reader->api.live().stopped()) {
    if (!co_await reader->access.holds()) break;
    const auto news = co_await reader->watch->next();
    if (!news) break;
    if (!news->texts.empty()) co_return page_of(*news);
    if (reader->watch->over()) break;
    if (!co_await reader->guest.bell.wait(keep_alive, reader->gone)) co_return std::string(sign_of_life);
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
  // By the store: who watches beside may not have read the end yet.
  MBF_CO_TRY(const auto record, co_await api.services.store.execution(call.who.tenant, id));
  Reply reply;
  if (is_final(record.status) && after >= record.last_seq) {  // 204 tells a browser's EventSource not to come back
    reply.status = 204;
    co_return reply;
  }
  if (api.live().is_full()) co_return live_is_full();
  auto reader = std::make_shared<Reader>(api, call);
  const Topic topic{Topic::Kind::execution, call.who.tenant, id};
  MBF_CO_TRY(reader->watch, co_await api.live().watch(topic, after, reader->guest.bell));
  reply.content_type = "text/event-stream";
  reply.headers.emplace_back("x-accel-buffering", "no");  // or nginx would hold the events back
  reply.text = sign_of_life;                              // the head is of use at once
  reply.stream = [reader] { return next_part(reader); };
  co_return reply;
}

}  // namespace mbflow::server
