#include "app/settings.h"

#include "base/yaml.h"
#include "net/egress.h"

#include <mbflow/json.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace mbflow::app {
namespace {

std::string env_name(std::string_view name) {
  std::string out = "MBFLOW_";
  for (char c : name) out += c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return out;
}

std::string file_key(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string plain(const Value& value) { return value.is_string() ? std::string(value.as_string()) : write_json(value); }

Result<Value> read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail(Kind::invalid, "config.file", "the configuration file " + path + " cannot be read; check its path and rights");
  std::ostringstream text;
  text << file.rdbuf();
  auto parsed = parse_yaml(text.str());
  if (!parsed) return fail(Kind::invalid, "config.file", path + ": " + parsed.error().message);
  if (!parsed->value.is_object() && !parsed->value.is_null()) {
    return fail(Kind::invalid, "config.file", path + ": a list of `name: value` lines is expected");
  }
  return parsed->value;
}

const Setting* find_by_key(std::string_view key) {
  for (const auto& setting : all_settings()) {
    if (file_key(setting.name) == key) return &setting;
  }
  return nullptr;
}

}  // namespace

const std::vector<Setting>& all_settings() {
  static const std::vector<Setting> settings = {
      {"data", "folder of the database and everything else that is kept", "./mbflow-data"},
      {"listen", "ADDRESS:PORT to listen on; port 0 picks a free one", "127.0.0.1:8080"},
      {"database", "where executions are kept: sqlite:FILE or postgres://USER@HOST/NAME; empty: mbflow.db in the data folder", ""},
      {"keys-file", "the master keys that seal credentials; empty: keys in the data folder", ""},
      {"environment", "whose variables workflows see, above those of the environment default", "default"},
      {"roles", "what this process does of api, worker, scheduler; several processes over one PostgreSQL share them out", "api,worker,scheduler", true},
      {"lease", "seconds after which a process that gives no sign of life loses its executions to others", "30"},
      {"max-active", "executions that this process has in hand at a time; what comes beyond is queued in the database", "20000"},
      {"max-queued", "executions that may wait for room; what comes beyond is refused with 503", "100000"},
      {"allow-egress", "CIDR[:PORT] that nodes may call although it is not public", "", true},
      {"trusted-proxies", "CIDR of proxies before this server: whom their X-Forwarded-For names is the caller", "", true},
      {"public-url", "how browsers reach this server, such as https://flows.example.com; with https the cookie of a session goes over TLS only", ""},
      {"session-idle", "minutes after which a session that is not used is over", "720"},
      {"session-lifetime", "hours after which any session is over", "168"},
      {"rate-key", "calls a second that one key or user may make; 0: as many as come", "0"},
      {"rate-tenant", "calls a second that all of one tenant may make together; 0: as many as come", "0"},
      {"rate-workflow", "times a second that one workflow may be started by calls and webhooks; 0: as many as come", "0"},
      {"env", "names of environment variables that expressions see as $env", "", true},
      {"retention-days", "days that history is kept, unless the workflow says otherwise; 0: for ever", "30"},
      {"retention-count", "executions that are kept of each workflow, unless it says otherwise; 0: all", "0"},
      {"retention-size", "MiB of history that are kept of each workflow, unless it says otherwise; 0: all", "0"},
      {"retention-total", "MiB of history that are kept of all workflows together; 0: all", "0"},
      {"blob-grace", "seconds (at least 1) that data kept apart from journals stays although nothing refers to it; longer than a commit may take", "3600"},
      {"threads", "event loops; 0: one a processor", "0"},
      {"max-body", "largest request body in MiB", "16"},
      {"max-output", "most that one node may give, in MiB; beyond, its execution fails", "64"},
      {"max-execution", "most that the nodes of one execution may give together, in MiB; beyond, it fails", "256"},
      {"max-in-memory", "longest list, in MiB, that a node or an answer may need as a whole; all of them together get four times that", "64"},
      {"shutdown-timeout", "seconds that a stop waits for what is under way", "25"},
      {"take-over", "yes: the server that runs on this data folder hands its sockets over and ends, this one goes on in its place", "no"},
      {"log-level", "debug, info, warn or error", "info"},
  };
  return settings;
}

