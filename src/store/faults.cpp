#include "store/faults.h"

namespace mbflow::store {

Error workflow_missing() { return fail(Kind::not_found, "store.not_found", "there is no such workflow"); }

Error version_missing() { return fail(Kind::not_found, "store.not_found", "the workflow has no such version"); }

Error execution_missing() { return fail(Kind::not_found, "store.not_found", "there is no such execution"); }

Error key_missing() { return fail(Kind::not_found, "store.not_found", "there is no such API key"); }

Error entry_missing() { return fail(Kind::not_found, "store.not_found", "there is no such thing with this id"); }
Error name_taken(const Entry& entry) {
  return fail(Kind::conflict, "store.exists", "there is a " + entry.kind + " named '" + entry.name + "' already; choose another name");
}
Error newer_version(int newest) {
  return fail(Kind::conflict, "store.conflict",
              "it was changed meanwhile: its newest version is " + std::to_string(newest) + "; load it and try again");
}

Error not_final(ExecutionStatus status) {
  return fail(Kind::conflict, "store.conflict",
              "the execution is " + std::string(to_string(status)) + "; cancel it or wait for its end first");
}

Error execution_exists() {
  return fail(Kind::conflict, "store.exists", "an execution with this id was started before");
}

Error key_exists() { return fail(Kind::conflict, "store.exists", "this API key exists already; make a new one"); }

Error user_missing() { return fail(Kind::not_found, "store.not_found", "there is no such user here"); }

Error login_taken() { return fail(Kind::conflict, "store.exists", "another user signs in with this; choose another login"); }

Error not_the_first() { return fail(Kind::conflict, "store.exists", "there is a user already; sign in, or ask an owner to make you one"); }

Error tenant_exists(std::string_view name) {
  return fail(Kind::conflict, "store.exists", "there is a tenant named '" + std::string(name) + "' already; choose another name");
}

Error last_owner() {
  return fail(Kind::conflict, "store.last_owner", "a tenant would be left without an owner; make somebody else its owner first");
}

Error journal_gap(std::uint32_t last_seq, std::uint32_t first_seq) {
  return fail(Kind::conflict, "store.gap",
              "the journal ends at event " + std::to_string(last_seq) + " and the commit begins at " +
                  std::to_string(first_seq) + "; load the execution again");
}

Error taken_over() {
  return fail(Kind::conflict, "store.fenced", "another worker has taken this execution over and goes on with it");
}

Error lease_over() {
  return fail(Kind::conflict, "store.fenced", "this worker did not renew its lease in time; others go on with its executions");
}

Error message_exists() { return fail(Kind::conflict, "store.exists", "a message with this source and id was taken before"); }
Error tick_exists() { return fail(Kind::conflict, "store.exists", "this occurrence of the schedule was dealt with before"); }

Error blob_missing(const BlobId& id) {
  return fail(Kind::unavailable, "store.blob_missing", "the data kept apart as " + id.to_hex() + " is not there");
}

Error blob_damaged(const BlobId& id) {
  return fail(Kind::internal, "store.damaged", "the data kept apart as " + id.to_hex() + " is not what was saved; restore a backup");
}

Error store_closed() { return fail(Kind::unavailable, "store.unavailable", "the store is closed; open it again"); }

Error unknown_outcome() {
  return fail(Kind::timeout, "store.unknown_outcome",
              "the connection to the database broke while this was being saved, and the server stops: it may have been saved or not; look before you send it again, "
              "or send it again with the Idempotency-Key it had");
}

Error route_taken(const WebhookRoute& route, std::string_view owner) {
  auto who = owner.empty() ? std::string("another workflow") : "the workflow \"" + std::string(owner) + "\"";
  return fail(Kind::conflict, "store.route_taken",
              "the webhook " + route.method + " /" + route.path + " belongs to " + who + "; choose another path");
}

Result<void> check_sequence(const Commit& commit, std::uint32_t last_seq) {
  bool follows = commit.first_seq == last_seq + 1;
  bool ends_later = commit.record.last_seq >= commit.first_seq || (commit.chunk.empty() && commit.record.last_seq == last_seq);
  if (follows && ends_later) return {};
  return journal_gap(last_seq, commit.first_seq);
}

bool overlap(const WebhookRoute& a, const WebhookRoute& b) {
  return a.path == b.path && (a.method == b.method || a.method == "*" || b.method == "*");
}

Result<void> check_routes(const std::vector<WebhookRoute>& routes) {
  for (std::size_t i = 0; i < routes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (routes[i].path != routes[j].path || routes[i].method != routes[j].method) continue;
      return fail(Kind::conflict, "store.route_taken",
                  "two nodes listen to the webhook " + routes[i].method + " /" + routes[i].path + "; change one of them");
    }
  }
  return {};
}

}  // namespace mbflow::store
