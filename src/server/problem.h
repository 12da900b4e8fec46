// Errors on the wire: RFC 9457 application/problem+json.
#pragma once

#include "model/workflow.h"
#include "server/route.h"

#include <mbflow/result.h>

#include <vector>

namespace mbflow::server {

// {"type", "title", "status", "code", "detail", "errors": [{"code", "message", "at"}]}. status 0: as the kind says.
[[nodiscard]] net::Response problem(const Error& error, int status = 0);
// All faults of a document at once; the first error's code is the code of the whole.
[[nodiscard]] Reply invalid_document(const std::vector<Fault>& faults);
// Only the warnings, or only the errors.
[[nodiscard]] Value faults_to_json(const std::vector<Fault>& faults, bool warnings);

}  // namespace mbflow::server