Result<Settings> Settings::load(std::map<std::string, std::vector<std::string>, std::less<>> flags) {
  Settings settings;
  for (const auto& setting : all_settings()) {
    Entry& entry = settings.entries_[std::string(setting.name)];
    if (!setting.otherwise.empty()) {
      entry.values = setting.is_list ? split(setting.otherwise) : std::vector{std::string(setting.otherwise)};
    }
    entry.origin = "default";
  }
  std::string path;
  if (const char* from_env = std::getenv("MBFLOW_CONFIG")) path = from_env;
  if (const auto flag = flags.find("config"); flag != flags.end() && !flag->second.empty()) path = flag->second.front();
  if (!path.empty()) {
    MBF_TRY(auto file, read_file(path));
    for (const auto& [key, value] : file.members()) {
      const Setting* setting = find_by_key(key.as_string());
      if (!setting) return fail(Kind::invalid, "config.unknown_key", path + ": there is no setting '" + std::string(key.as_string()) + "'; see `mbflow config`");
      std::vector<std::string> values;
      if (value.is_array()) for (const auto& one : value.elements()) values.push_back(plain(one));
      else values.push_back(plain(value));
      settings.entries_[std::string(setting->name)] = {std::move(values), "file " + path};
    }
  }
  for (const auto& setting : all_settings()) {
    Entry& entry = settings.entries_[std::string(setting.name)];
    if (const char* text = std::getenv(env_name(setting.name).c_str())) {
      entry = {setting.is_list ? split(text) : std::vector<std::string>{text}, env_name(setting.name)};
    }
    if (auto flag = flags.find(setting.name); flag != flags.end() && !flag->second.empty()) {
      entry = {{}, "flag --" + std::string(setting.name)};
      for (auto& given : flag->second) {
        if (!setting.is_list) entry.values.push_back(std::move(given));
        else std::ranges::move(split(given), std::back_inserter(entry.values));
      }
    }
  }
  return settings;
}

std::string Settings::text(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() || found->second.values.empty() ? std::string() : found->second.values.back();
}

std::vector<std::string> Settings::list(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? std::vector<std::string>() : found->second.values;
}

Result<int> Settings::number(std::string_view name, int low, int high) const {
  const std::string value = text(name);
  int number = 0;
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (failed == std::errc() && end == value.data() + value.size() && number >= low && number <= high) return number;
  return fail(Kind::invalid, "config.value",
              std::string(name) + " (" + origin(name) + ") must be a whole number from " + std::to_string(low) + " to " +
                  std::to_string(high) + ", not '" + value + "'");
}

std::string Settings::origin(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? "default" : found->second.origin;
}

bool Listen::is_loopback() const {
  const auto parsed = net::Address::parse(address);
  if (!parsed) return address == "localhost";
  return parsed->is_v4() ? parsed->bytes[12] == 127 : *parsed == *net::Address::parse("::1");
}

Result<Listen> parse_listen(std::string_view text) {
  const Error wrong = fail(Kind::invalid, "config.listen", "'" + std::string(text) + "' is no ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong;
  Listen listen;
  std::string_view address = text.substr(0, colon);
  if (address.size() >= 2 && address.front() == '[' && address.back() == ']') address = address.substr(1, address.size() - 2);
  const std::string_view port = text.substr(colon + 1);
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), listen.port);
  if (failed != std::errc() || end != port.data() + port.size() || address.empty()) return wrong;
  listen.address = address == "localhost" ? "127.0.0.1" : std::string(address);
  if (!net::Address::parse(listen.address)) return wrong;
  return listen;
}

}  // namespace mbflow::app
