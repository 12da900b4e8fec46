// What every backend answers in the same words, so that one cannot be told from another, nor another tenant's thing from
// one that does not exist.
#pragma once

#include "store/store.h"

namespace mbflow::store {

[[nodiscard]] Error workflow_missing();
[[nodiscard]] Error version_missing();
[[nodiscard]] Error execution_missing();
[[nodiscard]] Error key_missing();
[[nodiscard]] Error newer_version(int newest);  // store.conflict
[[nodiscard]] Error entry_missing();
[[nodiscard]] Error name_taken(const Entry& entry);  // store.exists
[[nodiscard]] Error not_final(ExecutionStatus status);
[[nodiscard]] Error execution_exists();
[[nodiscard]] Error key_exists();
[[nodiscard]] Error user_missing();
[[nodiscard]] Error login_taken();    // store.exists: the login or who they are elsewhere
[[nodiscard]] Error not_the_first();  // store.exists: there is a user
[[nodiscard]] Error tenant_exists(std::string_view name);
[[nodiscard]] Error last_owner();     // store.last_owner
[[nodiscard]] Error journal_gap(std::uint32_t last_seq, std::uint32_t first_seq);
[[nodiscard]] Error taken_over();  // store.fenced: the execution is another worker's
[[nodiscard]] Error lease_over();  // store.fenced: the worker is taken for dead
[[nodiscard]] Error tick_exists();
[[nodiscard]] Error blob_missing(const BlobId& id);
[[nodiscard]] Error blob_damaged(const BlobId& id);
[[nodiscard]] Error message_exists();
[[nodiscard]] Error store_closed();
[[nodiscard]] Error unknown_outcome();  // store.unknown_outcome: it may have been saved
// `owner` is the name of the workflow that has the route, or empty when the caller must not know it.
[[nodiscard]] Error route_taken(const WebhookRoute& route, std::string_view owner);

// Whether a commit can be appended to a journal that ends at `last_seq` (0: to none).
[[nodiscard]] Result<void> check_sequence(const Commit& commit, std::uint32_t last_seq);
// Two routes would both answer some request.
[[nodiscard]] bool overlap(const WebhookRoute& a, const WebhookRoute& b);
// No two of them are the same. One workflow may have "*" beside a method of its own: the method comes first.
[[nodiscard]] Result<void> check_routes(const std::vector<WebhookRoute>& routes);

}  // namespace mbflow::store
