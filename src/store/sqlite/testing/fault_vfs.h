// A disk that fails when told to, for tests: a layer over SQLite's own file system layer. While one of these exists, files are
// opened through it. One at a time; its calls are for any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace mbflow::store::sqlite {

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

  // At the n-th write, sync or truncation the power is cut: of what was written and not synced, an arbitrary part is on the
  // disk, the last of it torn. What the disk holds then is written to files of the same names in `folder`, and `at_cut` is
  // called. The program itself goes on unaware.
  void cut_power(std::int64_t at, std::uint64_t seed, std::string folder, std::function<void()> at_cut);

  [[nodiscard]] std::int64_t operations() const;  // writes, syncs and truncations so far

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace mbflow::store::sqlite
