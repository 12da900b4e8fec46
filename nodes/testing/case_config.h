// The config of a case, resolved the way the engine resolves it: expressions and paths per item.
#pragma once

#include "nodes/testing/fakes.h"

#include <memory>

namespace mbflow::nodes {

class CaseConfig {
 public:
  [[nodiscard]] static Result<CaseConfig> make(const NodeType& type, const Value& test);
  // For the context's current item.
  [[nodiscard]] Result<Value> resolve(const FakeContext& context) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mbflow::nodes
