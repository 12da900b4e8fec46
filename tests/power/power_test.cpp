// Every moment at which the database is written, and what is found when the program or the machine stops there.
#include "power/trial.h"

#include <mbflow/json.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace mbflow::power {
namespace {

std::size_t number_from(const char* variable) {
  const char* given = std::getenv(variable);
  return given ? static_cast<std::size_t>(std::max(1, std::atoi(given))) : 1;
}

Value shapes() {
  std::ostringstream text;
  text << std::ifstream(MBFLOW_SHAPES).rdbuf();
  return *parse_json(text.str());
}

// `index` names one of the shapes, in their order.
Trial trial_of(std::size_t index) {
  const Value all = shapes();
  const auto& [name, shape] = all.members()[index];
  ObjectBuilder document(shape);
  document.set("name", name);
  return Trial(std::string(name.as_string()), document.build());
}

class Power : public testing::TestWithParam<std::size_t> {};

TEST_P(Power, WhatWasSaidHoldsWhereverItStops) {
  auto trial = trial_of(GetParam());
  trial.run_whole();
  const auto cuts = trial.run_watched();
  ASSERT_GT(cuts.size(), 10U);
  const auto step = number_from("MBFLOW_POWER_STEP"), cuts_at_each = number_from("MBFLOW_POWER_CUTS");
  Counts counts;
  for (std::size_t k = 0; k < cuts.size(); k += step) {
    const auto& cut = cuts[k];
    counts.acknowledged += cut.seen.acknowledged.size();
    const bool cut_again = k / step % 16 == 7;
    std::vector<Cut> second;
    ++counts.kills;
    ASSERT_EQ(trial.recover(cut, cut.disk.after_kill(), cut_again ? &second : nullptr), "") << "killed at operation " << k;
    for (std::size_t s = 0; s < second.size(); s += 3) {
      ++counts.double_cuts;
      ASSERT_EQ(trial.recover(second[s], second[s].disk.after_power_cut(s)), "") << "killed at operation " << k << ", power cut at " << s;
    }
    for (std::size_t n = 0; n < cuts_at_each; ++n) {
      const auto seed = k * 1000 + n;
      ++counts.power_cuts;
      ASSERT_EQ(trial.recover(cut, cut.disk.after_power_cut(seed)), "") << "power cut at operation " << k << ", seed " << seed;
    }
  }
  EXPECT_GT(counts.acknowledged, 0U);
  RecordProperty("kills", counts.kills);
  RecordProperty("power_cuts", counts.power_cuts);
  std::printf("%d kills, %d power cuts, %d more during recovery\n", counts.kills, counts.power_cuts, counts.double_cuts);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Power, testing::Range(std::size_t{0}, shapes().size()));

// The same on a disk that says it synced and did not: what was acknowledged must be missing, or the above proves nothing.
TEST(PowerOfALyingDisk, IsFoundOut) {
  auto trial = trial_of(0);
  trial.run_whole();
  const auto cuts = trial.run_watched(true);
  int faults = 0;
  for (std::size_t k = 0; k < cuts.size(); k += 3) faults += trial.recover(cuts[k], cuts[k].disk.after_power_cut(k)).empty() ? 0 : 1;
  EXPECT_GT(faults, 0);
}

}  // namespace
}  // namespace mbflow::power
