#include "nodes/fields.h"

#include "nodes/config_parse.h"
#include "nodes/path.h"

#include <utility>
#include <vector>

namespace mbflow::nodes {

bool is_plain_name(std::string_view name) { return name.find_first_of(".[$") == std::string_view::npos; }

Result<Value> set_fields(const Value& start, const Value& values) {
  ObjectBuilder fields(start);
  std::vector<const Member*> nested;
  for (const Member& member : values.members()) {
    if (is_plain_name(member.key.as_string())) {
      fields.set(member.key, member.value);
    } else {
      nested.push_back(&member);
    }
  }
  Value json = fields.build();
  for (const Member* member : nested) {
    auto path = Path::parse(member->key.as_string());
    auto edited = path ? path->set(json, member->value) : Result<Value>(std::move(path).error());
    if (!edited) return in_member(std::move(edited).error(), member->key.as_string());
    json = *std::move(edited);
  }
  return json;
}

}  // namespace mbflow::nodes
