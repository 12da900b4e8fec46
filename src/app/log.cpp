#include "app/log.h"

#include "base/env.h"

#include <mbflow/json.h>

#include <unistd.h>

#include <atomic>
#include <string>

namespace mbflow::app {
namespace {

constexpr std::string_view names[] = {"debug", "info", "warn", "error"};
std::atomic<LogLevel> least{LogLevel::info};

}  // namespace

void set_log_level(LogLevel level) { least = level; }

bool parse_log_level(std::string_view text, LogLevel& level) {
  for (std::size_t i = 0; i < std::size(names); ++i) {
    if (names[i] != text) continue;
    level = static_cast<LogLevel>(i);
    return true;
  }
  return false;
}

void log(LogLevel level, std::string_view message, std::initializer_list<Member> fields) {
  if (level < least.load(std::memory_order_relaxed)) return;
  ObjectBuilder line;
  line.append("at", format_timestamp(system_env().now()));
  line.append("level", names[static_cast<std::size_t>(level)]);
  line.append("message", message);
  for (const auto& field : fields) line.set(field.key, field.value);
  std::string text = write_json(line.build());
  text += '\n';
  // One write, so lines of several threads do not mix. A log that cannot be written is no reason to stop.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace mbflow::app
