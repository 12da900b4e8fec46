// A run of one shape, the moments at which it could have been cut off, and what must hold after each of them.
#pragma once

#include "power/world.h"
#include "store/sqlite/testing/fault_vfs.h"

#include <filesystem>

namespace mbflow::power {

class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void fill(const store::sqlite::FaultDisk::Files& files) const;
  [[nodiscard]] std::string file() const { return (path_ / "flows.db").string(); }

 private:
  std::filesystem::path path_;
};

// What is known of a run at the moment when it was cut off.
struct Cut {
  store::sqlite::FaultDisk::Moment disk;
  Ledger::Seen seen;
  int lives = 1;  // so far
};

struct Counts {
  int kills = 0, power_cuts = 0, double_cuts = 0;
  std::size_t acknowledged = 0;  // over all cuts
};

class Trial {
 public:
  Trial(std::string name, Value document) : name_(std::move(name)), document_(std::move(document)) {}

  // Undisturbed: what every other run must come to.
  void run_whole();
  // Its moments, on a disk that may lie.
  [[nodiscard]] std::vector<Cut> run_watched(bool lying = false);
  // Goes on from what is on the disk; the first thing that does not hold, or empty. With `cuts`, its own moments.
  [[nodiscard]] std::string recover(const Cut& cut, const store::sqlite::FaultDisk::Files& files, std::vector<Cut>* cuts = nullptr);

 private:
  using Done = std::map<std::string, std::set<std::string>>;  // nodes finished, by execution
  [[nodiscard]] std::string check(const Cut& cut, const Done& before, const std::vector<Life::Found>& found, const Ledger::Seen& after) const;
  [[nodiscard]] std::string check_calls(const Cut& cut, const Done& before, const Ledger::Seen& after) const;

  std::string name_;
  Value document_;
  std::map<std::int64_t, Outcome> expected_;        // by n
  std::map<std::string, std::size_t> usual_calls_;  // of one execution, by node
  std::set<std::string> at_most_once_;              // nodes
};

}  // namespace mbflow::power
