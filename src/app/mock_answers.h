// What the mock API answers: fixed people, and a chat that judges the mood of a text. Pure; the same always.
#pragma once

#include <mbflow/result.h>
#include <mbflow/value.h>

namespace mbflow::app {

[[nodiscard]] Value mock_users();

// An OpenAI chat completion for {"model", "messages": […]}: positive, negative or neutral, or as {"sentiment", "score"} when
// response_format asks for JSON. Error: mock.request (invalid)
[[nodiscard]] Result<Value> mock_chat(const Value& request);

}  // namespace mbflow::app
