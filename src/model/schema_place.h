// How a config's schema wants its strings read. The same reading as expr/ makes of it when it resolves a config.
// Internal to model/. A SchemaPlace borrows the schema.
#pragma once

#include <mbflow/value.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace mbflow {

enum class TextKind : std::uint8_t { template_, path, literal };

// A place in a schema: all the subschemas that may say something about it.
class SchemaPlace {
 public:
  explicit SchemaPlace(const Value& root) : root_(&root) { add(root, 0); }
  [[nodiscard]] SchemaPlace member(std::string_view key) const;
  [[nodiscard]] SchemaPlace element(std::size_t index) const;
  // What "x-mbflow" says of the strings here and below, or `around`.
  [[nodiscard]] TextKind kind(TextKind around) const;
  [[nodiscard]] bool has_format(std::string_view format) const;

 private:
  explicit SchemaPlace(const Value* root) : root_(root) {}
  void add(const Value& schema, int depth);

  const Value* root_;
  std::vector<const Value*> schemas_;
};

}  // namespace mbflow
