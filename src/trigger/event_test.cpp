// What arrives as an event, and who hears it.
#include "trigger/event.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

namespace mbflow::trigger {
namespace {

const Timestamp now{std::chrono::seconds(1'795'000'000)};

std::string shown(const Headers& headers, std::string_view body) {
  const auto all = read_happenings(headers, body, now);
  if (!all) return all.error().code + " " + all.error().at;
  std::string text;
  for (const auto& one : *all) text += write_json(item_of(one)) + "\n";
  return text;
}

TEST(event, of_our_own_form) {
  const Headers json{{"Content-Type", "application/json"}};
  const std::string at = format_timestamp(now);
  EXPECT_EQ(shown(json, R"({"name": "order.paid"})"), R"({"name":"order.paid","source":"","id":"","time":")" + at + "\",\"data\":null}\n");
  EXPECT_EQ(shown(json, R"({"name": "a:b/c.d-e_f", "source": "shop", "id": 17, "time": "2026-11-23T09:00:00+01:00", "data": [1]})"),
            "{\"name\":\"a:b/c.d-e_f\",\"source\":\"shop\",\"id\":\"17\",\"time\":\"2026-11-23T08:00:00.000Z\",\"data\":[1]}\n");
  EXPECT_EQ(read_happenings(json, R"([{"name": "a"}, {"name": "b"}])", now)->size(), 2U);
}

TEST(event, what_is_none_is_refused_with_its_place) {
  const Headers json{{"content-type", "application/json"}};
  EXPECT_EQ(shown(json, "{"), "event.body ");
  EXPECT_EQ(shown(json, "1"), "event.body ");
  EXPECT_EQ(shown(json, "[]"), "event.body ");
  EXPECT_EQ(shown(json, "{}"), "event.body /name");
  for (const char* name : {"", ".", "a.", ".a", "a..b", "a b", "a*", "a.*", "\u00e4"}) {
    EXPECT_EQ(shown(json, "{\"name\": \"" + std::string(name) + "\"}"), "event.body /name") << name;
  }
  EXPECT_EQ(shown(json, R"({"name": "a", "nme": 1})"), "event.body /nme");
  EXPECT_EQ(shown(json, R"({"name": "a", "time": "yesterday"})"), "event.body /time");
  EXPECT_EQ(shown(json, R"({"name": "a", "source": {}})"), "event.body /source");
  EXPECT_EQ(shown(json, R"([{"name": "a"}, {"name": 1.5, "data": 1}, {}])"), "event.body /2/name");
  std::string many = "[{\"name\": \"a\"}";
  for (int i = 0; i < 100; ++i) many += ", {\"name\": \"a\"}";
  EXPECT_EQ(shown(json, many + "]"), "event.body ");
}

// The examples of the CloudEvents HTTP binding, §3.
TEST(event, cloud_events) {
  const std::string attributes = R"("specversion": "1.0", "type": "com.example.someevent", "time": "2018-04-05T03:56:24Z", "id": "1234-1234-1234", "source": "/mycontext/subcontext")";
  const std::string item =
      "{\"name\":\"com.example.someevent\",\"source\":\"/mycontext/subcontext\",\"id\":\"1234-1234-1234\",\"time\":\"2018-04-05T03:56:24.000Z\",\"data\":{\"a\":1}}\n";
  const Headers structured{{"Content-Type", "application/cloudevents+json; charset=utf-8"}};
  EXPECT_EQ(shown(structured, "{" + attributes + R"(, "data": {"a": 1}, "comexampleextension": "x"})"), item);
  const Headers batched{{"Content-Type", "application/cloudevents-batch+json"}};
  EXPECT_EQ(shown(batched, "[{" + attributes + R"(, "data": {"a": 1}}])"), item);
  EXPECT_EQ(shown(batched, "{}"), "event.body ");
  const Headers binary{{"Content-Type", "application/json"}, {"ce-specversion", "1.0"}, {"CE-Type", "com.example.someevent"},
                       {"ce-time", "2018-04-05T03:56:24Z"}, {"ce-id", "1234-1234-1234"}, {"ce-source", "/mycontext/subcontext"}};
  EXPECT_EQ(shown(binary, R"({"a": 1})"), item);
  EXPECT_EQ(shown(structured, R"({"specversion": "0.3", "type": "a", "id": "1", "source": "s"})"), "event.body /specversion");
  EXPECT_EQ(shown(structured, R"({"specversion": "1.0", "type": "a", "source": "s"})"), "event.body /id");
  EXPECT_EQ(shown(structured, R"({"specversion": "1.0", "type": "a", "id": "1"})"), "event.body /source");
  EXPECT_EQ(shown(structured, R"({"specversion": "1.0", "type": "a", "id": "1", "source": "s", "data_base64": "%"})"), "event.body /data_base64");
}

TEST(event, patterns) {
  EXPECT_TRUE(hears("order.paid", "order.paid"));
  EXPECT_FALSE(hears("order.paid", "order.paid.twice"));
  EXPECT_TRUE(hears("order.*", "order.paid.twice"));
  EXPECT_FALSE(hears("order.*", "order"));
  EXPECT_FALSE(hears("order.*", "orders.paid"));
  EXPECT_TRUE(hears("*", "order"));
  EXPECT_FALSE(hears("*", "execution.failed"));
  EXPECT_TRUE(hears("execution.*", "execution.failed"));
  EXPECT_FALSE(hears("execution.failed", "execution.succeeded"));
}

}  // namespace
}  // namespace mbflow::trigger
