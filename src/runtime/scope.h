// What an expression sees of a run: the current item and everything upstream of it.
#pragma once

#include "expr/expr.h"
#include "runtime/inputs.h"
#include "runtime/run.h"

namespace mbflow::runtime {

class RunScope final : public expr::Scope {
 public:
  // `place` is the current item, for its lineage; `input` is what $input shows.
  RunScope(const Run& run, Place place, Value json, std::span<const Item> input, Timestamp now)
      : run_(run), place_(place), json_(std::move(json)), input_(input), now_(now) {}
  void move_to(std::size_t index, Value json) {
    place_.index = index;
    json_ = std::move(json);
  }

  [[nodiscard]] Value json() const override { return json_; }
  [[nodiscard]] std::size_t index() const override { return place_.index; }
  [[nodiscard]] std::span<const Item> input() const override { return input_; }
  [[nodiscard]] Result<expr::NodeView> node(std::string_view name) const override;
  [[nodiscard]] Value root(std::string_view name) const override;
  [[nodiscard]] Timestamp now() const override { return now_; }
  [[nodiscard]] std::string_view timezone() const override { return run_.plan().workflow.settings.timezone; }

 private:
  const Run& run_;
  Place place_;
  Value json_;
  std::span<const Item> input_;
  Timestamp now_;
};

}  // namespace mbflow::runtime
