// Expressions tried out: evaluated and completed by the very evaluator that runs them, over data given or that of a past run.
#include "runtime/scope.h"
#include "server/routes/routes.h"

#include <algorithm>
#include <map>

namespace mbflow::server {
namespace {

constexpr std::size_t most_proposals = 200;
constexpr int most_reads = 16;  // of lists that are kept apart, for one expression

std::vector<Item> items_of(const Value& list) {
  const Value given = runtime::input_items(list);
  std::vector<Item> items;
  for (const auto& json : given.elements()) items.push_back(Item{json, {}, {}});
  return items;
}

// What is seen from one item of one node: of a past execution, of data in the call, or both, the latter first.
class TryScope final : public expr::Scope {
 public:
  TryScope(Api& api, const Value& data) : api_(api), data_(data) {
    for (const auto& member : data["nodes"].members()) nodes_[std::string(member.key.as_string())] = items_of(member.value);
    if (data.find("input")) given_input_ = items_of(data["input"]);
    index_ = static_cast<std::size_t>(std::max<std::int64_t>(0, data["index"].as_integer()));
  }
  void look_at(const runtime::Runtime::View& view, NodeIndex node) {
    view_ = &view;
    node_ = node;
    inputs_ = std::make_unique<runtime::NodeInputs>(*view.program->plan, view.state, node);
  }

  Value json() const override {
    if (const Value* json = data_.find("json")) return *json;
    const auto items = input();
    const auto item = index_ < items.size() ? items.at(index_) : Result<const Item*>(nullptr);
    return item && *item ? (*item)->json : Value::object();
  }
  std::size_t index() const override { return index_; }
  expr::ItemsView input() const override {
    if (!given_input_.empty()) return given_input_;
    if (!inputs_) return {};
    if (view_->program->plan->nodes[node_].in.empty()) return view_->state.input;
    return runtime::input_view(*inputs_, segments_, wanted_);
  }
  Result<expr::NodeView> node(std::string_view name) const override {
    const auto given = nodes_.find(name);
    if (given != nodes_.end()) return expr::NodeView{given->second, index_ < given->second.size() ? index_ : expr::NodeView::npos};
    const NodeIndex target = view_ ? view_->program->plan->find_name(name) : no_node;
    if (target == no_node) return fail(Kind::invalid, "expr.node", "no node is named '" + std::string(name) + "' here");
    const runtime::Place place{node_, index_, nullptr};
    return runtime::view_node(*view_->program->plan, view_->state, place, target, runtime::PortReader(segments_, wanted_));
  }
  Value root(std::string_view name) const override {
    if (const Value* given = data_.find(name)) return *given;
    if (name == "env") return api_.services.environment;
    if (!view_) return Value::object();
    if (name == "vars") return view_->variables;
    const auto& record = view_->record;
    if (name == "execution") return Value::object({{"id", record.id.to_string()}, {"trigger", record.trigger}});
    if (name == "workflow") {
      const Value id = record.workflow.is_nil() ? Value("") : Value(record.workflow.to_string());
      return Value::object({{"id", id}, {"name", view_->program->plan->workflow.name}, {"version", record.version}});
    }
    const auto& start = view_->state.input;
    return Value::object({{"type", record.trigger}, {"item", start.empty() ? Value::object() : start.front().json}});
  }
  Timestamp now() const override { return api_.services.env.now(); }
  std::string_view timezone() const override { return view_ ? std::string_view(view_->program->plan->workflow.settings.timezone) : "UTC"; }

  // Reads what the last evaluation asked for in vain; false: there was nothing.
  Task<Result<bool>> read_wanted() {
    const auto wanted = std::exchange(wanted_, {});
    for (const auto& segment : wanted) {
      MBF_CO_CHECK(co_await segments_.read(api_.services.store, segment));
    }
    co_return !wanted.empty();
  }

  [[nodiscard]] std::vector<std::string> node_names() const {
    std::vector<std::string> names;
    for (const auto& [name, items] : nodes_) names.push_back(name);
    if (view_) {
      for (const auto& other : view_->program->plan->workflow.nodes) names.push_back(other.name);
    }
    return names;
  }

