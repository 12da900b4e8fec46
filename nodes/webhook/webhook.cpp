#include "nodes/items.h"
#include "webhook.gen.h"

namespace mbflow::nodes::webhook {

Result<Output> run(const Config&, Context& context) {
  Output output;
  pass_items(context, output);
  return output;
}

}  // namespace mbflow::nodes::webhook
