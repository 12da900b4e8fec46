#include "base/id.h"

#include "base/hash.h"
#include "base/manual_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <unordered_set>
#include <vector>

namespace mbflow {
namespace {

const Uuid dns_space = *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");

TEST(Uuid, ReadsAndWritesTheCanonicalForm) {
  const std::string text = "018f3a2b-1c4d-7e5f-8a9b-0c1d2e3f4a5b";
  const auto id = Uuid::parse(text);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->to_string(), text);
  EXPECT_EQ(*Uuid::parse("018F3A2B-1C4D-7E5F-8A9B-0C1D2E3F4A5B"), *id);
  EXPECT_EQ(id->raw().size(), 16u);
  EXPECT_FALSE(id->is_nil());
  EXPECT_TRUE(Uuid{}.is_nil());
  for (const std::string_view bad : {"", "018f3a2b1c4d7e5f8a9b0c1d2e3f4a5b", "018f3a2b-1c4d-7e5f-8a9b-0c1d2e3f4a5",
                                     "018f3a2b-1c4d-7e5f-8a9b-0c1d2e3f4a5g", "018f3a2b-1c4d-7e5f-8a9b-0c1d2e3f4a5b0",
                                     "018f3a2b+1c4d-7e5f-8a9b-0c1d2e3f4a5b", "{018f3a2b-1c4d-7e5f-8a9b-0c1d2e3f4a}"}) {
    EXPECT_FALSE(Uuid::parse(bad)) << bad;
  }
}

TEST(Uuid, Version5IsTheWellKnownOne) {
  EXPECT_EQ(Uuid::v5(dns_space, "www.example.com").to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  EXPECT_EQ(Uuid::v5(dns_space, "python.org").to_string(), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
}

TEST(Uuid, Version7SortsByTime) {
  std::vector<Uuid> ids;
  for (int i = 0; i < 10000; ++i) ids.push_back(Uuid::v7(system_env()));
  EXPECT_TRUE(std::ranges::is_sorted(ids));
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
  const std::string text = ids[0].to_string();
  EXPECT_EQ(text[14], '7');
  EXPECT_NE(std::string_view("89ab").find(text[19]), std::string_view::npos);
}

TEST(Uuid, Version7HoldsTheClock) {
  ManualEnv env(1);
  env.set_now(*parse_timestamp("2022-02-22T19:22:22Z"));
  EXPECT_TRUE(Uuid::v7(env).to_string().starts_with("017f22e2-79b0-7"));  // RFC 9562, appendix A.6
  // A clock that goes back must not make an id that sorts before.
  const Uuid before = Uuid::v7(env);
  env.advance(-std::chrono::hours(1));
  EXPECT_LT(before, Uuid::v7(env));
}

TEST(Uuid, AreTheSameInTwoWorldsOfOneSeed) {
  ManualEnv first(42);
  ManualEnv second(42);
  ManualEnv other(43);
  for (int i = 0; i < 100; ++i) {
    const Uuid id = Uuid::v7(first);
    EXPECT_EQ(id, Uuid::v7(second));
    EXPECT_NE(id, Uuid::v7(other));
  }
}

TEST(Uuid, AreUniqueOverThreads) {
  std::vector<std::vector<Uuid>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& ids : made) {
      threads.emplace_back([&ids] {
        for (int i = 0; i < 2000; ++i) ids.push_back(Uuid::v7(system_env()));
      });
    }
  }
  std::unordered_set<Uuid, IdHash> all;
  for (const auto& ids : made) {
    EXPECT_TRUE(std::ranges::is_sorted(ids));
    all.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(all.size(), 8000u);
}

TEST(Id, KeepsKindsApart) {
  static_assert(!std::is_convertible_v<WorkflowId, ExecutionId>);
  const auto id = ExecutionId::make(system_env());
  EXPECT_EQ(*ExecutionId::parse(id.to_string()), id);
  EXPECT_FALSE(ExecutionId::parse("x"));
}

TEST(Env, ClockAndRandomnessOfTheSystem) {
  const auto before = std::chrono::system_clock::now();
  const Timestamp now = system_env().now();
  EXPECT_GE(now, std::chrono::floor<std::chrono::microseconds>(before));
  std::set<std::uint64_t> drawn;
  for (int i = 0; i < 100; ++i) drawn.insert(system_env().random_u64());
  EXPECT_EQ(drawn.size(), 100u);
}

}  // namespace
}  // namespace mbflow
