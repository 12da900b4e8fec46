#include "base/cbor.h"

#include "base/hash.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace mbflow {
namespace {

std::string encode(const Value& value) {
  std::string out;
  CborWriter(out).value(value);
  return out;
}

Value decode(std::string_view bytes) {
  CborReader reader(bytes);
  Value value = reader.value();
  EXPECT_TRUE(reader.ok()) << reader.error().message;
  EXPECT_TRUE(reader.at_end());
  return value;
}

Error error_of(std::string_view bytes) {
  CborReader reader(bytes);
  EXPECT_TRUE(reader.value().is_null());
  EXPECT_FALSE(reader.ok());
  return reader.error();
}

std::string hex(const Value& value) { return to_hex(encode(value)); }

const std::string long_text(100, 'x');

TEST(Cbor, WritesTheExamplesOfTheRfc) {
  EXPECT_EQ(hex(0), "00");
  EXPECT_EQ(hex(23), "17");
  EXPECT_EQ(hex(24), "1818");
  EXPECT_EQ(hex(100), "1864");
  EXPECT_EQ(hex(1000), "1903e8");
  EXPECT_EQ(hex(1000000), "1a000f4240");
  EXPECT_EQ(hex(std::int64_t{1000000000000}), "1b000000e8d4a51000");
  EXPECT_EQ(hex(-1), "20");
  EXPECT_EQ(hex(-100), "3863");
  EXPECT_EQ(hex(std::numeric_limits<std::int64_t>::min()), "3b7fffffffffffffff");
  EXPECT_EQ(hex(1.1), "fb3ff199999999999a");
  EXPECT_EQ(hex(true), "f5");
  EXPECT_EQ(hex(false), "f4");
  EXPECT_EQ(hex(nullptr), "f6");
  EXPECT_EQ(hex("IETF"), "6449455446");
  EXPECT_EQ(hex(Value::array({1, 2, 3})), "d81c83010203");
  EXPECT_EQ(hex(Value::array({1})), "8101");
  EXPECT_EQ(hex(Value::array()), "80");
  EXPECT_EQ(hex(Value::object()), "a0");
  EXPECT_EQ(hex(Value::object({{"a", 1}})), "a1616101");
}

TEST(Cbor, ReadsBackEveryValue) {
  for (const std::string_view text :
       {"null", "true", "-1", "9223372036854775807", "-9223372036854775808", "1.5", "-0.0", "\"\"", "\"é\"", "[]", "{}",
        R"({"a":[1,2,{"b":[[[]]]}],"c":"a text that is longer than fourteen bytes","d":{}})"}) {
    const Value value = *parse_json(text);
    EXPECT_EQ(decode(encode(value)), value) << text;
  }
  EXPECT_TRUE(std::signbit(decode(encode(-0.0)).as_number()));
  EXPECT_FALSE(decode(encode(5.0)).is_integer());
  EXPECT_TRUE(decode(encode(5)).is_integer());
}

TEST(Cbor, WritesASharedPartOnce) {
  const Value part = Value::array({long_text, 1, 2});
  const Value value = Value::object({{"first", part}, {"second", part}, {"text", part[0]}});
  const std::string bytes = encode(value);
  EXPECT_LT(bytes.size(), 160u);
  const Value read = decode(bytes);
  EXPECT_EQ(read, value);
  EXPECT_EQ(read["first"].block(), read["second"].block());
  EXPECT_EQ(read["first"][0].block(), read["text"].block());
}

TEST(Cbor, SharesBetweenTheValuesOfOneMessage) {
  std::string bytes;
  {
    CborWriter writer(bytes);
    const Value part(long_text);
    for (int i = 0; i < 5; ++i) {
      writer.array(2);
      writer.integer(i);
      writer.value(Value::object({{"part", part}}));
    }
  }
  EXPECT_LT(bytes.size(), 200u);
  CborReader reader(bytes);
  std::vector<Value> read;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(reader.array(), 2u);
    EXPECT_EQ(reader.integer(), i);
    read.push_back(reader.value());
  }
  EXPECT_TRUE(reader.ok() && reader.at_end());
  EXPECT_EQ(read[4]["part"].as_string(), long_text);
  EXPECT_EQ(read[0]["part"].block(), read[4]["part"].block());
}

TEST(Cbor, DoesNotMistakeANewBlockForAnOldOne) {
  // Each value dies after it is written, so the allocator would hand out its address again.
  std::string bytes;
  CborWriter writer(bytes);
  for (int i = 0; i < 1000; ++i) writer.value(Value(std::string(100, static_cast<char>('a' + i % 26))));
  CborReader reader(bytes);
  for (int i = 0; i < 1000; ++i)
    ASSERT_EQ(reader.value().as_string(), std::string(100, static_cast<char>('a' + i % 26)));
  EXPECT_TRUE(reader.at_end());
}

TEST(Cbor, StaysSmallWhenPartsShareParts) {
  Value value(long_text);
  for (int i = 0; i < 200; ++i) value = Value::array({value, value});
  const std::string bytes = encode(value);
  EXPECT_LT(bytes.size(), 3000u);
  CborReader reader(bytes);
  EXPECT_EQ(reader.value().depth(), 200);
  EXPECT_TRUE(reader.ok());
}

TEST(Cbor, BoundsDepth) {
  Value deep;
  for (int i = 0; i < Value::max_depth; ++i) deep = Value::array({deep});
  EXPECT_EQ(decode(encode(deep)).depth(), Value::max_depth);
  EXPECT_EQ(error_of(encode(Value::array({deep}))).code, "cbor.depth");
  EXPECT_EQ(error_of(encode(Value::array({Value::object({{"a", deep[0]}}), deep, Value::array({deep})}))).code,
            "cbor.depth");
  for (int i = 0; i < 100000; ++i) deep = Value::array({deep});
  EXPECT_EQ(error_of(encode(deep)).code, "cbor.depth");
  EXPECT_EQ(error_of(std::string(100000, '\x81')).code, "cbor.depth");
  std::string tags;
  for (int i = 0; i < 100000; ++i) tags += "\xD8\x1C";
  EXPECT_EQ(error_of(tags).code, "cbor.syntax");
}

