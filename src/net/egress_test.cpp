// Text of addresses and ranges. What is public and what is not stands in tests/security/ssrf.txt, see ssrf_test.cpp.
#include "net/egress.h"

#include <gtest/gtest.h>

namespace mbflow::net {
namespace {

TEST(Address, IsReadStrictly) {
  for (const char* text : {"1.2.3.4", "0.0.0.0", "255.255.255.255", "::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8",
                           "64:ff9b::1.2.3.4", "fe80::"})
    EXPECT_EQ(Address::parse(text)->to_string(), std::string(text) == "64:ff9b::1.2.3.4" ? "64:ff9b::102:304" : text);
  EXPECT_EQ(*Address::parse("::ffff:1.2.3.4"), *Address::parse("1.2.3.4"));
  EXPECT_TRUE(Address::parse("::ffff:102:304")->is_v4());
  EXPECT_FALSE(Address::parse("::102:304")->is_v4());
  for (const char* text : {"",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "01.2.3.4",
                           "1.2.3.256",
                           "0x1.2.3.4",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1.2.3.4/8",
                           "1..2.3",
                           "1.2.3.-4",
                           ":",
                           ":::",
                           "1::2::3",
                           "[::1]",
                           "::1%lo",
                           "g::",
                           "12345::",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "::1.2.3",
                           "localhost"})
    EXPECT_FALSE(Address::parse(text)) << text;
  EXPECT_FALSE(Address::parse(std::string_view("1.2.3.4\0x", 9)));
}

TEST(Cidr, IsReadStrictly) {
  struct Case {
    const char *text, *inside, *outside;
    int port;
  };
  const Case cases[] = {
      {"127.0.0.1", "127.0.0.1", "127.0.0.2", 0},
      {"10.0.0.0/8", "10.255.255.255", "11.0.0.0", 0},
      {"10.128.0.0/9", "10.128.0.0", "10.127.255.255", 0},
      {"127.0.0.1/32:9000", "127.0.0.1", "127.0.0.0", 9000},
      {"127.0.0.1:9000", "127.0.0.1", "127.0.0.0", 9000},
      {"0.0.0.0/0", "255.1.2.3", "::1", 0},
      {"::1", "::1", "::2", 0},
      {"[::1]", "::1", "::2", 0},
      {"[::1]:8080", "::1", "::2", 8080},
      {"fd00::/8", "fdff::1", "fe00::", 0},
      {"[fd00::]/8:443", "fd12::1", "fc00::1", 443},
      {"::/0", "fd12::1", "10.0.0.1", 0},  // all of IPv6, and not IPv4 by a back door
      {"::ffff:10.0.0.0/104", "10.1.2.3", "11.0.0.0", 0},
  };
  for (const auto& [text, inside, outside, port] : cases) {
    auto range = Cidr::parse(text);
    ASSERT_TRUE(range) << text << ": " << range.error().message;
    auto at = static_cast<std::uint16_t>(port == 0 ? 1234 : port);
    EXPECT_TRUE(range->contains(*Address::parse(inside), at)) << text;
    EXPECT_FALSE(range->contains(*Address::parse(outside), at)) << text;
    EXPECT_EQ(range->contains(*Address::parse(inside), 1), port == 0) << text;
  }
  for (const char* text : {"",
                           "/8",
                           "10.0.0.0/",
                           "10.0.0.0/33",
                           "10.0.0.0/08",
                           "10.0.0.0/-1",
                           "10.0.0.0/+8",
                           "10.0.0.0/8/8",
                           "10.0.0.1/8",
                           "10.0.0.0/8:",
                           "10.0.0.0/8:0",
                           "10.0.0.0/8:65536",
                           "10.0.0.0/8:080",
                           "10.0.0.0/8:1:2",
                           "10.0.0.0:80/8",
                           "[10.0.0.0]/8",
                           "[::1",
                           "::1]",
                           "[::1]8080",
                           "[::1]:",
                           "::/129",
                           "[::1]:x",
                           "fd00::1/8",
                           "localhost",
                           "localhost:80",
                           "*",
                           "0/0",
                           "10.0.0.0/8 ",
                           " 10.0.0.0/8",
                           "10.0.0.0-10.0.0.9"}) {
    auto range = Cidr::parse(text);
    ASSERT_FALSE(range) << text;
    EXPECT_EQ(range.error().code, "egress.syntax") << text;
  }
  EXPECT_NE(Cidr::parse("10.1.2.3/8").error().message.find("10.0.0.0"), std::string::npos) << "the cure is named";
}

TEST(EgressPolicy, AllowsByRangeAndPort) {
  EgressPolicy policy{.allowed = {*Cidr::parse("127.0.0.1:9000"), *Cidr::parse("10.0.0.0/8")}};
  EXPECT_TRUE(policy.permits(*Address::parse("127.0.0.1"), 9000));
  EXPECT_FALSE(policy.permits(*Address::parse("127.0.0.1"), 9001));
  EXPECT_TRUE(policy.permits(*Address::parse("10.1.1.1"), 1));
  EXPECT_TRUE(policy.permits(*Address::parse("::ffff:10.1.1.1"), 1));
  EXPECT_FALSE(policy.permits(*Address::parse("64:ff9b::10.1.1.1"), 1)) << "not through a translator that nobody named";
  EXPECT_FALSE(policy.permits(*Address::parse("192.168.0.1"), 1));
  EXPECT_TRUE(policy.permits(*Address::parse("8.8.8.8"), 1));
}

}  // namespace
}  // namespace mbflow::net
