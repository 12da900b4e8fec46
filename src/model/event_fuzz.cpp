// Any bytes as a journal chunk: an error or events, and what was read can be written and read again.
#include "model/event.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const std::vector<std::string> ids{"a", "b", "n1", "node"};
  std::string_view chunk(reinterpret_cast<const char*>(bytes), size);
  (void)mbflow::decode_first_event(chunk);
  std::vector<mbflow::Event> events;
  if (!mbflow::decode_events(chunk, ids, events)) return 0;
  for (const auto& event : events) (void)mbflow::event_to_json(event, ids, true);

  std::vector<mbflow::Event> again;
  if (!mbflow::decode_events(mbflow::encode_events(events, ids), ids, again)) std::abort();
  if (again.size() != events.size()) std::abort();
  return 0;
}