TEST(Cbor, BoundsDepthThroughReferences) {
  // Each round's value holds the last one by reference, one level deeper.
  std::string bytes;
  CborWriter writer(bytes);
  Value value(long_text);
  for (int i = 0; i < 300; ++i) {
    writer.value(value);
    value = Value::array({value});
  }
  CborReader reader(bytes);
  for (int i = 0; i <= Value::max_depth; ++i) EXPECT_EQ(reader.value().depth(), i);
  EXPECT_TRUE(reader.ok());
  EXPECT_TRUE(reader.value().is_null());
  EXPECT_EQ(reader.error().code, "cbor.depth");
}

TEST(Cbor, RefusesDamage) {
  using namespace std::string_view_literals;
  for (const std::string_view bytes : {""sv,
                                       "\x18"sv,
                                       "\x1b\0\0\0"sv,
                                       "\x1b\xff\xff\xff\xff\xff\xff\xff\xff"sv,
                                       "\x61"sv,
                                       "\x61\xff"sv,
                                       "\x7f\x61\x61\xff"sv,
                                       "\x9f\xff"sv,
                                       "\x9b\x7f\xff\xff\xff\xff\xff\xff\xff"sv,
                                       "\xbb\x7f\xff\xff\xff\xff\xff\xff\xff"sv,
                                       "\xa1\x01\x01"sv,
                                       "\xa1\x61\x61"sv,
                                       "\x41\x61"sv,
                                       "\xf7"sv,
                                       "\xf9\x3c\0"sv,
                                       "\xc1\0"sv,
                                       "\xd8\x1d\0"sv,
                                       "\xd8\x1c\x81\xd8\x1d\0"sv,
                                       "\x82\xd8\x1c\x01\xd8\x1d\x01"sv,
                                       "\xd8\x1d\x20"sv,
                                       "\xd8\x1d\x61\x61"sv,
                                       "\xd8\x1c"sv,
                                       "\xd8\x1c\xd8\x1c\x01"sv,
                                       "\xff"sv,
                                       "\x1c"sv}) {
    EXPECT_EQ(error_of(bytes).code, "cbor.syntax") << to_hex(bytes);
  }
}

TEST(Cbor, ReadsASharedScalar) {
  EXPECT_EQ(decode(std::string_view("\x82\xd8\x1c\x01\xd8\x1d\0", 7)), Value::array({1, 1}));
}

TEST(CborReader, ReadsRecords) {
  std::string bytes;
  CborWriter writer(bytes);
  writer.array(8);
  writer.null();
  writer.boolean(true);
  writer.integer(-5);
  writer.number(2.5);
  writer.text("text");
  writer.bytes(std::string_view("\0\xff", 2));
  writer.map(1);
  writer.text("key");
  writer.integer(7);
  CborReader reader(bytes);
  EXPECT_EQ(reader.array(), 8u);
  EXPECT_TRUE(reader.next_is_null());
  EXPECT_FALSE(reader.next_is_null());
  EXPECT_TRUE(reader.boolean());
  EXPECT_EQ(reader.integer(), -5);
  EXPECT_EQ(reader.number(), 2.5);
  EXPECT_EQ(reader.text(), "text");
  EXPECT_EQ(reader.bytes(), std::string_view("\0\xff", 2));
  EXPECT_EQ(reader.map(), 1u);
  EXPECT_EQ(reader.text(), "key");
  EXPECT_EQ(reader.number(), 7.0);
  EXPECT_TRUE(reader.ok() && reader.at_end());
}

TEST(CborReader, GivesNothingAfterTheFirstFailure) {
  std::string bytes;
  CborWriter writer(bytes);
  writer.integer(1);
  writer.text("text");
  writer.integer(2);
  CborReader reader(bytes);
  EXPECT_EQ(reader.integer(), 1);
  EXPECT_EQ(reader.integer(), 0);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.array(), 0u);
  EXPECT_FALSE(reader.next_is_null());
  EXPECT_TRUE(reader.value().is_null());
  EXPECT_EQ(reader.error().message, "byte 2: expected an integer of 64 bits");
}

TEST(CborReader, SkipsAndStillFindsReferences) {
  std::string bytes;
  CborWriter writer(bytes);
  const Value part(long_text);
  writer.value(Value::array({part}));
  writer.array(2);
  writer.bytes("abc");
  writer.map(1);
  writer.text("k");
  writer.number(1);
  writer.value(part);
  CborReader reader(bytes);
  reader.skip();
  reader.skip();
  EXPECT_EQ(reader.value().as_string(), long_text);
  EXPECT_TRUE(reader.ok() && reader.at_end());
}

TEST(Cbor, SurvivesRandomDamage) {
  const Value part = Value::object({{"list", Value::array({1, 2.5, long_text, "é", nullptr, true})}});
  const std::string good = encode(Value::array({part, part, Value::object({{"x", part["list"]}})}));
  std::mt19937_64 random(11);
  for (int i = 0; i < 50000; ++i) {
    std::string bytes = good;
    for (int j = 0; j <= i % 4; ++j) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    CborReader reader(bytes);
    const Value value = reader.value();
    if (!reader.ok()) continue;
    EXPECT_EQ(decode(encode(value)), value);
  }
}

}  // namespace
}  // namespace mbflow
