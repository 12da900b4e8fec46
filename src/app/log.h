// The log: one JSON object a line on stderr, fields fit for a log store. Safe from any thread.
#pragma once

#include <mbflow/node.h>
#include <mbflow/value.h>

#include <initializer_list>
#include <string_view>

namespace mbflow::app {

void set_log_level(LogLevel level);
void log(LogLevel level, std::string_view message, std::initializer_list<Member> fields = {});

}  // namespace mbflow::app
