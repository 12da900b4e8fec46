// A small HTTP API that answers from memory, for the samples, the tests and a first look without the Internet:
//   GET  /users, /users/{id}          people to work on
//   POST /items                       the body back with an id; one Idempotency-Key, one answer
//   ANY  /items/{n}                   {"id": n, "name"}; ?delay_ms= answers late, ?status= answers so, ?fail_first=N fails N times
//   POST /v1/chat/completions         the OpenAI chat format, with the mood of the last message as the answer
//   POST /save                        201      GET /slow?ms=   late      GET /counts   how often each key was delivered
#pragma once

#include <string>

namespace mbflow::app {

// Serves on ADDR:PORT (port 0: any free one; the address is printed) until SIGINT or SIGTERM. Returns the exit code.
int mock_api_main(std::string listen);

}  // namespace mbflow::app
