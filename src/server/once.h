// Idempotency-Key: a write that is sent again is done once, and answered as it was the first time. What was answered is kept on
// disk for a day. A process that dies between the write and the keeping of its answer leaves the id of what was to be made: the
// same call again makes that, or finds it made.
#pragma once

#include "server/api.h"

namespace mbflow::server {

inline constexpr Duration receipt_life = std::chrono::hours(24);

// What is known of this call already: its receipt, new or old. Errors: request.idempotency_key (invalid: no such key can be;
// conflict: it was given to another call).
[[nodiscard]] Task<Result<store::Receipt>> take_receipt(Api& api, const Call& call);
// The answer that was kept; nothing: none was.
[[nodiscard]] std::optional<net::Response> kept_answer(const store::Receipt& receipt);
// Whether an answer is worth keeping: not one that says to try again.
[[nodiscard]] bool is_lasting(const net::Response& response);
[[nodiscard]] std::string answer_to_keep(const net::Response& response);

}  // namespace mbflow::server
