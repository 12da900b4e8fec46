#include "fail.gen.h"

#include <algorithm>

namespace mbflow::nodes::fail_ {
namespace {

// A code of the author's own must look like ours, or nobody could tell where it ends.
bool is_code(const std::string& code) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; };
  return !code.empty() && std::ranges::all_of(code, good);
}

}  // namespace

Result<Output> run(const Config& config, Context&) {
  if (is_code(config.code)) return fail(Kind::invalid, config.code, config.message);
  return fail(Kind::invalid, "config.range",
              "\"" + config.code + "\" is no code: use small letters, digits, _ and dots")
      .with_at("/code");
}

}  // namespace mbflow::nodes::fail_
