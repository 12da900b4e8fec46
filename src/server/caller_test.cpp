#include "server/caller.h"

#include <gtest/gtest.h>

namespace mbflow::server {
namespace {

std::string caller(std::string peer, Headers headers, std::vector<std::string> trusted) {
  net::Request request;
  request.peer = std::move(peer);
  request.headers = std::move(headers);
  std::vector<net::Cidr> ranges;
  for (const auto& range : trusted) ranges.push_back(*net::Cidr::parse(range));
  return caller_address(request, ranges);
}

TEST(caller, is_the_peer_unless_that_is_a_trusted_proxy) {
  const Headers claims{{"X-Forwarded-For", "198.51.100.4"}};
  EXPECT_EQ(caller("203.0.113.9", claims, {}), "203.0.113.9");
  EXPECT_EQ(caller("203.0.113.9", claims, {"10.0.0.0/8"}), "203.0.113.9");
  EXPECT_EQ(caller("10.0.0.2", claims, {"10.0.0.0/8"}), "198.51.100.4");
  EXPECT_EQ(caller("10.0.0.2", {}, {"10.0.0.0/8"}), "10.0.0.2");
}

TEST(caller, what_a_caller_wrote_himself_is_not_believed) {
  const std::vector<std::string> proxies{"10.0.0.0/8", "2001:db8::/32"};
  EXPECT_EQ(caller("10.0.0.2", {{"x-forwarded-for", "127.0.0.1, 198.51.100.4, 10.0.0.3"}}, proxies), "198.51.100.4");
  EXPECT_EQ(caller("10.0.0.2", {{"x-forwarded-for", "127.0.0.1"}, {"X-Forwarded-For", "198.51.100.4"}}, proxies), "198.51.100.4");
  EXPECT_EQ(caller("10.0.0.2", {{"x-forwarded-for", "198.51.100.4"}, {"X-Forwarded-For", "10.0.0.3"}}, proxies), "198.51.100.4");
  EXPECT_EQ(caller("10.0.0.2", {{"x-forwarded-for", "127.0.0.1, unknown"}}, proxies), "unknown");
  EXPECT_EQ(caller("2001:db8::1", {{"x-forwarded-for", " [2001:db9::7]:443 "}}, proxies), "2001:db9::7");
  EXPECT_EQ(caller("10.0.0.2", {{"x-forwarded-for", "198.51.100.4:51234"}}, proxies), "198.51.100.4");
  EXPECT_EQ(caller("10.0.0.2", {{"x-forwarded-for", ""}}, proxies), "10.0.0.2");
}

}  // namespace
}  // namespace mbflow::server
