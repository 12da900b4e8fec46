// The same bytes give the same requests however they are cut into reads.
#include "net/request_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mbflow::net {
namespace {

using Step = RequestParser::Step;

std::string describe(const Request& request) {
  std::string text = request.method + " " + request.target;
  for (const auto& [name, value] : request.headers) text += "|" + name + "=" + value;
  return text + "|" + request.body;
}

// Feeds pieces as a connection would: what was not used comes again with the next piece.
std::vector<std::string> run(std::string_view bytes, std::size_t piece) {
  RequestParser parser(8192, 1000);
  std::vector<std::string> out;
  std::string held;
  while (!bytes.empty()) {
    held += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      std::size_t used = 0;
      auto step = held.empty() ? Step::hungry : parser.parse(held, used);
      held.erase(0, used);
      if (step == Step::hungry) break;
      if (step == Step::refused) {
        out.push_back(std::to_string(parser.refusal().status) + " " + parser.refusal().code);
        return out;
      }
      if (step == Step::head) continue;
      out.push_back(describe(parser.request()));
      parser.reset();
    }
  }
  return out;
}

const char* const streams[] = {
    "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\nX:  1 \r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
    "0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nA;x=y\r\n0123456789\r\n0\r\nT: "
    "v\r\n\r\nGET / HTTP/1.0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n",
    "GET /%2e HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
    "GET http://other/x HTTP/1.1\r\nHost: a\r\n\r\n",
};

TEST(RequestParser, DoesNotCareHowTheBytesArrive) {
  for (const char* stream : streams) {
    auto whole = run(stream, std::string_view(stream).size());
    ASSERT_FALSE(whole.empty()) << stream;
    for (std::size_t piece = 1; piece < std::string_view(stream).size(); ++piece)
      ASSERT_EQ(run(stream, piece), whole) << "pieces of " << piece << " of\n" << stream;
  }
}

TEST(RequestParser, ReadsWhatItShould) {
  EXPECT_EQ(run(streams[0], 1000), (std::vector<std::string>{"GET /|Host=a|", "GET /b|Host=a|X=1|"}));
  EXPECT_EQ(run(streams[2], 1000)[0], "POST /|Host=a|Transfer-Encoding=chunked|a0123456789") << "no trailer";
  EXPECT_EQ(run(streams[8], 1000)[0], "GET http://other/x|Host=other|") << "the absolute form overrules the field";
  EXPECT_EQ(run("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 1000)[0], "GET /|Host=a|");
}

TEST(RequestParser, BoundsWhatTheFramingCosts) {
  std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string extensions = head;
  for (int count = 0; count < 100; ++count) extensions += "1;" + std::string(200, 'e') + "\r\nx\r\n";
  EXPECT_EQ(run(extensions, 4096).back(), "400 net.malformed");
  EXPECT_EQ(run(head + "1;" + std::string(40'000, 'e'), 4096).back(), "400 net.malformed");
  EXPECT_EQ(run(head + "0\r\n" + std::string(40'000, 't'), 4096).back(), "400 net.malformed");
}

}  // namespace
}  // namespace mbflow::net
