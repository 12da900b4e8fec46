// Vault: the credentials and variables of the tenants, and the keys that seal them. It opens a credential only to use it: what it
// gives out is for a node's own protocol, and what it sends goes to the credential's origins alone. Safe from any loop.
#pragma once

#include "base/loop.h"
#include "store/store.h"
#include "vault/keyring.h"
#include "vault/seal.h"

#include <mbflow/http.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mbflow::vault {

struct Options {
  std::string keys_file;
  std::string environment = "default";  // whose variables workflows see, above those of "default"
  std::function<Loop*()> current_loop;
};

// A key, and how many entries are sealed with it.
struct KeyUse {
  std::string id, created;
  std::size_t entries = 0;
  bool seals = false;  // the one in use
};

// How a try of a credential ended.
struct Trial {
  bool ok = false;
  std::string message;
  int status = 0;  // of the answer, when there was one
};

// What workflows of a tenant see under $vars; the secret ones are names without a value.
struct Variables {
  Value open = Value::object();
  std::vector<std::string> secret;
};

class Vault {
 public:
  Vault(store::Store& store, HttpClient& http, Env& env, Options options)
      : store_(store), http_(http), env_(env), options_(std::move(options)), keys_(options_.keys_file) {}

  // At the start: whether the keys open what is there. Errors: vault.keys_rights, vault.keys_file, vault.key_missing, vault.sealed.
  Task<Result<void>> check();

  // ── credentials
  // `body` is {"name", "type", "fields", "origins"}; secrets that it leaves out stay as they are. Errors: credential.*, store.*.
  Task<Result<store::Entry>> save_credential(TenantId tenant, std::optional<EntryId> id, Value body, std::optional<int> expected);
  Task<Result<store::Entry>> credential_entry(TenantId tenant, std::string reference);  // by id or name; credential.unknown
  Task<Result<Credential>> credential(TenantId tenant, std::string reference, std::string type);
  // Sends with what the credential says. A secret that the answer repeats is masked in it. Errors: credential.*, of HttpClient.
  Task<Result<HttpResponse>> send(TenantId tenant, HttpRequest request, std::stop_token stop);
  // Fetches `url` with it, or, without one, only gets its token.
  Task<Result<Trial>> try_credential(TenantId tenant, EntryId id, std::string url);

  // OAuth 2.0 authorization code with PKCE (RFC 6749 §4.1, RFC 7636): where to send the person, and what came back with them. The
  // state is bound to `caller`; it ends after ten minutes. Errors: credential.type, credential.state (denied), credential.refused.
  Task<Result<std::string>> begin_authorization(TenantId tenant, EntryId id, std::string caller, std::string redirect_uri);
  Task<Result<store::Entry>> finish_authorization(TenantId tenant, std::string caller, std::string state, std::string code);

  // ── variables
  // `body` is {"name", "environment", "kind": "text" | "secret", "value"}.
  Task<Result<store::Entry>> save_variable(TenantId tenant, std::optional<EntryId> id, Value body, std::optional<int> expected);
  Task<Result<std::shared_ptr<const Variables>>> variables(TenantId tenant);

  // ── keys
  // A new key, then every entry sealed with it: how many were. Cut off anywhere, it is done again; nothing is lost.
  Task<Result<std::size_t>> rotate();
  Task<Result<std::size_t>> reseal();
  Task<Result<std::vector<KeyUse>>> keys();
  Task<Result<void>> drop_key(std::string id);  // vault.key_used (conflict)

 private:
  struct Opened {
    store::Entry entry;
    Secrets secrets;
  };
  using Refreshed = Result<Opened>;

  Task<Result<Opened>> open_credential(TenantId tenant, std::string reference);
  Task<Result<store::Entry>> reseal_one(store::Entry entry);
  // With a token that is still good; one refresh at a time. `rejected`: the token that a server did not take.
  Task<Refreshed> with_token(Opened opened, std::string rejected);
  Task<Refreshed> refresh(Opened opened);
  Task<Refreshed> ask_token(Opened opened, std::vector<std::pair<std::string, std::string>> form);
  Task<Refreshed> keep_token(Opened opened, Value answer);

  store::Store& store_;
  HttpClient& http_;
  Env& env_;
  const Options options_;
  Keyring keys_;
  std::mutex mutex_;  // guards all below
  std::unordered_map<EntryId, std::vector<OneShot<Result<void>>::Setter>, IdHash> refreshing_;
  std::unordered_map<TenantId, std::pair<std::uint64_t, std::shared_ptr<const Variables>>, IdHash> variables_;
};

}  // namespace mbflow::vault
