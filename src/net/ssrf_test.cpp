// The guard of outbound calls against the table in tests/security/ssrf.txt, and what a table cannot say: rebinding,
// reuse of connections, proxies.
#include "net/testing/caller.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace mbflow::net::testing {
namespace {

struct Row {
  int line;
  std::string kind, value, result;
};

std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    bool escaped = text.starts_with("\\x") && text.size() >= 4;
    out += escaped ? static_cast<char>(std::stoi(std::string(text.substr(2, 2)), nullptr, 16)) : text.front();
    text.remove_prefix(escaped ? 4 : 1);
  }
  return out == "\"\"" ? "" : out;
}

std::vector<Row> table() {
  const char* top = std::getenv("MBFLOW_SOURCE_DIR");
  std::ifstream file(std::string(top != nullptr ? top : ".") + "/tests/security/ssrf.txt");
  std::vector<Row> rows;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    auto kind_ends = line.find(' ');
    auto value = line.find_first_not_of(' ', kind_ends);
    auto result = line.rfind(' ') + 1;
    auto value_ends = line.find_last_not_of(' ', result - 1) + 1;
    rows.push_back(
        {number, line.substr(0, kind_ends), unescape(line.substr(value, value_ends - value)), line.substr(result)});
  }
  return rows;
}

std::vector<Row> rows_of(std::string_view kind) {
  auto rows = table();
  std::erase_if(rows, [&](const Row& row) { return row.kind != kind; });
  EXPECT_GT(rows.size(), 4u) << kind;
  return rows;
}

std::vector<Address> addresses(const std::string& list) {
  std::vector<Address> out;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) out.push_back(*Address::parse(word));
  return out;
}

// Every name resolves to what the test says now, and no name is ever asked of the system.
struct Resolver {
  std::string answer;
  int asked = 0;
  ClientOptions options(std::string_view allowed) {
    auto made = allow(allowed);
    made.resolve = [this](const std::string&) -> Result<std::vector<Address>> {
      ++asked;
      return addresses(answer);
    };
    return made;
  }
};

TEST(Ssrf, Addresses) {
  for (const auto& row : rows_of("address")) {
    auto address = Address::parse(row.value);
    ASSERT_TRUE(address) << row.line;
    EXPECT_EQ(is_public(*address) ? "public" : "private", row.result) << row.value << ", line " << row.line;
    EXPECT_EQ(EgressPolicy().permits(*address, 80), is_public(*address)) << row.value;
  }
}

TEST(Ssrf, Urls) {
  Place place(echo);
  Resolver resolver;
  Caller caller(place.loops, resolver.options("127.0.0.1:" + std::to_string(place.port())));
  for (const auto& row : rows_of("url"))
    EXPECT_EQ(code_of(caller.get(row.value)), row.result) << row.value << ", line " << row.line;
  EXPECT_EQ(resolver.asked, 0) << "none of these is a name";
}

TEST(Ssrf, NamesThatTheLibraryKnows) {
  Loops loops(1);
  loops.run();
  Caller caller(loops, {});
  for (const auto& row : rows_of("system"))
    EXPECT_EQ(code_of(caller.get(row.value)), row.result) << row.value << ", line " << row.line;
}

TEST(Ssrf, NamesThatResolveToPrivateAddresses) {
  Place place(echo);
  Resolver resolver;
  Caller caller(place.loops, resolver.options("127.0.0.1:" + std::to_string(place.port())));
  for (const auto& row : rows_of("name")) {
    resolver.answer = row.value;
    EXPECT_EQ(code_of(caller.get("http://innocent.test/")), row.result) << row.value << ", line " << row.line;
    EXPECT_EQ(code_of(caller.get("https://innocent.test/")), row.result) << row.value << ", line " << row.line;
  }
}

TEST(Ssrf, Redirects) {
  std::string location;
  Place place([&](Request) -> Task<Response> {
    auto response = text("", 302);
    response.headers.emplace_back("location", location);
    co_return response;
  });
  Resolver resolver;
  Caller caller(place.loops, resolver.options("127.0.0.1:" + std::to_string(place.port())));
  for (const auto& row : rows_of("redirect")) {
    location = row.value;
    EXPECT_EQ(code_of(caller.get(place.url())), row.result) << row.value << ", line " << row.line;
  }
  location = "http://innocent.test/";
  for (const auto& row : rows_of("name")) {
    resolver.answer = row.value;
    EXPECT_EQ(code_of(caller.get(place.url())), row.result)
        << "redirect to a name of " << row.value << ", line " << row.line;
  }
}

