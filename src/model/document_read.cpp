#include "model/document.h"

#include "model/draft.h"
#include "model/fields.h"
#include "model/names.h"

#include <algorithm>

namespace mbflow {
namespace {

constexpr std::size_t most_tags = 50;

void read_tags(Fields& fields, std::vector<std::string>& tags) {
  const Value* list = fields.array("tags");
  if (!list) return;
  if (list->size() > most_tags) {
    return fields.faults().add(fields.at("tags"), "document.range",
                               "'tags' may hold " + std::to_string(most_tags) + " tags at most; remove some");
  }
  std::size_t index = 0;
  for (const auto& tag : list->elements()) {
    const std::string at = fields.at("tags") + "/" + std::to_string(index++);
    const bool good = tag.is_string() && !tag.as_string().empty() && tag.as_string().size() <= 100;
    if (good) tags.emplace_back(tag.as_string());
    if (!good) fields.faults().add(at, "document.bad_value", "a tag must be a text of 1 to 100 bytes");
  }
}

// False: so many that nothing further is worth reading.
bool few_enough(const Value& list, std::size_t most, const std::string& at, std::string_view code, FaultList& faults) {
  if (list.size() <= most) return true;
  faults.add(at, code,
             "there are " + std::to_string(list.size()) + " here, and " + std::to_string(most) +
                 " are allowed; split the workflow and join its parts with call_workflow nodes");
  return false;
}

// False: there are too many nodes or edges, and none were read.
bool read_graph(Fields& fields, Draft& draft, const DocumentRules& rules) {
  const auto given = fields.take("nodes");
  if (!given) fields.missing("nodes", "a list of nodes");
  if (given && !given.value->is_array()) fields.wrong_type(given, "a list");
  const Value* edges = fields.array("edges");
  const Value nodes = given && given.value->is_array() ? *given.value : Value::array();
  if (!few_enough(nodes, rules.max_nodes, fields.at("nodes"), "document.too_many_nodes", fields.faults())) return false;
  if (edges && !few_enough(*edges, rules.max_edges, fields.at("edges"), "document.too_many_edges", fields.faults())) return false;
  if (given && given.value->is_array() && nodes.size() == 0) {
    fields.faults().warn(fields.at("nodes"), "document.no_nodes", "the workflow has no nodes yet; add one");
  }
  std::uint32_t index = 0;
  for (const auto& node : nodes.elements()) read_node(node, index++, draft, fields.faults());
  index = 0;
  if (!edges) return true;
  for (const auto& edge : edges->elements()) read_edge(edge, index++, draft, fields.faults());
  return true;
}

bool read_workflow(const Value& value, Draft& draft, const DocumentRules& rules, FaultList& faults) {
  Fields fields(value, draft.at, faults);
  Workflow& workflow = draft.workflow;
  // What the API adds when it gives a workflow: may come back with the next change.
  fields.ignore({"$schema", "id", "version", "status", "created_at", "updated_at"});
  fields.text("name", workflow.name, {.required = true});
  fields.text("description", workflow.description, {.most = 10'000, .lines = true});
  read_tags(fields, workflow.tags);
  if (const Value* settings = fields.object("settings")) {
    read_settings(*settings, fields.at("settings"), workflow.settings, faults);
  }
  if (const Value* variables = fields.object("variables")) workflow.variables = *variables;
  const bool complete = read_graph(fields, draft, rules);
  if (const Value* ui = fields.object("ui"); ui && complete) read_ui(*ui, fields.at("ui"), draft, faults);
  fields.finish();
  return complete;
}

// {"workflow": {…}}: the inner object, and where it is.
const Value& unwrap(const Value& document, Draft& draft, FaultList& faults) {
  const Value* inner = document.find("workflow");
  if (!inner || document.find("nodes")) return document;
  Fields fields(document, "", faults);
  fields.take("workflow");
  fields.ignore({"$schema"});
  fields.finish();
  draft.at = "/workflow";
  return *inner;
}

}  // namespace

bool Reading::valid() const {
  return std::ranges::all_of(faults, [](const Fault& fault) { return fault.warning; });
}

Reading read_document(const Value& document, const DocumentRules& rules) {
  Draft draft;
  FaultList faults;
  const Value& workflow = unwrap(document, draft, faults);
  if (read_workflow(workflow, draft, rules, faults)) validate(draft, rules, faults);
  Reading reading;
  reading.faults = faults.take(document);
  reading.workflow = std::move(draft.workflow);
  reading.document = write_document(reading.workflow);
  return reading;
}

Workflow read_saved_document(const Value& document, const NodeTable& nodes) {
  Draft draft;
  FaultList faults;
  (void)read_workflow(unwrap(document, draft, faults), draft, DocumentRules{nodes, {}}, faults);
  return std::move(draft.workflow);
}

}  // namespace mbflow
