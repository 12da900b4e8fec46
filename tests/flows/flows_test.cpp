// Whole workflows as data: each file of tests/flows/cases is a document, an input, scripted HTTP answers, and what must come
// of it: status, output, journal, and the virtual time it took. MBFLOW_ACCEPT=1 rewrites the expectations; read the diff.
#include "flows/world.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace mbflow::testing {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void script(ScriptedHttp& http, const Value& answers) {
  for (const auto& entry : answers.elements()) {
    ScriptedHttp::Answer answer;
    if (entry["status"].is_number()) answer.status = static_cast<int>(entry["status"].as_integer());
    answer.body = entry["body"].is_string() ? std::string(entry["body"].as_string()) : write_json(entry["body"]);
    answer.headers.emplace_back("content-type", "application/json");
    for (const auto& [name, value] : entry["headers"].members()) answer.headers.emplace_back(name.as_string(), value.as_string());
    if (entry.find("takes")) answer.takes = *parse_duration(entry["takes"].as_string());
    http.answer(std::string(entry["call"].as_string()), std::move(answer));
  }
}

// One line an event: "node_succeeded a: main 2, error 1", without times.
std::string describe(const Event& event, const std::vector<std::string>& ids) {
  std::string line(to_string(event.type));
  if (event.node != no_node) line += " " + ids[event.node];
  if (event.attempt > 1) line += " #" + std::to_string(event.attempt);
  for (const auto& port : event.output ? event.output->ports : std::vector<NodeOutput::Port>()) {
    line += " " + port.name + ":" + std::to_string(port.items.size());
  }
  if (event.type == EventType::execution_finished) line += " " + std::string(to_string(event.status));
  if (event.error) line += " [" + event.error->code + "]";
  return line;
}

Value outcome_of(World& world, const Value& test, const Value& document) {
  auto program = world.prepare(document);
  if (!program) return Value::object({{"invalid", program.error().code + " " + program.error().at + ": " + program.error().message}});
  script(world.http, test["http"]);
  const Timestamp begin = world.env.now();
  const std::string trigger(test.find("trigger") ? test["trigger"].as_string() : "manual");
  auto started = world.start(*program, test["input"], trigger, std::string(test["entry"].as_string()));
  if (!started) return Value::object({{"refused", started.error().code}});
  if (test.find("cancel_after")) {
    world.loop.advance(*parse_duration(test["cancel_after"].as_string()));
    EXPECT_TRUE(world.now(world.runtime.cancel(TenantId(), started->id, "test")).ok());
  }
  auto ending = world.finish(*started);
  if (!ending) return Value::object({{"lost", ending.error().code}});
  std::vector<Value> lines;
  const auto events = world.journal(*started);
  for (const auto& event : events) lines.emplace_back(describe(event, started->run->plan().ids));
  const Timestamp end = events.empty() ? begin : events.back().at;
  ObjectBuilder outcome;
  outcome.append("status", to_string(ending->status));
  outcome.append("output", Value::array(ending->output));
  if (ending->error) outcome.append("error", ending->error->code + " at " + ending->error->at);
  if (!ending->response.is_null()) outcome.append("response", ending->response);
  outcome.append("took", format_duration(end - begin));
  outcome.append("most_calls_at_once", static_cast<std::int64_t>(world.http.most_at_once));
  outcome.append("journal", Value::array(std::move(lines)));
  return outcome.build();
}

class Flow : public ::testing::TestWithParam<fs::path> {};

TEST_P(Flow, comes_to_what_is_written) {
  auto test = parse_json(read(GetParam()));
  ASSERT_TRUE(test.ok()) << test.error().message;
  World world;
  const Value outcome = outcome_of(world, *test, (*test)["workflow"]);
  if (std::getenv("MBFLOW_ACCEPT")) {
    std::ofstream(GetParam()) << write_json_pretty(test->with("expect", outcome)) << "\n";
    return;
  }
  EXPECT_EQ(write_json_pretty(outcome), write_json_pretty((*test)["expect"]));
}

std::vector<fs::path> files() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(MBFLOW_FLOWS_DIR)) {
    if (entry.path().extension() == ".json") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

INSTANTIATE_TEST_SUITE_P(cases, Flow, ::testing::ValuesIn(files()), [](const auto& info) { return info.param.stem().string(); });

}  // namespace
}  // namespace mbflow::testing
