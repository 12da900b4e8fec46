#include "power/trial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace mbflow::power {
namespace {

using store::sqlite::FaultDisk;

constexpr std::int64_t executions = 3;

// Memory, where there is such a disk: what is tested is what is written, not how fast.
std::filesystem::path base_folder() {
  const std::filesystem::path memory = "/dev/shm";
  std::error_code none;
  return std::filesystem::is_directory(memory, none) ? memory : std::filesystem::temp_directory_path();
}

std::string place(const std::string& execution, const std::string& node) { return execution + " node " + node; }

}  // namespace

Folder::Folder() {
  auto pattern = (base_folder() / "mbflow-power-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void Folder::fill(const FaultDisk::Files& files) const {
  for (const auto& [name, content] : files) {
    if (!name.starts_with("flows.db")) continue;
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << content;
  }
}

void Trial::run_whole() {
  for (const auto& node : document_["nodes"].elements()) {
    if (node["on_unknown"].as_string() == "hold") at_most_once_.insert(std::string(node["id"].as_string()));
  }
  Folder folder;
  Ledger ledger;
  Life life(folder.file(), 1, ledger);
  ASSERT_TRUE(life.opened().ok());
  life.save(document_);
  for (std::int64_t n = 1; n <= executions; ++n) life.start(n);
  ASSERT_TRUE(life.run()) << name_;
  std::map<std::string, std::map<std::string, std::size_t>> calls;
  for (const auto& call : ledger.seen().calls) ++calls[call.execution][call.node];
  for (const auto& [execution, by_node] : calls) {
    for (const auto& [node, count] : by_node) usual_calls_[node] = std::max(usual_calls_[node], count);
  }
  for (const auto& found : life.look()) expected_[found.n] = found.outcome;
  ASSERT_EQ(expected_.size(), static_cast<std::size_t>(executions)) << name_;
}

std::vector<Cut> Trial::run_watched(bool lying) {
  Folder folder;
  Ledger ledger;
  std::vector<Cut> cuts;
  FaultDisk disk;
  {
    Life life(folder.file(), 2, ledger);
    EXPECT_TRUE(life.opened().ok());
    life.save(document_);
    if (lying) disk.lie();
    disk.watch([&](const FaultDisk::Moment& moment) { cuts.push_back({moment, ledger.seen()}); });
    for (std::int64_t n = 1; n <= executions; ++n) life.start(n);
    EXPECT_TRUE(life.run()) << name_;
    disk.watch({});
  }
  return cuts;
}

std::string Trial::recover(const Cut& cut, const FaultDisk::Files& files, std::vector<Cut>* cuts) {
  Folder folder;
  folder.fill(files);
  Ledger ledger;
  std::string fault;
  std::optional<FaultDisk> disk;
  if (cuts) disk.emplace().know_blobs(folder.file());
  {
    Life life(folder.file(), static_cast<std::uint64_t>(cut.lives) + 2, ledger);
    if (!life.opened()) return "the database cannot be opened: " + life.opened().error().message;
    life.remember(cut.seen.calls);
    if (disk) {
      disk->watch([&](const FaultDisk::Moment& moment) {
        Cut again{moment, ledger.seen(), cut.lives + 1};
        again.seen.acknowledged = cut.seen.acknowledged;
        again.seen.calls.insert(again.seen.calls.begin(), cut.seen.calls.begin(), cut.seen.calls.end());
        cuts->push_back(std::move(again));
      });
    }
    Done before;
    for (auto& found : life.look()) before[found.id.to_string()] = std::move(found.finished);
    if (!life.run()) return "it does not come to an end";
    if (disk) disk->watch({});
    fault = check(cut, before, life.look(), ledger.seen());
  }
  if (!fault.empty()) return fault;
  const auto whole = store::check_sqlite_file(folder.file());
  return whole ? std::string() : whole.error().message;
}

std::string Trial::check(const Cut& cut, const Done& before, const std::vector<Life::Found>& found, const Ledger::Seen& after) const {
  for (const auto& id : cut.seen.acknowledged) {
    const bool there = std::ranges::any_of(found, [&](const Life::Found& one) { return one.id == id; });
    if (!there) return id.to_string() + " was acknowledged and is gone";
  }
  for (const auto& one : found) {
    const bool held = one.outcome.status == ExecutionStatus::held && !at_most_once_.empty();
    if (!held && one.outcome != expected_.at(one.n)) {
      return one.id.to_string() + " came to " + std::string(to_string(one.outcome.status)) + " " + one.outcome.output.substr(0, 200) +
             " instead of " + std::string(to_string(expected_.at(one.n).status)) + " " + expected_.at(one.n).output.substr(0, 200);
    }
  }
  return check_calls(cut, before, after);
}

std::string Trial::check_calls(const Cut& cut, const Done& before, const Ledger::Seen& after) const {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> keys;  // of all lives, by execution and node
  for (const auto& call : cut.seen.calls) keys[{call.execution, call.node}].push_back(call.key);
  for (const auto& call : after.calls) {
    const auto done = before.find(call.execution);
    const bool again = done != before.end() && done->second.contains(call.node);
    if (again) return place(call.execution, call.node) + " had finished and was called again";
    keys[{call.execution, call.node}].push_back(call.key);
  }
  for (auto& [where, sent] : keys) {
    const auto usual = usual_calls_.find(where.second);
    const std::size_t most = usual == usual_calls_.end() ? 0 : usual->second;
    if (sent.size() > most * static_cast<std::size_t>(cut.lives + 1)) return place(where.first, where.second) + " was called too often";
    if (at_most_once_.contains(where.second) && sent.size() > 1) return place(where.first, where.second) + " was called twice";
    std::ranges::sort(sent);
    const auto distinct = static_cast<std::size_t>(std::ranges::distance(sent.begin(), std::ranges::unique(sent).begin()));
    if (distinct > most) return place(where.first, where.second) + " was called again with another key";
  }
  return {};
}

}  // namespace mbflow::power
