// The command line as CLI11 reads it: the one file that sees that library.
#include "app/cli.h"

#include "app/commands.h"
#include "app/mock_api.h"
#include "expr/sandbox.h"

#include <CLI/CLI.hpp>

namespace mbflow::app {
namespace {

using Flags = std::map<std::string, std::vector<std::string>, std::less<>>;

// `names`: which of them; none: all.
void add_settings(CLI::App& command, Flags& flags, std::initializer_list<std::string_view> names = {}) {
  command.add_option("--config", flags["config"], "a YAML file of settings")->type_name("FILE");
  for (const auto& setting : all_settings()) {
    if (names.size() > 0 && std::find(names.begin(), names.end(), setting.name) == names.end()) continue;
    auto* option = command.add_option("--" + std::string(setting.name), flags[std::string(setting.name)], std::string(setting.description));
    if (!setting.otherwise.empty()) option->default_str(std::string(setting.otherwise));
    option->type_name(setting.is_list ? "VALUE…" : "VALUE");
    // A list is given by repeating the flag: `--allow-egress A FILE` must not swallow what follows.
    option->expected(1)->allow_extra_args(false);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
}

// What one invocation asks for, filled by the parser.
struct Invocation {
  Flags flags;
  RunOptions run;
  KeyOptions key;
  std::vector<std::string> files;
  std::string word;
  std::string url;
  std::string listen = "127.0.0.1:8090";
  int limit = 10'000;
  int rows = 50;
  bool json = false;
};

using Action = int (*)(Invocation&);

int with_settings(Invocation& invocation, int (*action)(const Settings&, Invocation&)) {
  auto settings = Settings::load(std::move(invocation.flags));
  return settings ? action(*settings, invocation) : complain(settings.error());
}

int do_serve(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation&) { return serve(s); });
}
int do_config(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return show_config(s, in.json); });
}
int do_key_create(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) {
    in.key.json = in.json;
    return create_key(s, in.key);
  });
}
int do_key_list(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return list_api_keys(s, in.key.tenant, in.json); });
}
int do_key_revoke(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return revoke_key(s, in.key.tenant, in.word); });
}
int do_users_list(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return list_users(s, in.json); });
}
int do_users_create(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return create_user(s, in.word, in.key.role, in.key.tenant); });
}
int do_users_password(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return set_password(s, in.word); });
}
int do_users_activate(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return set_active(s, in.word, true); });
}
int do_users_deactivate(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return set_active(s, in.word, false); });
}
int do_tenants_list(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return list_tenants(s, in.json); });
}
int do_tenants_create(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return create_tenant(s, in.word); });
}
int do_audit_list(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return list_audit(s, in.rows, in.json); });
}
int do_audit_verify(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation&) { return verify_audit(s); });
}
int do_keys_list(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return list_keys(s, in.json); });
}
int do_keys_rotate(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation&) { return rotate_keys(s); });
}
int do_keys_drop(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return drop_key(s, in.word); });
}
int do_credentials_list(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return list_credentials(s, in.json); });
}
int do_credentials_create(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return create_credential(s, in.word); });
}
int do_credentials_test(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return test_credential(s, in.word, in.url); });
}
int do_credentials_delete(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return delete_credential(s, in.word); });
}
int do_triggers_list(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return list_triggers(s, in.key.tenant, in.json); });
}
int do_triggers_enable(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return switch_trigger(s, in.key.tenant, in.word, true); });
}
int do_triggers_disable(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return switch_trigger(s, in.key.tenant, in.word, false); });
}
int do_triggers_next(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return show_next_runs(s, in.key.tenant, in.word, in.rows, in.json); });
}
int do_triggers_history(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return show_history(s, in.key.tenant, in.word, in.rows, in.json); });
}
int do_backup(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return backup(s, in.word); });
}
int do_restore(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return restore(s, in.word); });
}
int do_doctor(Invocation& i) {
  return with_settings(i, [](const Settings& s, Invocation& in) { return doctor(s, in.limit, in.json); });
}
int do_run(Invocation& i) { return run_file(i.run); }
int do_validate(Invocation& i) { return validate_files(i.files, i.json); }
int do_nodes(Invocation& i) { return list_nodes(i.word, i.json); }
int do_explain(Invocation& i) { return explain(i.word, i.json); }
int do_completion(Invocation& i) { return print_completion(i.word); }
int do_mock_api(Invocation& i) { return mock_api_main(i.listen); }

