#include "app/block.h"
#include "app/commands.h"
#include "app/store.h"
#include "server/auth.h"

#include <mbflow/json.h>

#include <cstdio>

namespace mbflow::app {
namespace {

Task<Result<void>> save(store::Store& store, store::ApiKey key) { return store.directory().save_key(std::move(key)); }
Task<Result<void>> close(store::Store& store) { return store.close(); }

Result<std::string> make_and_save(const Settings& settings, const KeyOptions& options, store::ApiKey& key) {
  net::Loops loops(1);
  loops.run();
  MBF_TRY(auto store, open_store(settings, loops, false));
  const std::string secret = server::make_key(system_env());
  key.id = KeyId::make(system_env());
  key.tenant = default_tenant();
  key.name = options.name;
  key.role = options.role;
  key.hash = server::hash_key(secret);
  key.created_at = system_env().now();
  auto saved = block_on(loops.loop(0), save(*store, key));
  (void)block_on(loops.loop(0), close(*store));
  loops.stop();
  if (!saved) return std::move(saved).error();
  return secret;
}

}  // namespace

// The key itself is shown this once; what is kept is its hash.
int create_key(const Settings& settings, const KeyOptions& options) {
  if (!server::is_role(options.role)) {
    return complain(fail(Kind::invalid, "key.role", "--role must be owner, admin, editor, operator or viewer"));
  }
  if (options.name.empty()) return complain(fail(Kind::invalid, "key.name", "--name must say whom or what the key is for"));
  store::ApiKey key;
  auto secret = make_and_save(settings, options, key);
  if (!secret) {
    complain(secret.error());
    return exit_failed;
  }
  if (!options.json) std::puts(secret->c_str());
  else std::puts(write_json(Value::object({{"id", key.id.to_string()}, {"key", *secret}, {"role", key.role}, {"name", key.name}})).c_str());
  return exit_ok;
}

}  // namespace mbflow::app
