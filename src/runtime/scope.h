// What an expression sees of a run: the current item and everything upstream of it.
#pragma once

#include "expr/expr.h"
#include "runtime/inputs.h"
#include "runtime/run.h"

namespace mbflow::runtime {

class RunScope final : public expr::Scope {
 public:
  // `place` is the current item, for its lineage; `input` is what $input shows. What must be read from the store before the
  // expression can be evaluated is noted in `wanted`, whatever the expression makes of it: read that, then evaluate anew.
  RunScope(const Run& run, Place place, Value json, expr::ItemsView input, Timestamp now, std::vector<Segment>& wanted)
      : run_(run),
        place_(place),
        json_(std::move(json)),
        input_(std::move(input)),
        now_(now),
        reader_(run.worker.segments, wanted) {}

  [[nodiscard]] Value json() const override { return json_; }
  [[nodiscard]] std::size_t index() const override { return place_.index; }
  [[nodiscard]] expr::ItemsView input() const override { return input_; }
  [[nodiscard]] Result<expr::NodeView> node(std::string_view name) const override;
  [[nodiscard]] Value root(std::string_view name) const override;
  [[nodiscard]] Timestamp now() const override { return now_; }
  [[nodiscard]] std::string_view timezone() const override { return run_.plan().workflow.settings.timezone; }

 private:
  const Run& run_;
  Place place_;
  Value json_;
  expr::ItemsView input_;
  Timestamp now_;
  PortReader reader_;
};

// The inputs of a node as $input shows them, while they and `wanted` live.
[[nodiscard]] expr::ItemsView input_view(const NodeInputs& inputs, Segments& segments, std::vector<Segment>& wanted);

}  // namespace mbflow::runtime
