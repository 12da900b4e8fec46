#include "sample_node.gen.h"

namespace mbflow::nodes::sample_node {

NodeType::Run run_of(const Value&) {
  return NodeType::Run::once;
}

std::optional<Result<Output>> try_now(const Config&, Context&) {
  return std::nullopt;
}

Task<Result<Output>> run(const Config& config, Context& context) {
  co_return Output();
}

}  // namespace mbflow::nodes::sample_node
