#include "app/commands.h"

#include <cstdio>

namespace mbflow::app {
namespace {

constexpr std::string_view commands = "serve run validate nodes explain config key completion mock-api help";

std::string flags_of_settings() {
  std::string flags = "--config --json --help";
  for (const auto& setting : all_settings()) flags += " --" + std::string(setting.name);
  return flags;
}

std::string bash() {
  return "_mbflow() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" command=\"${COMP_WORDS[1]}\"\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then COMPREPLY=($(compgen -W \"" + std::string(commands) + " --version\" -- \"$word\")); return; fi\n"
         "  case \"$command\" in\n"
         "    serve|config) COMPREPLY=($(compgen -W \"" + flags_of_settings() + "\" -- \"$word\")) ;;\n"
         "    key) COMPREPLY=($(compgen -W \"create --data --role --name --json\" -- \"$word\")) ;;\n"
         "    nodes) COMPREPLY=($(compgen -W \"$(mbflow nodes 2>/dev/null | cut -d' ' -f1) --json\" -- \"$word\")) ;;\n"
         "    run) COMPREPLY=($(compgen -f -W \"--input --set --allow-egress --quiet\" -- \"$word\")) ;;\n"
         "    completion) COMPREPLY=($(compgen -W \"bash zsh fish\" -- \"$word\")) ;;\n"
         "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
         "  esac\n"
         "}\n"
         "complete -o default -F _mbflow mbflow\n";
}

std::string fish() {
  std::string script = "complete -c mbflow -n __fish_use_subcommand -f -a '" + std::string(commands) + "'\n";
  script += "complete -c mbflow -n '__fish_seen_subcommand_from nodes' -f -a '(mbflow nodes | string split -f1 \" \")'\n";
  script += "complete -c mbflow -n '__fish_seen_subcommand_from key' -f -a create\n";
  for (const auto& setting : all_settings()) {
    script += "complete -c mbflow -n '__fish_seen_subcommand_from serve config' -l " + std::string(setting.name) + " -r -d '" + std::string(setting.description) + "'\n";
  }
  return script;
}

}  // namespace

int print_completion(const std::string& shell) {
  if (shell == "bash") std::fputs(bash().c_str(), stdout);
  else if (shell == "zsh") std::fputs(("autoload -U +X bashcompinit && bashcompinit\n" + bash()).c_str(), stdout);
  else if (shell == "fish") std::fputs(fish().c_str(), stdout);
  else return complain(fail(Kind::invalid, "completion.shell", "there are completions for bash, zsh and fish"));
  return exit_ok;
}

}  // namespace mbflow::app
