// How a node's config schema wants its strings read: as text with {{ }}, as paths into $json, or as they stand.
// A SchemaPlace borrows the schema.
#pragma once

#include <mbflow/value.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mbflow::expr {

enum class Reading : std::uint8_t { expressions, path, literal };

// A place in a schema: the sub-schemas that may say something about it.
class SchemaPlace {
 public:
  explicit SchemaPlace(const Value& root) : root_(&root) { add(root, 0); }
  [[nodiscard]] SchemaPlace member(std::string_view key) const;
  [[nodiscard]] SchemaPlace element(std::size_t index) const;
  // What "x-mbflow" says of the strings here and below; nothing: as around.
  [[nodiscard]] std::optional<Reading> reading() const;

 private:
  explicit SchemaPlace(const Value* root) : root_(root) {}
  void add(const Value& schema, int depth);

  const Value* root_;
  std::vector<const Value*> schemas_;
};

}  // namespace mbflow::expr