CLI::App* add_command(CLI::App& parent, const char* name, const char* text, Action action, Action& chosen) {
  auto* command = parent.add_subcommand(name, text);
  command->callback([action, &chosen] { chosen = action; });
  return command;
}

void add_run(CLI::App& app, Invocation& i, Action& chosen) {
  auto* run = add_command(app, "run", "run a workflow file here, without a server; the result goes to stdout", do_run, chosen);
  run->add_option("file", i.run.file, "workflow, JSON or YAML; - is standard input")->required();
  run->add_option("--input", i.run.input, "JSON, @FILE or @- : an array gives an item each element");
  run->add_option("--set", i.run.set, "NAME=VALUE: sets a variable of the workflow")->allow_extra_args(false);
  run->add_option("--allow-egress", i.run.allow_egress, "CIDR[:PORT] that nodes may call although it is not public")->allow_extra_args(false);
  run->add_flag("--quiet,-q", i.run.quiet, "no progress on stderr");
  run->add_flag("--json", i.json, "accepted for symmetry: the result is JSON always");
}

void add_upkeep(CLI::App& app, Invocation& i, Action& chosen) {
  auto* backup = add_command(app, "backup", "copy the SQLite database, also while the server runs", do_backup, chosen);
  backup->add_option("file", i.word, "the copy to make; must not exist")->required();
  add_settings(*backup, i.flags, {"data", "database"});
  auto* restore = add_command(app, "restore", "put a backup in the place of the SQLite database", do_restore, chosen);
  restore->add_option("file", i.word, "the backup")->required();
  add_settings(*restore, i.flags, {"data", "database"});
  auto* doctor = add_command(app, "doctor", "look for damage and contradictions, also while the server runs", do_doctor, chosen);
  doctor->add_option("--limit", i.limit, "executions to look at, the newest")->check(CLI::Range(0, 10'000'000));
  doctor->add_flag("--json", i.json, "as JSON");
  add_settings(*doctor, i.flags, {"data", "database"});
}

void add_keys(CLI::App& app, Invocation& i, Action& chosen) {
  auto* keys = app.add_subcommand("keys", "the master keys that seal credentials")->require_subcommand(1);
  auto* list = add_command(*keys, "list", "the keys, and how much is sealed with each", do_keys_list, chosen);
  list->add_flag("--json", i.json, "as JSON");
  auto* rotate = add_command(*keys, "rotate", "make a new key and seal everything with it, also while the server runs", do_keys_rotate, chosen);
  auto* drop = add_command(*keys, "drop", "take a key that seals nothing any more out of the file", do_keys_drop, chosen);
  drop->add_option("id", i.word, "as `mbflow keys list` shows it")->required();
  for (auto* command : {list, rotate, drop}) add_settings(*command, i.flags, {"data", "database", "keys-file"});
}

void add_credentials(CLI::App& app, Invocation& i, Action& chosen) {
  auto* credentials = app.add_subcommand("credentials", "what workflows prove themselves with to other servers")->require_subcommand(1);
  auto* list = add_command(*credentials, "list", "all of them, without their secrets", do_credentials_list, chosen);
  list->add_flag("--json", i.json, "as JSON");
  auto* create = add_command(*credentials, "create", "make one from JSON, also while the server runs", do_credentials_create, chosen);
  create->add_option("file", i.word, "{\"name\", \"type\", \"fields\", \"origins\"}; - is standard input")->required();
  auto* test = add_command(*credentials, "test", "call an address with one, or get its token", do_credentials_test, chosen);
  test->add_option("credential", i.word, "its id or name")->required();
  test->add_option("--url", i.url, "the address, one of its origins");
  auto* remove = add_command(*credentials, "delete", "delete one", do_credentials_delete, chosen);
  remove->add_option("credential", i.word, "its id or name")->required();
  for (auto* command : {list, create, remove}) add_settings(*command, i.flags, {"data", "database", "keys-file"});
  add_settings(*test, i.flags, {"data", "database", "keys-file", "allow-egress"});
}

