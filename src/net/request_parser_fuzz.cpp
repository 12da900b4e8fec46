// Any bytes as requests: no crash, and the same outcome whole or in pieces (what two cuts read differently can be
// smuggled).
#include "net/request_parser.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace {

using mbflow::net::RequestParser;
using Step = RequestParser::Step;

std::string run(std::string_view bytes, std::size_t piece) {
  RequestParser parser(4096, 4096);
  std::string out, held;
  while (!bytes.empty()) {
    held += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      std::size_t used = 0;
      auto step = held.empty() ? Step::hungry : parser.parse(held, used);
      if (used > held.size()) std::abort();
      held.erase(0, used);
      if (step == Step::hungry) break;
      // Whether a broken end is refused now or waited on for more may depend on the cut: no request comes of it either way.
      if (step == Step::refused) return out;
      if (step == Step::head) continue;
      const auto& request = parser.request();
      out += request.method + ' ' + request.path + '?' + request.query + '\n';
      for (const auto& [name, value] : request.headers) out += name + ": " + value + '\n';
      out += request.body + '\n';
      parser.reset();
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1024) return 0;  // below every limit: which of two limits is met first may depend on the cut
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto whole = run(bytes, std::max<std::size_t>(size, 1));
  for (std::size_t piece : {1u, 2u, 7u})
    if (run(bytes, piece) != whole) std::abort();
  return 0;
}
