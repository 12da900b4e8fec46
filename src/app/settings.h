// Settings of the program and where each came from: flag > MBFLOW_* environment > configuration file > default.
#pragma once

#include <mbflow/result.h>
#include <mbflow/value.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mbflow::app {

struct Setting {
  std::string_view name;         // "allow-egress": the flag; MBFLOW_ALLOW_EGRESS and allow_egress elsewhere
  std::string_view description;
  std::string_view otherwise;    // the default
  bool is_list = false;          // flag: repeated; environment: separated by commas; file: a list
};

// Every setting there is, in the order shown.
[[nodiscard]] const std::vector<Setting>& all_settings();

class Settings {
 public:
  // `flags` as given on the command line, by name. Reads the environment and the file (`config`, or MBFLOW_CONFIG).
  // Errors: config.file, config.unknown_key.
  [[nodiscard]] static Result<Settings> load(std::map<std::string, std::vector<std::string>, std::less<>> flags);

  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
  [[nodiscard]] Result<int> number(std::string_view name, int low, int high) const;  // error config.value
  [[nodiscard]] std::string origin(std::string_view name) const;  // "flag --data", "MBFLOW_DATA", "file x.yaml", "default"

 private:
  struct Entry {
    std::vector<std::string> values;
    std::string origin;
  };
  std::map<std::string, Entry, std::less<>> entries_;
};

// "127.0.0.1:8080", "[::1]:0". Error config.listen.
struct Listen {
  std::string address;
  std::uint16_t port = 0;
  [[nodiscard]] bool is_loopback() const;
};
[[nodiscard]] Result<Listen> parse_listen(std::string_view text);

}  // namespace mbflow::app
