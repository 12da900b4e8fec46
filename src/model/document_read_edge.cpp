// One edge of a document, in any of its spellings.
#include "model/draft.h"
#include "model/fields.h"

#include <array>
#include <optional>

namespace mbflow {
namespace {

enum class EdgeType : std::uint8_t { direct, conditional, error };

// The concept's word for what an edge is: DIRECT, CONDITIONAL, ERROR; small letters are fine.
std::optional<EdgeType> read_type(Fields& fields) {
  const auto field = fields.take("type");
  if (!field) return EdgeType::direct;
  std::string word(field.value->as_string());
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (word == "direct") return EdgeType::direct;
  if (word == "conditional") return EdgeType::conditional;
  if (word == "error") return EdgeType::error;
  fields.faults().add(fields.at("type"), "document.bad_value",
                      "'type' must be DIRECT, CONDITIONAL or ERROR; leave it out for a plain edge");
  return std::nullopt;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

// True: what was given could be used.
bool read_condition(Fields& fields, EdgePlace& place, std::string& condition) {
  const auto field = fields.take_or_null("condition");
  if (!field) return true;
  if (field.value->is_bool()) {
    place.verdict = field.value->as_bool() ? "true" : "false";
    condition = "{{ " + place.verdict + " }}";
    return true;
  }
  if (!field.value->is_string()) {
    fields.wrong_type(field, "an expression such as \"{{ $json.active }}\"");
    return false;
  }
  const std::string_view text = trim(field.value->as_string());
  if (text.empty()) return true;
  if (text == "true" || text == "false") place.verdict = text;
  if (text.find("{{") == std::string_view::npos) {
    condition = "{{ " + std::string(text) + " }}";  // the concept writes conditions bare
    return true;
  }
  if (is_one_expression(text)) {
    condition = text;
    return true;
  }
  fields.faults().add(fields.at("condition"), "document.bad_condition",
                      std::string(bad_condition));
  return false;
}

void read_end(Fields& fields, const Fields::Field& field, std::string_view name, std::string& id, std::string_view& spelled) {
  if (field) spelled = field.key;
  fields.text(field, name, id, {.required = true});
}

void read_port(Fields& fields, const Fields::Field& field, std::string_view name, std::string& port, std::string_view& spelled) {
  if (!field) return;
  spelled = field.key;
  if (field.value->is_bool()) {  // what YAML makes of `source_port: true`
    port = field.value->as_bool() ? "true" : "false";
    return;
  }
  fields.text(field, name, port, {.most = 100, .required = true});
}

}  // namespace

bool is_one_expression(std::string_view text) {
  if (!text.starts_with("{{") || !text.ends_with("}}") || text.size() < 4) return false;
  const std::size_t end = text.find("}}");
  return end + 2 >= text.size() || text.find("{{", end) == std::string_view::npos;
}

void read_edge(const Value& value, std::uint32_t index, Draft& draft, FaultList& faults) {
  Fields fields(value, draft.at + "/edges/" + std::to_string(index), faults);
  if (!value.is_object()) return;
  Edge edge;
  EdgePlace place;
  place.index = index;
  fields.ignore({"id"});  // edges need none; editors write them
  read_end(fields, fields.take("source", {"from"}), "source", edge.source, place.source);
  read_end(fields, fields.take("target", {"to"}), "target", edge.target, place.target);
  const auto source_port = fields.take_or_null("source_port", {"source_handle", "sourceHandle"});
  const auto target_port = fields.take_or_null("target_port", {"target_handle", "targetHandle"});
  read_port(fields, source_port, "source_port", edge.source_port, place.source_port);
  read_port(fields, target_port, "target_port", edge.target_port, place.target_port);
  const auto type = read_type(fields);
  if (type == EdgeType::error && !source_port) edge.source_port = "error";
  if (type == EdgeType::error && edge.source_port != "error") {
    faults.add(fields.at(place.source_port), "document.conflicting_keys",
               "an edge of type ERROR leaves by the port 'error'; remove the port or the type");
  }
  place.conditional = type == EdgeType::conditional;
  place.source_port_given = static_cast<bool>(source_port) || type == EdgeType::error;
  place.condition_read = read_condition(fields, place, edge.condition);
  fields.finish();
  draft.edges.push_back(place);
  draft.workflow.edges.push_back(std::move(edge));
}

}  // namespace mbflow
