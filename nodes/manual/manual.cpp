#include "manual.gen.h"
#include "nodes/items.h"

namespace mbflow::nodes::manual {

Result<Output> run(const Config&, Context& context) {
  Output output;
  pass_items(context, output);
  return output;
}

}  // namespace mbflow::nodes::manual
