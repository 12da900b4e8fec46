// An open-loop load generator: requests are due by a fixed schedule whether or not earlier ones were answered, and the latency of
// each counts from the time it was due. So a server that stalls cannot hide it by slowing the generator down ("coordinated
// omission", G. Tene). Calls 127.0.0.1 only. Prints one JSON object.
#include "client.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace open_loop {
namespace {

constexpr const char* usage =
    "usage: open_loop PORT --stream PATH=RATE... [--seconds N] [--connections N] [--patience SECONDS] [--padding BYTES]\n"
    "                 [--acknowledged FILE] [--count N]\n"
    "--count ends each stream after N requests\n";

bool read_stream(Plan& plan, const char* text) {
  const char* sign = std::strrchr(text, '=');
  if (!sign || *text != '/') return false;
  Stream stream;
  stream.path.assign(text, sign);
  stream.rate = std::atof(sign + 1);
  plan.streams.push_back(std::move(stream));
  return plan.streams.back().rate > 0;
}

bool read_words(Plan& plan, int count, char** words) {
  plan.port = count > 1 ? std::atoi(words[1]) : 0;
  for (int i = 2; i + 1 < count; i += 2) {
    const std::string_view name = words[i];
    const char* value = words[i + 1];
    if (name == "--stream" && read_stream(plan, value)) continue;
    if (name == "--seconds") plan.seconds = std::atoi(value);
    else if (name == "--connections") plan.connections = std::atoi(value);
    else if (name == "--patience") plan.patience = std::atoi(value) * 1'000'000LL;
    else if (name == "--padding") plan.padding = std::strtoul(value, nullptr, 10);
    else if (name == "--acknowledged") plan.acknowledged = value;
    else if (name == "--count") plan.count = std::strtoull(value, nullptr, 10);
    else return false;
  }
  for (auto& stream : plan.streams) {
    stream.total = std::min(plan.count, static_cast<std::uint64_t>(stream.rate * plan.seconds));
    stream.seconds.resize(static_cast<std::size_t>(plan.seconds) + 1);
  }
  return count % 2 == 0 && plan.port > 0 && plan.port < 65536 && plan.seconds > 0 && plan.connections > 0 && !plan.streams.empty();
}

void print(const char* name, const Histogram& times) {
  std::printf("\"%s\": {\"count\": %llu", name, static_cast<unsigned long long>(times.total()));
  for (const auto& [label, share] : {std::pair("p50", 500), std::pair("p90", 900), std::pair("p99", 990), std::pair("p999", 999)})
    std::printf(", \"%s_us\": %llu", label, static_cast<unsigned long long>(times.of_thousand(static_cast<std::uint64_t>(share))));
  std::printf(", \"most_us\": %llu}, ", static_cast<unsigned long long>(times.most()));
}

void print(const Stream& stream) {
  auto number = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf("{\"path\": \"%s\", \"rate\": %g, \"due\": %llu, \"cut\": %llu, \"timed_out\": %llu, \"not_connected\": %llu, \"given_up\": %llu, \"no_retry_after\": %llu, ",
              stream.path.c_str(), stream.rate, number(stream.total), number(stream.cut), number(stream.timed_out), number(stream.not_connected), number(stream.given_up),
              number(stream.no_retry_after));
  std::printf("\"statuses\": {");
  for (const char* comma = ""; const auto& [status, count] : stream.statuses) {
    std::printf("%s\"%d\": %llu", comma, status, number(count));
    comma = ", ";
  }
  std::printf("}, ");
  print("accepted", stream.accepted);
  print("accepted_service", stream.accepted_service);
  print("refused_service", stream.refused_service);
  std::printf("\"seconds\": [");
  for (std::size_t i = 0; i + 1 < stream.seconds.size(); ++i) {
    const Second& second = stream.seconds[i];
    std::printf("%s[%llu, %llu, %llu, %llu]", i ? ", " : "", number(second.accepted), number(second.refused),
                number(second.latency.of_thousand(990)), number(second.latency.most()));
  }
  std::printf("]}");
}

}  // namespace
}  // namespace open_loop

int main(int count, char** words) {
  using namespace open_loop;
  Plan plan;
  if (!read_words(plan, count, words)) {
    std::fputs(usage, stderr);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  Client(plan).run();
  std::printf("{\"streams\": [");
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    if (i) std::printf(", ");
    print(plan.streams[i]);
  }
  std::printf("]}\n");
  return 0;
}
