// Answers that are wrong, or too much.
#include "net/testing/caller.h"
#include "net/testing/canned.h"

namespace mbflow::net::testing {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string deflate_stored(std::string_view data) {
  std::uint32_t a = 1, b = 0;
  for (char c : data) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  auto size = static_cast<std::uint16_t>(data.size());
  std::string out = "\x78\x01\x01";
  for (int part : {size & 0xff, size >> 8, ~size & 0xff, (~size >> 8) & 0xff}) out += static_cast<char>(part);
  out += data;
  for (std::uint32_t sum : {b, a}) (out += static_cast<char>(sum >> 8)) += static_cast<char>(sum & 0xff);
  return out;
}

// 258 zeros in every 13 bits (RFC 1951, fixed codes): a thousandth of what it becomes.
std::string bomb(std::size_t zeros) {
  std::string out = "\x78\x9c";
  std::uint32_t bits = 0;
  int count = 0;
  auto put = [&](std::uint32_t value, int width) {
    bits |= value << count;
    for (count += width; count >= 8; count -= 8, bits >>= 8) out += static_cast<char>(bits & 0xff);
  };
  put(0b011, 3);       // last block, fixed codes
  put(0b00001100, 8);  // literal 0, code 00110000, most significant bit first
  for (std::size_t made = 0; made < zeros; made += 258) {
    put(0b10100011, 8);  // length 258, code 11000101
    put(0, 5);           // distance 1
  }
  put(0, 24);
  return out;
}

TEST(ClientAnswers, DecodesAndBoundsCompressedBodies) {
  std::string body, coding = "deflate";
  Place place([&](Request) -> Task<Response> {
    auto response = text(body);
    response.headers.emplace_back("Content-Encoding", coding);
    co_return response;
  });
  Caller caller(place.loops, allow("127.0.0.1"));
  body = deflate_stored("plain words");
  auto answer = caller.get(place.url());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "plain words");
  EXPECT_EQ(find_header(answer->headers, "content-encoding"), nullptr) << "it is not true of what the caller holds";
  EXPECT_EQ(find_header(answer->headers, "content-length"), nullptr);

  HttpRequest request;
  request.url = place.url();
  request.max_body = 1 << 20;
  body = bomb(100 << 20);
  EXPECT_LT(body.size(), std::size_t{1} << 20);
  EXPECT_EQ(code_of(caller.call(request)), "http.too_large");
  body = "not deflate at all";
  EXPECT_EQ(code_of(caller.call(request)), "http.no_answer");
  coding = "gzip, gzip, gzip, gzip, gzip, gzip, gzip, gzip";
  EXPECT_EQ(code_of(caller.call(request)), "http.no_answer");
}

TEST(ClientAnswers, BoundsBodiesAndHeaders) {
  Place place([](Request request) -> Task<Response> {
    auto response = text(std::string(1000, 'x'));
    if (request.path == "/headers")
      for (int number = 0; number < 200; ++number)
        response.headers.emplace_back("x-" + std::to_string(number), std::string(1000, 'v'));
    if (request.path == "/line") response.headers.emplace_back("x", std::string(90'000, 'v'));
    co_return response;
  });
  Caller caller(place.loops, allow("127.0.0.1"));
  HttpRequest request;
  request.url = place.url();
  request.max_body = 1000;
  EXPECT_EQ(code_of(caller.call(request)), "answer 200");
  request.max_body = 999;
  auto refused = caller.call(request);
  EXPECT_EQ(code_of(refused), "http.too_large");
  EXPECT_EQ(refused.error().kind, Kind::invalid);
  request.max_body = 0;
  EXPECT_EQ(code_of(caller.call(request)), "http.too_large");
  EXPECT_EQ(code_of(caller.get(place.url("/headers"))), "http.too_large");
  EXPECT_EQ(code_of(caller.get(place.url("/line"))), "http.too_large");
}

TEST(ClientAnswers, NamesWhatWentWrong) {
  Loops loops(1);
  loops.run();
  auto options = allow("127.0.0.1");
  options.resolve = [](const std::string&) -> Result<std::vector<Address>> { return std::vector<Address>(); };
  Caller caller(loops, options);
  struct Case {
    const char *bytes, *code;
  };
  const Case cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "answer 200"},
      {"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end", "answer 200"},
      {"", "http.no_answer"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "http.no_answer"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "http.no_answer"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "http.no_answer"},
      {"this is not HTTP\r\n\r\n", "http.no_answer"},
      {"HTTP/1.1 200 OK\r\nContent-Len", "http.no_answer"},
  };
  for (const auto& [bytes, code] : cases) {
    Canned server(bytes);
    EXPECT_EQ(code_of(caller.get(server.url())), code) << bytes;
  }
  Canned plain("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  auto tls = caller.get(plain.url("https"));
  EXPECT_EQ(code_of(tls), "http.tls");
  EXPECT_EQ(tls.error().kind, Kind::unavailable);
  auto nobody = caller.get("http://127.0.0.1:1/");
  EXPECT_EQ(code_of(nobody), "http.no_answer");
  EXPECT_TRUE(contains(nobody.error().message, "127.0.0.1:1")) << nobody.error().message;
  auto unknown = caller.get("http://unknown.test/");
  EXPECT_EQ(code_of(unknown), "http.no_answer");
  EXPECT_TRUE(contains(unknown.error().message, "unknown.test")) << unknown.error().message;
}

TEST(ClientAnswers, DropsInterimHeadersAndTrailers) {
  Loops loops(1);
  loops.run();
  Caller caller(loops, allow("127.0.0.1"));
  Canned server(
      "HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-Final: 1\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\nok\r\n0\r\n"
      "X-Trailer: 1\r\n\r\n");
  auto answer = caller.get(server.url());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "ok");
  EXPECT_NE(find_header(answer->headers, "x-final"), nullptr);
  EXPECT_EQ(find_header(answer->headers, "x-interim"), nullptr);
  EXPECT_EQ(find_header(answer->headers, "x-trailer"), nullptr);
}

}  // namespace
}  // namespace mbflow::net::testing