// The name gives an allowed address first and a private one later: every new connection is checked anew.
TEST(Ssrf, Rebinding) {
  Place place([](Request) -> Task<Response> {
    auto response = text("ok");
    response.headers.emplace_back("connection", "close");
    co_return response;
  });
  auto port = std::to_string(place.port());
  Resolver resolver;
  Caller caller(place.loops, resolver.options("127.0.0.1:" + port));
  std::string url = "http://rebind.test:" + port + "/";
  for (const char* later : {"10.0.0.1", "127.0.0.2", "169.254.169.254", "::1", "::ffff:10.0.0.1"}) {
    resolver.answer = "127.0.0.1";
    EXPECT_EQ(code_of(caller.get(url)), "answer 200");
    resolver.answer = later;
    EXPECT_EQ(code_of(caller.get(url)), "http.egress_denied") << later;
    resolver.answer = "127.0.0.1";
    EXPECT_EQ(code_of(caller.get(url)), "answer 200") << "and back";
  }
}

TEST(Ssrf, RebindingBetweenARedirectAndItsTarget) {
  Resolver resolver;
  Place place(
      [&](Request request) -> Task<Response> {
        auto response = text("", 307);
        response.headers.emplace_back("location", "/again");
        response.headers.emplace_back("connection", "close");
        if (request.path == "/again") response = text("reached");
        resolver.answer = "10.0.0.1";
        co_return response;
      },
      {}, 1);
  auto port = std::to_string(place.port());
  Caller caller(place.loops, resolver.options("127.0.0.1:" + port));
  resolver.answer = "127.0.0.1";
  EXPECT_EQ(code_of(caller.get("http://rebind.test:" + port + "/")), "http.egress_denied");
}

// Connections of one policy are never lent to another.
TEST(Ssrf, PoolsBelongToOnePolicy) {
  Place place(echo);
  Caller allowed(place.loops, allow("127.0.0.1"));
  Caller guarded(place.loops, {});
  EXPECT_EQ(code_of(allowed.get(place.url())), "answer 200");
  EXPECT_EQ(code_of(guarded.get(place.url())), "http.egress_denied");
}

TEST(Ssrf, TheMessageNamesTheCure) {
  Place place(echo);
  Caller caller(place.loops, {});
  auto port = std::to_string(place.port());
  auto refused = caller.get(place.url());
  EXPECT_EQ(refused.error().kind, Kind::denied);
  EXPECT_EQ(refused.error().message,
            "127.0.0.1:" + port + ": 127.0.0.1 is a private address; allow it with --allow-egress 127.0.0.1:" + port);
  EXPECT_TRUE(caller.get("http://[::1]:9/").error().message.ends_with("--allow-egress [::1]:9"));
}

TEST(Ssrf, ProxiesAreGuardedToo) {
  Place place(echo);
  auto port = std::to_string(place.port());
  auto ask = [&](Caller& caller, std::string url, std::string proxy) {
    HttpRequest request;
    request.url = std::move(url);
    request.proxy = std::move(proxy);
    return code_of(caller.call(request));
  };
  Caller caller(place.loops, allow("127.0.0.1:" + port));
  std::string proxy = "http://127.0.0.1:" + port;
  EXPECT_EQ(ask(caller, "http://example.test/", proxy), "answer 200");
  EXPECT_EQ(ask(caller, "http://10.0.0.1/", proxy), "http.egress_denied") << "a target written as an address";
  EXPECT_EQ(ask(caller, "http://[::1]/", proxy), "http.egress_denied");
  for (const char* bad : {"http://10.0.0.1:3128", "http://127.0.0.1:1", "https://127.0.0.1:1", "socks5://127.0.0.1:1",
                          "socks5h://10.0.0.1:1080", "http://u:p@10.0.0.1:1"})
    EXPECT_EQ(ask(caller, "http://example.test/", bad), "http.egress_denied") << bad;
  for (const char* bad : {"127.0.0.1", "ftp://127.0.0.1:1", "http://127.0.0.1", "file:///x", "socks4://127.0.0.1:1"})
    EXPECT_EQ(ask(caller, "http://example.test/", bad), "http.url") << bad;
}

TEST(Ssrf, TheEnvironmentsProxiesAreNotUsed) {
  Place place(echo);
  for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"})
    setenv(name, "http://127.0.0.1:1", 1);
  Caller caller(place.loops, allow("127.0.0.1"));
  EXPECT_EQ(code_of(caller.get(place.url())), "answer 200");
  for (const char* name : {"http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"}) unsetenv(name);
}

}  // namespace
}  // namespace mbflow::net::testing