void add_triggers(CLI::App& app, Invocation& i, Action& chosen) {
  auto* triggers = app.add_subcommand("triggers", "what starts published workflows")->require_subcommand(1);
  auto* list = add_command(*triggers, "list", "all of them, and whether they are switched on", do_triggers_list, chosen);
  auto* enable = add_command(*triggers, "enable", "switch one on, also while the server runs", do_triggers_enable, chosen);
  auto* disable = add_command(*triggers, "disable", "switch one off until it is switched on, also while the server runs", do_triggers_disable, chosen);
  auto* next = add_command(*triggers, "next", "when a schedule runs next", do_triggers_next, chosen);
  auto* history = add_command(*triggers, "history", "what one started, the newest first", do_triggers_history, chosen);
  for (auto* command : {enable, disable, next, history}) command->add_option("trigger", i.word, "WORKFLOW:NODE, as `mbflow triggers list` shows it")->required();
  for (auto* command : {next, history}) command->add_option("--limit", i.rows, "how many")->check(CLI::Range(1, 200));
  for (auto* command : {list, next, history}) command->add_flag("--json", i.json, "as JSON");
  for (auto* command : {list, enable, disable, next, history}) {
    add_settings(*command, i.flags, {"data", "database"});
    command->add_option("--tenant", i.key.tenant, "whose; the house when it is left out");
  }
}

void add_key(CLI::App& app, Invocation& i, Action& chosen) {
  auto* key = app.add_subcommand("key", "API keys")->require_subcommand(1);
  auto* create = add_command(*key, "create", "make a key and print it, also while the server runs", do_key_create, chosen);
  create->add_option("--role", i.key.role, "owner, admin, editor, operator or viewer")->required();
  create->add_option("--name", i.key.name, "whom or what it is for")->required();
  create->add_option("--scope", i.key.scopes, "PART:PERMISSION, such as workflows:read or *:read; only this of what its role may")->allow_extra_args(false);
  create->add_option("--expires", i.key.expires, "a duration such as 90d, after which it is over");
  create->add_flag("--json", i.json, "as JSON, with its id");
  auto* list = add_command(*key, "list", "the keys, without their secrets", do_key_list, chosen);
  list->add_flag("--json", i.json, "as JSON");
  auto* revoke = add_command(*key, "revoke", "end the use of a key, also while the server runs", do_key_revoke, chosen);
  revoke->add_option("id", i.word, "as `mbflow key list` shows it")->required();
  for (auto* command : {create, list, revoke}) {
    add_settings(*command, i.flags, {"data", "database"});
    command->add_option("--tenant", i.key.tenant, "whose; the house when it is left out");
  }
}

void add_users(CLI::App& app, Invocation& i, Action& chosen) {
  auto* users = app.add_subcommand("users", "who may sign in")->require_subcommand(1);
  auto* list = add_command(*users, "list", "all of them", do_users_list, chosen);
  list->add_flag("--json", i.json, "as JSON");
  auto* create = add_command(*users, "create", "make one; the password is one line of standard input", do_users_create, chosen);
  create->add_option("--role", i.key.role, "owner, admin, editor, operator or viewer")->required();
  create->add_option("--tenant", i.key.tenant, "where; the house when it is left out");
  auto* password = add_command(*users, "password", "set a new password, one line of standard input; ends all sessions", do_users_password, chosen);
  auto* activate = add_command(*users, "activate", "let a user in again", do_users_activate, chosen);
  auto* deactivate = add_command(*users, "deactivate", "keep a user out; ends all sessions", do_users_deactivate, chosen);
  for (auto* command : {create, password, activate, deactivate}) command->add_option("login", i.word, "what they sign in with")->required();
  for (auto* command : {list, create, password, activate, deactivate}) add_settings(*command, i.flags, {"data", "database"});
}

