// What the end of an execution tells others: the message `execution.succeeded`, `.failed` or `.cancelled`, saved with the end itself, so
// it is told once whatever dies. Whoever hears it is started by the dispatcher (server/dispatcher.h).
#pragma once

#include "runtime/run.h"

namespace mbflow::runtime {

// Ends that led to one another, one by one: what comes after so many tells nobody, or two workflows that hear each other would never stop.
constexpr int most_ends_in_a_row = 16;

// Who is live now and hears ends. Reads the store only when what is published has changed.
[[nodiscard]] Task<Result<void>> learn_listeners(Worker& worker);

// Null: nobody is to hear it. The run is over.
[[nodiscard]] std::shared_ptr<const store::Message> message_of_end(const Run& run);

}  // namespace mbflow::runtime
