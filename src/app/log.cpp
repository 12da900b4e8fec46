#include "app/log.h"

#include "base/env.h"
#include "model/event.h"

#include <mbflow/json.h>

#include <unistd.h>

#include <atomic>
#include <string>

namespace mbflow::app {
namespace {

std::atomic<LogLevel> least{LogLevel::info};

}  // namespace

void set_log_level(LogLevel level) { least = level; }

void log(LogLevel level, std::string_view message, std::initializer_list<Member> fields) {
  if (level < least.load(std::memory_order_relaxed)) return;
  ObjectBuilder line;
  line.append("at", format_timestamp(system_env().now()));
  line.append("level", to_string(level));
  line.append("message", message);
  for (const auto& field : fields) line.set(field.key, field.value);
  std::string text = write_json(line.build());
  text += '\n';
  // One write, so lines of several threads do not mix. A log that cannot be written is no reason to stop.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace mbflow::app
