#include "nodes/items.h"
#include "schedule.gen.h"

namespace mbflow::nodes::schedule {

// What is due when is src/trigger's business; the item of the start is all that comes here.
Result<Output> run(const Config&, Context& context) {
  Output output;
  pass_items(context, output);
  return output;
}

}  // namespace mbflow::nodes::schedule
