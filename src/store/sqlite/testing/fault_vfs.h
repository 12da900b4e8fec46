// A disk that fails when told to, for tests: a layer over SQLite's own file system layer, and over that of blobs. While one of these
// exists, files are opened through it. One at a time; its calls are for any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace mbflow::store::sqlite {

struct Change;

class FaultDisk {
 public:
  FaultDisk();
  ~FaultDisk();
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;

  // From the n-th one on (1: the next) they fail, until heal().
  void fail_syncs(std::int64_t from);
  void fail_writes(std::int64_t from);  // an I/O error
  void fill_up(std::int64_t from);      // writes and growth find no space
  void heal();

  // What was written and what is synced, at one moment. Contents by file name; of what is in the folder of blobs, by its place there
  // ("flows.db.blobs/ab/…").
  using Files = std::map<std::string, std::string>;
  class Moment {
   public:
    // What a disk holds when the program is killed then: all that was written.
    [[nodiscard]] Files after_kill() const;
    // When the power is cut: of what was not synced an arbitrary part, pieces of it torn.
    [[nodiscard]] Files after_power_cut(std::uint64_t seed) const;

   private:
    friend class FaultDisk;
    struct File {
      std::shared_ptr<const std::string> synced;
      std::vector<std::shared_ptr<const Change>> pending;
    };
    template <class Choose, class Rename>
    [[nodiscard]] Files files(Choose bytes_kept, Rename has_new_name) const;
    std::map<std::string, File> files_;
    std::map<std::string, std::string> renamed_;  // new name → old one, while the folder is not synced
  };
  // The blobs that are beside a database already, and on the disk.
  void know_blobs(const std::string& database);
  // Called before each write, sync and truncation, on the thread that makes it.
  void watch(std::function<void(const Moment&)> before_each);
  // From here on syncs are reported and not made, as some disks do.
  void lie();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace mbflow::store::sqlite
