#include <mbflow/json_schema.h>

#include "base/json_schema_rules.h"

namespace mbflow {

struct JsonSchema::State {
  schema::Compiled compiled;
};

Result<JsonSchema> JsonSchema::compile(const Value& schema) {
  MBF_TRY(auto compiled, schema::compile(schema));
  JsonSchema made;
  made.state_ = std::make_shared<const State>(State{std::move(compiled)});
  return made;
}

std::vector<SchemaFault> JsonSchema::check(const Value& instance) const {
  return schema::check(state_->compiled, instance, false);
}

std::vector<SchemaFault> JsonSchema::check_template(const Value& config) const {
  return schema::check(state_->compiled, config, true);
}

}  // namespace mbflow
