#include "log.gen.h"

namespace mbflow::nodes::log {
namespace {

LogLevel level_of(Config::Level level) {
  switch (level) {
    case Config::Level::debug: return LogLevel::debug;
    case Config::Level::warn: return LogLevel::warn;
    case Config::Level::error: return LogLevel::error;
    case Config::Level::info: break;
  }
  return LogLevel::info;
}

}  // namespace

Result<Output> run(const Config& config, Context& context) {
  context.log(level_of(config.level), config.message);
  Output output;
  output.add(context.item().json);
  return output;
}

}  // namespace mbflow::nodes::log
