// The schema of nodes/schedule and the parser here must agree: what the schema lets pass is at most wrong in what it cannot say.
#include "trigger/schedule.h"

#include <mbflow/json.h>
#include <mbflow/json_schema.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace mbflow::trigger {
namespace {

Value definition() {
  std::ifstream file(std::string(std::getenv("MBFLOW_SOURCE_DIR")) + "/nodes/schedule/node.json");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_json(text.str()).ok() ? *parse_json(text.str()) : Value();
}

std::vector<SchemaFault> faults(const std::string& config) {
  const auto schema = JsonSchema::compile(definition()["config"]);
  EXPECT_TRUE(schema) << (schema ? "" : schema.error().message);
  return schema->check_template(*parse_json(config));
}

TEST(schedule_node, one_of_cron_and_every) {
  EXPECT_TRUE(faults(R"({"cron": "@daily"})").empty());
  EXPECT_TRUE(faults(R"({"every": "5m"})").empty());
  const auto neither = faults(R"({"timezone": "UTC"})");
  ASSERT_EQ(neither.size(), 1U);
  EXPECT_TRUE(neither[0].message.starts_with("expected 'cron' or 'every'")) << neither[0].message;
  const auto both = faults(R"({"every": "5m", "cron": "@daily"})");
  ASSERT_EQ(both.size(), 1U);
  EXPECT_EQ(both[0].message, "not allowed here: 'cron' and 'every' together; keep one of them");
}

TEST(schedule_node, examples_and_defaults_parse) {
  const Value node = definition();
  for (const Value& example : node["examples"].elements()) EXPECT_TRUE(parse_schedule(example["config"], "UTC"));
  ObjectBuilder config;
  config.set("every", "5m");
  for (const auto& [name, setting] : node["config"]["properties"].members()) {
    if (const Value* value = setting.find("default")) config.set(name, *value);
  }
  const Value all = config.build();
  const auto given = parse_schedule(all, "UTC");
  const auto bare = parse_schedule(*parse_json(R"({"every": "5m"})"), "UTC");
  ASSERT_TRUE(given && bare);
  EXPECT_EQ(given->missed, bare->missed);
  EXPECT_EQ(given->missed_window, bare->missed_window);
  EXPECT_EQ(given->overlap, bare->overlap);
  EXPECT_EQ(given->jitter, bare->jitter);
}

TEST(schedule_node, both_take_the_same_words) {
  const Value node = definition();
  for (const char* key : {"missed", "overlap"}) {
    const Value words = node["config"]["properties"][key]["enum"];
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto parsed = parse_schedule(Value::object({{"cron", "@daily"}, {key, words[i]}}), "UTC");
      ASSERT_TRUE(parsed) << key;
      const auto taken = std::string_view(key) == "missed" ? static_cast<std::size_t>(parsed->missed) : static_cast<std::size_t>(parsed->overlap);
      EXPECT_EQ(taken, i) << key;
    }
  }
}

}  // namespace
}  // namespace mbflow::trigger
