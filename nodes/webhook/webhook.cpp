#include "webhook.gen.h"
#include "nodes/items.h"

namespace mbflow::nodes::webhook {

Result<Output> run(const Config&, Context& context) {
  Output output;
  pass_items(context, output);
  return output;
}

}  // namespace mbflow::nodes::webhook