 private:
  Api& api_;
  const Value& data_;
  std::map<std::string, std::vector<Item>, std::less<>> nodes_;
  std::vector<Item> given_input_;
  std::size_t index_ = 0;
  const runtime::Runtime::View* view_ = nullptr;
  NodeIndex node_ = no_node;
  std::unique_ptr<runtime::NodeInputs> inputs_;
  mutable runtime::Segments segments_;
  mutable std::vector<Segment> wanted_;
};

// The past execution that the call names, if it names one.
Task<Result<std::optional<runtime::Runtime::View>>> past_run(Api& api, const Call& call) {
  const auto text = call.body["execution_id"].as_string();
  if (text.empty()) co_return std::nullopt;
  const auto id = ExecutionId::parse(text);
  if (!id) co_return fail(Kind::invalid, "request.body", "\"execution_id\" must be the id of an execution").with_at("/execution_id");
  MBF_CO_TRY(auto view, co_await api.runtime.inspect(call.who.tenant, *id));
  co_return std::optional(std::move(view));
}

Result<void> look(TryScope& scope, const std::optional<runtime::Runtime::View>& view, std::string_view node) {
  if (!view) return {};
  const NodeIndex index = view->program->plan->find(node);
  if (index == no_node) return fail(Kind::invalid, "workflow.no_part", "\"node\" must be the id of a node of that execution").with_at("/node");
  scope.look_at(*view, index);
  return {};
}

std::string_view type_name(const Value& value) {
  constexpr std::string_view names[] = {"null", "boolean", "integer", "number", "string", "array", "object"};
  return names[static_cast<std::size_t>(value.type())];
}

Task<Result<Value>> evaluate(Api& api, std::string text, TryScope& scope) {
  MBF_CO_TRY(auto compiled, expr::Template::compile(text));
  for (int round = 0;; ++round) {
    auto value = api.evaluator().evaluate(compiled, scope);
    MBF_CO_TRY(const bool again, co_await scope.read_wanted());
    if (!again || round == most_reads) co_return value;
  }
}

bool is_word(char c) { return c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80); }

// The path that ends the text: `$json.user` and `na` of "{{ 1 + $json.user.na"; an empty base before the first dot.
std::pair<std::string, std::string> last_path(std::string_view text) {
  std::size_t word = text.size();
  while (word > 0 && is_word(text[word - 1])) --word;
  const std::string partial(text.substr(word));
  if (word == 0 || text[word - 1] != '.') return {"", partial};
  std::size_t begin = word - 1;
  int depth = 0;
  for (; begin > 0; --begin) {
    const char c = text[begin - 1];
    if (c == ')' || c == ']') ++depth;
    else if (c == '(' || c == '[') --depth;
    else if (depth == 0 && !is_word(c) && c != '.') break;
    if (depth < 0) break;
  }
  return {std::string(text.substr(begin, word - 1 - begin)), partial};
}

struct Proposals {
  std::string partial;
  std::vector<Value> items{};
  void add(std::string_view label, std::string_view kind, std::string_view detail) {
    if (!label.starts_with(partial) || items.size() >= most_proposals) return;
    items.push_back(Value::object({{"label", label}, {"kind", kind}, {"detail", detail}}));
  }
};

void propose_roots(Proposals& proposals, const TryScope& scope) {
  for (const std::string_view name : {"$json", "$input", "$index", "$vars", "$env", "$execution", "$workflow", "$trigger", "$now", "$today"}) {
    proposals.add(name, "root", "");
  }
  for (const auto& name : scope.node_names()) {
    if (name.find('\'') == std::string::npos) proposals.add("$('" + name + "')", "node", "");
  }
}

}  // namespace

Task<Result<Reply>> evaluate_expression(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"expression", "data", "execution_id", "node"}));
  MBF_CO_CHECK(only_fields(call.body["data"], {"json", "input", "nodes", "vars", "index", "execution", "workflow", "trigger"}));
  if (!call.body["expression"].is_string()) co_return fail(Kind::invalid, "request.body", "\"expression\" must be text").with_at("/expression");
  MBF_CO_TRY(auto view, co_await past_run(api, call));
  TryScope scope(api, call.body["data"]);
  MBF_CO_CHECK(look(scope, view, call.body["node"].as_string()));
  std::string text(call.body["expression"].as_string());
  auto value = co_await evaluate(api, std::move(text), scope);
  if (!value) co_return std::move(value).error().with_at("/expression");
  Reply reply;
  reply.body = Value::object({{"value", *value}, {"type", type_name(*value)}});
  co_return reply;
}

// `expression` is the text up to the cursor.
Task<Result<Reply>> complete_expression(Api& api, Call call) {
  MBF_CO_CHECK(only_fields(call.body, {"expression", "data", "execution_id", "node"}));
  MBF_CO_CHECK(only_fields(call.body["data"], {"json", "input", "nodes", "vars", "index", "execution", "workflow", "trigger"}));
  MBF_CO_TRY(auto view, co_await past_run(api, call));
  TryScope scope(api, call.body["data"]);
  MBF_CO_CHECK(look(scope, view, call.body["node"].as_string()));
  const auto [base, partial] = last_path(call.body["expression"].as_string());
  Proposals proposals{partial};
  if (base.empty()) {
    propose_roots(proposals, scope);
  } else {
    std::string text = "{{ " + base + " }}";
    const auto value = co_await evaluate(api, std::move(text), scope);
    const Value object = value ? *value : Value();
    for (const auto& member : object.members()) proposals.add(member.key.as_string(), "field", type_name(member.value));
  }
  Reply reply;
  reply.body = Value::object({{"from", partial}, {"items", Value::array(std::move(proposals.items))}});
  co_return reply;
}

}  // namespace mbflow::server
