#include "event.gen.h"
#include "nodes/items.h"

namespace mbflow::nodes::event {

// Who hears what is src/trigger's business; the item of the start is all that comes here.
Result<Output> run(const Config&, Context& context) {
  Output output;
  pass_items(context, output);
  return output;
}

}  // namespace mbflow::nodes::event
