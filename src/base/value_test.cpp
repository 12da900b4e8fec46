#include <mbflow/value.h>

#include <gtest/gtest.h>

#include <ctime>
#include <limits>
#include <thread>

namespace mbflow {
namespace {

const std::string long_text = "a text that is longer than fourteen bytes";

Value numbered_object(int members) {
  ObjectBuilder builder;
  for (int i = 0; i < members; ++i) builder.append("key_" + std::to_string(i), i);
  return builder.build();
}

TEST(Value, IsSmall) { EXPECT_EQ(sizeof(Value), 16u); }

TEST(Value, TellsItsType) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_TRUE(Value(nullptr).is_null());
  EXPECT_TRUE(Value(true).is_bool());
  EXPECT_TRUE(Value(1).is_integer());
  EXPECT_TRUE(Value(1).is_number());
  EXPECT_TRUE(Value(1.5).is_number());
  EXPECT_FALSE(Value(1.5).is_integer());
  EXPECT_TRUE(Value("x").is_string());
  EXPECT_TRUE(Value(long_text).is_string());
  EXPECT_TRUE(Value::array().is_array());
  EXPECT_TRUE(Value::object().is_object());
}

TEST(Value, KeepsNumbers) {
  EXPECT_EQ(Value(std::int64_t{-5}).as_integer(), -5);
  EXPECT_EQ(Value(2.75).as_number(), 2.75);
  EXPECT_EQ(Value(2.75).as_integer(), 2);
  EXPECT_EQ(Value(-2.75).as_integer(), -2);
  EXPECT_EQ(Value(1e300).as_integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Value(-1e300).as_integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Value(7).as_number(), 7.0);
  EXPECT_TRUE(Value(std::numeric_limits<double>::quiet_NaN()).is_null());
  EXPECT_TRUE(Value(std::numeric_limits<double>::infinity()).is_null());
  EXPECT_TRUE(Value(std::uint64_t{5}).is_integer());
  EXPECT_EQ(Value(std::numeric_limits<std::uint64_t>::max()).as_number(), 18446744073709551616.0);
  EXPECT_FALSE(Value(std::numeric_limits<std::uint64_t>::max()).is_integer());
}

TEST(Value, KeepsTextOfEveryLength) {
  std::string text;
  for (int length = 0; length < 40; ++length) {
    const Value value(text);
    EXPECT_EQ(value.as_string(), text);
    EXPECT_EQ(value.block() == nullptr, text.size() <= 14);
    const Value copy = value;
    EXPECT_EQ(copy, value);
    text += static_cast<char>('a' + length % 26);
  }
  const std::string with_zero("a\0b", 3);
  EXPECT_EQ(Value(with_zero).as_string(), with_zero);
}

TEST(Value, ReadsWrongTypesAsNothing) {
  const Value text("12");
  EXPECT_EQ(text.as_integer(), 0);
  EXPECT_EQ(text.as_number(), 0.0);
  EXPECT_FALSE(text.as_bool());
  EXPECT_EQ(text.size(), 0u);
  EXPECT_TRUE(text.elements().empty());
  EXPECT_TRUE(text.members().empty());
  EXPECT_TRUE(text["a"].is_null());
  EXPECT_TRUE(text[0].is_null());
  EXPECT_EQ(text.find("a"), nullptr);
  EXPECT_EQ(Value(1).as_string(), "");
  EXPECT_TRUE(Value::array({1})[1].is_null());
  EXPECT_TRUE(Value::array({1})[-1].is_null());
}

TEST(Value, SharesBlocksWhenCopied) {
  const Value original = Value::object({{"list", Value::array({1, long_text})}});
  const Value copy = original;
  EXPECT_EQ(copy.block(), original.block());
  Value moved = copy;
  const Value taken = std::move(moved);
  EXPECT_EQ(taken.block(), original.block());
  EXPECT_TRUE(moved.is_null());  // NOLINT: a moved-from Value is null
}

TEST(Value, SurvivesAssignmentFromItsOwnInside) {
  Value value = Value::array({Value::array({long_text})});
  value = value[0];
  value = value[0];
  EXPECT_EQ(value.as_string(), long_text);
  Value& alias = value;
  value = alias;
  value = std::move(alias);
  EXPECT_EQ(value.as_string(), long_text);
}

TEST(Value, KeepsInsertionOrder) {
  const Value object = Value::object({{"b", 1}, {"a", 2}, {"c", 3}});
  ASSERT_EQ(object.size(), 3u);
  EXPECT_EQ(object.members()[0].key.as_string(), "b");
  EXPECT_EQ(object.members()[2].key.as_string(), "c");
}

TEST(Value, LastOfDoubledKeysWinsAtTheFirstPlace) {
  const Value object = Value::object({{"a", 1}, {"b", 2}, {"a", long_text}});
  ASSERT_EQ(object.size(), 2u);
  EXPECT_EQ(object.members()[0].key.as_string(), "a");
  EXPECT_EQ(object["a"].as_string(), long_text);
}

TEST(Value, DropsDoubledKeysOfLargeObjects) {
  std::vector<Member> members;
  for (int i = 0; i < 300; ++i) members.push_back({Value("k" + std::to_string(i % 100)), Value(i)});
  const Value object = Value::object(members);
  ASSERT_EQ(object.size(), 100u);
  for (int i = 0; i < 100; ++i) {
    const std::string key = "k" + std::to_string(i);
    EXPECT_EQ(object.members()[static_cast<std::size_t>(i)].key.as_string(), key);
    EXPECT_EQ(object[key].as_integer(), 200 + i);
  }
  // Down to few enough to need no index.
  for (Member& member : members) member.key = "same";
  EXPECT_EQ(Value::object(members)["same"].as_integer(), 299);
}

TEST(Value, FindsInObjectsOfEverySize) {
  for (const int size : {0, 1, 15, 16, 17, 18, 31, 32, 33, 1000}) {
    const Value object = numbered_object(size);
    EXPECT_EQ(object.size(), static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) EXPECT_EQ(object["key_" + std::to_string(i)].as_integer(), i);
    EXPECT_EQ(object.find("key"), nullptr);
    EXPECT_EQ(object.find(""), nullptr);
  }
}

TEST(Value, FindsFastInLargeObjects) {
  constexpr int members = 100000;
  const std::clock_t start = std::clock();  // of this process: others may keep the machine busy
  const Value object = numbered_object(members);
  std::int64_t sum = 0;
  for (int i = 0; i < members; ++i) sum += object["key_" + std::to_string(i)].as_integer();
  EXPECT_EQ(sum, std::int64_t{members} * (members - 1) / 2);
  // A search through all of them each time would take minutes.
  EXPECT_LT(std::clock() - start, 10 * CLOCKS_PER_SEC);
}

TEST(Value, EditsCopies) {
  const Value object = Value::object({{"a", 1}, {"b", 2}});
  EXPECT_EQ(object.with("a", 5), Value::object({{"a", 5}, {"b", 2}}));
  const Value changed = object.with("a", 5);
  EXPECT_EQ(changed.members()[0].key.as_string(), "a");
  const Value longer = object.with("c", 3);
  EXPECT_EQ(longer.members()[2].key.as_string(), "c");
  EXPECT_EQ(object.without("a"), Value::object({{"b", 2}}));
  EXPECT_EQ(object.without("x").block(), object.block());
  EXPECT_EQ(object["a"].as_integer(), 1);
  EXPECT_EQ(Value(5).with("a", 1), Value::object({{"a", 1}}));
  EXPECT_EQ(Value(5).without("a"), Value::object());
  const Value large = numbered_object(50);
  EXPECT_EQ(large.with("key_7", "new")["key_7"].as_string(), "new");
  EXPECT_EQ(large.with("new", 1).size(), 51u);
  EXPECT_EQ(large.without("key_7").size(), 49u);
  EXPECT_EQ(large.without("key_7").find("key_7"), nullptr);
}

TEST(Value, ComparesAsJson) {
  EXPECT_EQ(Value(1), Value(1.0));
  EXPECT_NE(Value(1), Value(1.5));
  EXPECT_NE(Value(1), Value(true));
  EXPECT_NE(Value(0), Value());
  EXPECT_EQ(Value(0), Value(-0.0));
  EXPECT_NE(Value("1"), Value(1));
  EXPECT_EQ(Value::object({{"a", 1}, {"b", 2}}), Value::object({{"b", 2}, {"a", 1}}));
  EXPECT_NE(Value::object({{"a", 1}}), Value::object({{"b", 1}}));
  EXPECT_NE(Value::object({{"a", nullptr}}), Value::object({{"b", nullptr}}));
  EXPECT_EQ(Value::array({1, 2}), Value::array({1, 2}));
  EXPECT_NE(Value::array({1, 2}), Value::array({2, 1}));
  EXPECT_NE(Value::array({1}), Value::array({1, 1}));
  EXPECT_NE(Value::array(), Value::object());
  EXPECT_NE(Value(std::numeric_limits<std::int64_t>::max()), Value(std::numeric_limits<std::int64_t>::max() - 1));
  EXPECT_EQ(numbered_object(100), numbered_object(100).without("key_3").with("key_3", 3));
}

TEST(Value, IsTruthyAsJavaScript) {
  for (const Value& value : {Value(), Value(false), Value(0), Value(0.0), Value(-0.0), Value("")})
    EXPECT_FALSE(is_truthy(value));
  for (const Value& value :
       {Value(true), Value(-1), Value(0.1), Value("0"), Value(long_text), Value::array(), Value::object()}) {
    EXPECT_TRUE(is_truthy(value));
  }
}

TEST(Value, KnowsItsDepthAndMemory) {
  EXPECT_EQ(Value(long_text).depth(), 0);
  EXPECT_EQ(Value::array().depth(), 1);
  EXPECT_EQ(Value::array({1, long_text}).depth(), 1);
  EXPECT_EQ(Value::object({{"a", Value::array({Value::array()})}, {"b", 1}}).depth(), 3);
  EXPECT_EQ(Value(1).memory(), 16u);
  EXPECT_EQ(Value(long_text).memory(), 16 + 24 + long_text.size());
  const Value shared(std::string(1000, 'x'));
  EXPECT_GT(Value::array({shared, shared}).memory(), 2000u);
  EXPECT_GT(Value::object({{std::string(500, 'k'), shared}}).memory(), 1500u);
}

TEST(Value, CannotOverflowTheStack) {
  constexpr int levels = 1000000;
  Value deep = Value::array();
  Value twin = Value::array();
  for (int i = 0; i < levels; ++i) {
    deep = i % 2 ? Value::array({std::move(deep)}) : Value::object({{"in", std::move(deep)}});
    twin = i % 2 ? Value::array({std::move(twin)}) : Value::object({{"in", std::move(twin)}});
  }
  EXPECT_EQ(deep.depth(), levels + 1);
  EXPECT_TRUE(deep == twin);
}

TEST(Value, CountsSharedPartsWithoutOverflow) {
  Value value(long_text);
  for (int i = 0; i < 200; ++i) value = Value::array({value, value});
  EXPECT_GT(value.memory(), std::size_t{1} << 60);
  EXPECT_EQ(value.depth(), 200);
}

TEST(Value, IsCopiedByManyThreads) {
  const Value value = Value::array({long_text, Value::object({{"a", long_text}})});
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&value] {
      for (int i = 0; i < 10000; ++i) {
        const Value copy = value;
        const Value inner = copy[1]["a"];
        if (inner.as_string() != long_text) ADD_FAILURE();
      }
    });
  }
  threads.clear();
  EXPECT_EQ(value[0].as_string(), long_text);
}

