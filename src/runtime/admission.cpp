#include "runtime/admission.h"

#include "base/hash.h"
#include "runtime/runtime.h"

#include <mbflow/json.h>

#include <cstring>

namespace mbflow::runtime {
namespace {

// What an expression sees before the run: the first item it starts with, and nothing of a run, since there is none yet.
class StartScope final : public expr::Scope {
 public:
  StartScope(Worker& worker, const StartRequest& request)
      : worker_(worker), request_(request), now_(worker.services.env.now()) {
    const Value input = input_items(request.input);
    for (const auto& json : input.elements()) items_.push_back(Item{json, {}, {}});
  }
  Value json() const override { return items_.empty() ? Value::object() : items_.front().json; }
  std::size_t index() const override { return 0; }
  expr::ItemsView input() const override { return items_; }
  Result<expr::NodeView> node(std::string_view) const override {
    return fail(Kind::invalid, "expr.node", "before a run begins no node has given anything: leave $(…) out");
  }
  Value root(std::string_view name) const override {
    if (name == "vars") return request_.variables;
    if (name == "env") return worker_.services.environment;
    if (name == "trigger") return Value::object({{"type", request_.trigger}, {"item", json()}});
    if (name == "workflow") return Value::object({{"name", request_.program->plan->workflow.name}});
    return Value::object();
  }
  Timestamp now() const override { return now_; }
  std::string_view timezone() const override { return request_.program->plan->workflow.settings.timezone; }

 private:
  Worker& worker_;
  const StartRequest& request_;
  Timestamp now_;
  std::vector<Item> items_;
};

// A hash: two lanes that share a number would share a limit, no more.
std::int64_t number_of(const WorkflowId& workflow, std::string_view key) {
  std::string named(reinterpret_cast<const char*>(workflow.bytes.data()), workflow.bytes.size());
  named += key;
  const std::string digest = sha256(named);
  std::int64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return number == 0 ? 1 : number;
}

}  // namespace

Result<Value> evaluate_start(Worker& worker, const StartRequest& request, const expr::Template& expression) {
  worker.evaluator.new_run();
  worker.evaluated = nullptr;
  return worker.evaluator.evaluate(expression, StartScope(worker, request));
}

Result<Lane> lane_of(Worker& worker, const StartRequest& request) {
  const Program& program = *request.program;
  Lane lane;
  lane.limit = program.concurrency;
  std::string key;
  if (program.concurrency_key) {
    auto value = evaluate_start(worker, request, *program.concurrency_key);
    if (!value) return std::move(value).error().with_at("/settings/concurrency/key");
    key = write_json(*value);
  }
  lane.number = number_of(program.workflow, key);
  return lane;
}

}  // namespace mbflow::runtime
