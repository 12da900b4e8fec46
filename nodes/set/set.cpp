#include "nodes/config_parse.h"
#include "nodes/fields.h"
#include "set.gen.h"

namespace mbflow::nodes::set {

Result<Output> run(const Config& config, Context& context) {
  auto json = set_fields(config.keep == Config::Keep::all ? context.item().json : Value::object(), config.values);
  if (!json) return in_member(std::move(json).error(), "values");
  Output output;
  output.add(*std::move(json));
  return output;
}

}  // namespace mbflow::nodes::set
