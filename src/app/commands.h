// The commands of the program, one file each. Every one returns the exit code: 0 done, 1 failed, 2 wrong input.
#pragma once

#include "app/settings.h"

#include <optional>
#include <string>
#include <vector>

namespace mbflow::app {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_invalid = 2;

int serve(const Settings& settings);

struct RunOptions {
  std::string file;
  std::string input;             // JSON, @FILE, or @- for standard input; empty: none
  std::vector<std::string> set;  // name=value: a variable of the workflow
  std::vector<std::string> allow_egress;
  bool quiet = false;            // no progress on stderr
};
int run_file(const RunOptions& options);

int validate_files(const std::vector<std::string>& files, bool json);
int list_nodes(const std::string& type, bool json);
int explain(const std::string& code, bool json);
int show_config(const Settings& settings, bool json);

struct KeyOptions {
  std::string role;
  std::string name;
  std::vector<std::string> scopes;
  std::string expires;  // a duration; empty: never
  std::string tenant;   // its name; empty: the house
  bool json = false;
};
int create_key(const Settings& settings, const KeyOptions& options);
int list_api_keys(const Settings& settings, const std::string& tenant, bool json);
int revoke_key(const Settings& settings, const std::string& tenant, const std::string& id);

// Users and tenants, in the database itself; also beside a running server. Passwords come as one line of standard input.
int list_users(const Settings& settings, bool json);
int create_user(const Settings& settings, const std::string& login, const std::string& role, const std::string& tenant);
int set_password(const Settings& settings, const std::string& login);
int set_active(const Settings& settings, const std::string& login, bool active);
int list_tenants(const Settings& settings, bool json);
int create_tenant(const Settings& settings, const std::string& name);

int list_audit(const Settings& settings, int limit, bool json);
int verify_audit(const Settings& settings);

// Credentials, in the database itself; also beside a running server. `reference` is an id or a name.
int list_credentials(const Settings& settings, bool json);
int create_credential(const Settings& settings, const std::string& file);  // the JSON of POST /api/v1/credentials
int test_credential(const Settings& settings, const std::string& reference, const std::string& url);
int delete_credential(const Settings& settings, const std::string& reference);

// What starts published workflows, in the database itself; also beside a running server. `id` is WORKFLOW:NODE.
int list_triggers(const Settings& settings, const std::string& tenant, bool json);
int switch_trigger(const Settings& settings, const std::string& tenant, const std::string& id, bool on);
int show_next_runs(const Settings& settings, const std::string& tenant, const std::string& id, int count, bool json);
int show_history(const Settings& settings, const std::string& tenant, const std::string& id, int limit, bool json);

// The master keys; also beside a running server.
int list_keys(const Settings& settings, bool json);
int rotate_keys(const Settings& settings);
int drop_key(const Settings& settings, const std::string& id);

// Copies of the SQLite database while the server runs; back into place while it does not.
int backup(const Settings& settings, const std::string& file);
int restore(const Settings& settings, const std::string& file);
// Looks for what must never be: a damaged file, a journal that contradicts its execution. Also beside a running server.
int doctor(const Settings& settings, int limit, bool json);

// A script for `eval` or the completion folder: bash, zsh or fish.
int print_completion(const std::string& shell);

// ── shared by them
[[nodiscard]] std::string program_version();
// "mbflow: message" on stderr; returns exit_invalid.
int complain(const Error& error);
[[nodiscard]] Result<std::string> read_text(const std::string& path);  // "-" is standard input; error file.read

}  // namespace mbflow::app
