#include "nodes/items.h"
#include "noop.gen.h"

namespace mbflow::nodes::noop {

Result<Output> run(const Config&, Context& context) {
  Output output;
  pass_items(context, output);
  return output;
}

}  // namespace mbflow::nodes::noop
