#include "set.gen.h"
#include "nodes/config_parse.h"
#include "nodes/path.h"

namespace mbflow::nodes::set {
namespace {

bool is_plain(std::string_view name) { return name.find_first_of(".[$") == std::string_view::npos; }

}  // namespace

Result<Output> run(const Config& config, Context& context) {
  ObjectBuilder fields(config.keep == Config::Keep::all ? context.item().json : Value::object());
  std::vector<const Member*> nested;
  for (const Member& member : config.values.members()) {
    if (is_plain(member.key.as_string())) {
      fields.set(member.key, member.value);
    } else {
      nested.push_back(&member);
    }
  }
  Value json = fields.build();
  for (const Member* member : nested) {
    auto path = Path::parse(member->key.as_string());
    auto edited = path ? path->set(json, member->value) : Result<Value>(std::move(path).error());
    if (!edited) return in_member(in_member(std::move(edited).error(), member->key.as_string()), "values");
    json = *std::move(edited);
  }
  Output output;
  output.add(std::move(json));
  return output;
}

}  // namespace mbflow::nodes::set