void add_access(CLI::App& app, Invocation& i, Action& chosen) {
  add_key(app, i, chosen);
  add_users(app, i, chosen);
  auto* tenants = app.add_subcommand("tenants", "those whose workflows, executions and credentials are apart")->require_subcommand(1);
  auto* tenant_list = add_command(*tenants, "list", "all of them", do_tenants_list, chosen);
  tenant_list->add_flag("--json", i.json, "as JSON");
  auto* tenant_create = add_command(*tenants, "create", "make one", do_tenants_create, chosen);
  tenant_create->add_option("name", i.word, "its name")->required();
  auto* audit = app.add_subcommand("audit", "what was done by whom")->require_subcommand(1);
  auto* rows = add_command(*audit, "list", "the newest rows first", do_audit_list, chosen);
  rows->add_option("--limit", i.rows, "how many")->check(CLI::Range(1, 1000));
  rows->add_flag("--json", i.json, "as JSON");
  auto* verify = add_command(*audit, "verify", "read the whole chain; fails when a row was changed or is missing", do_audit_verify, chosen);
  for (auto* command : {tenant_list, tenant_create, rows, verify}) add_settings(*command, i.flags, {"data", "database"});
}

void add_commands(CLI::App& app, Invocation& i, Action& chosen) {
  auto* server = add_command(app, "serve", "run the server", do_serve, chosen);
  add_settings(*server, i.flags);
  add_run(app, i, chosen);
  auto* validate = add_command(app, "validate", "check workflow files; every fault with file:line", do_validate, chosen);
  validate->add_option("files", i.files, "workflows, JSON or YAML")->required();
  validate->add_flag("--json", i.json, "one JSON report");
  auto* nodes = add_command(app, "nodes", "list the node types, or show one", do_nodes, chosen);
  nodes->add_option("type", i.word, "a node type");
  nodes->add_flag("--json", i.json, "the full definitions");
  auto* explain = add_command(app, "explain", "say what an error code means and what to do", do_explain, chosen);
  explain->add_option("code", i.word, "such as engine.cycle")->required();
  explain->add_flag("--json", i.json, "as JSON");
  auto* config = add_command(app, "config", "show every setting and where it comes from", do_config, chosen);
  add_settings(*config, i.flags);
  config->add_flag("--json", i.json, "as JSON");
  add_access(app, i, chosen);
  add_triggers(app, i, chosen);
  add_credentials(app, i, chosen);
  add_keys(app, i, chosen);
  add_upkeep(app, i, chosen);
  auto* completion = add_command(app, "completion", "print a completion script", do_completion, chosen);
  completion->add_option("shell", i.word, "bash, zsh or fish")->required();
  auto* mock = add_command(app, "mock-api", "serve the API that the samples call", do_mock_api, chosen);
  mock->add_option("--listen", i.listen, "ADDRESS:PORT")->capture_default_str();
}

}  // namespace

int run_command_line(int argc, char** argv) {
  // The jailed process: started by the engine only, and kept out of the parser.
  if (argc == 3 && std::string_view(argv[1]) == "jail") return expr::jail_main(std::atoi(argv[2]));
  CLI::App app("MBFlow: durable workflows", "mbflow");
  app.set_version_flag("--version,-V", "mbflow " + program_version());
  app.require_subcommand(1);
  app.add_subcommand("help", "this help")->callback([] { throw CLI::CallForHelp(); });
  Invocation invocation;
  Action chosen = nullptr;
  add_commands(app, invocation, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    return app.exit(stop) == 0 ? exit_ok : exit_invalid;
  }
  return chosen ? chosen(invocation) : exit_invalid;
}

}  // namespace mbflow::app