TEST(ObjectBuilder, SetsAndReplaces) {
  ObjectBuilder builder;
  builder.set("a", 1).set("b", 2).set("a", 3);
  ASSERT_NE(builder.find("a"), nullptr);
  EXPECT_EQ(builder.find("a")->as_integer(), 3);
  EXPECT_EQ(builder.find("x"), nullptr);
  EXPECT_EQ(builder.build(), Value::object({{"a", 3}, {"b", 2}}));
  EXPECT_EQ(builder.build(), Value::object());
  builder.set("c", 1);
  EXPECT_EQ(builder.build(), Value::object({{"c", 1}}));
}

TEST(ObjectBuilder, BeginsWithAnObject) {
  ObjectBuilder builder(Value::object({{"a", 1}}));
  builder.set("a", 2).set("b", 3);
  EXPECT_EQ(builder.build(), Value::object({{"a", 2}, {"b", 3}}));
  EXPECT_EQ(ObjectBuilder(Value(5)).build(), Value::object());
}

TEST(ObjectBuilder, StaysFastWhenLarge) {
  constexpr int members = 100000;
  const std::clock_t start = std::clock();  // of this process: others may keep the machine busy
  ObjectBuilder builder;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < members; ++i) builder.set("key_" + std::to_string(i), i + round);
  }
  const Value object = builder.build();
  EXPECT_EQ(object.size(), static_cast<std::size_t>(members));
  EXPECT_EQ(object["key_500"].as_integer(), 501);
  EXPECT_LT(std::clock() - start, 10 * CLOCKS_PER_SEC);
}

TEST(ObjectBuilder, MixesAppendAndSet) {
  ObjectBuilder builder;
  for (int i = 0; i < 100; ++i) {
    builder.append("appended_" + std::to_string(i), i);
    builder.set("set_" + std::to_string(i), i);
    builder.set("appended_" + std::to_string(i / 2), -1);
  }
  const Value object = builder.build();
  EXPECT_EQ(object.size(), 200u);
  EXPECT_EQ(object["appended_49"].as_integer(), -1);
  EXPECT_EQ(object["appended_50"].as_integer(), 50);
}

}  // namespace
}  // namespace mbflow
