// Any JSON as a schema and an instance: never a crash, never a check that does not end, no fault without words.
#include <mbflow/json.h>
#include <mbflow/json_schema.h>

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto given = mbflow::parse_json({reinterpret_cast<const char*>(bytes), size});
  if (!given) return 0;
  const mbflow::Value* schema = given->find("schema");
  const mbflow::Value* instance = given->find("instance");
  const auto compiled = mbflow::JsonSchema::compile(schema ? *schema : *given);
  if (!compiled) return compiled.error().code == "schema.invalid" ? 0 : (std::abort(), 0);
  for (const auto& fault : compiled->check(instance ? *instance : *given)) {
    if (fault.message.empty()) std::abort();
  }
  (void)compiled->check_template(instance ? *instance : *given);
  return 0;
}
