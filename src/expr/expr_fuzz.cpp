// Any text as a template: it compiles or is refused; what compiles runs within its limits, and its native and
// JavaScript results agree. The first byte chooses how the text is used.
#include "expr/expr.h"
#include "expr/fake_scope.h"

#include "base/utf8.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace mbflow;
using namespace mbflow::expr;

const FakeScope& scope() {
  static const FakeScope fixed = [] {
    FakeScope made(R"({"a":{"b":[1,{"c":"x"}]},"n":5,"s":"text ü 😀","z":null,"t":true,"items":[{"x":1},{"x":2.5}]})");
    made.roots = FakeScope::parsed(
        R"({"vars":{"v":1},"env":{"E":"e"},"execution":{"id":"i"},"workflow":{"name":"w"},"trigger":{}})");
    made.inputs = {{made.current, {}, {}}};
    made.with_node("N", R"([{"k":1},{"k":2}])", 0);
    return made;
  }();
  return fixed;
}

void run(const Template& text, bool is_script) {
  static Evaluator evaluator(Limits{std::chrono::milliseconds(5), 4 << 20, 128 << 10});
  const auto result = evaluator.evaluate(text, scope());
  if (!is_script || !text.is_native()) return;  // a bare path is no JavaScript to compare with
  const auto witness = evaluator.evaluate_in_js(text, scope());
  const bool same = result.ok() == witness.ok() && (!result.ok() || *result == *witness);
  const bool limited = !witness.ok() && witness.error().code == "expr.limit";
  if (!same && !limited) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  if (!utf8_valid(text)) return 0;
  if (bytes[0] % 4 == 0) {
    const auto path = Template::compile_path(text);
    if (path) run(*path, false);
    return 0;
  }
  const std::string whole = bytes[0] % 4 == 1 ? std::string(text) : "{{ " + std::string(text) + " }}";
  const auto compiled = Template::compile(whole);
  if (compiled) run(*compiled, true);
  return 0;
}
