#include "store/lanes.h"

#include <gtest/gtest.h>

namespace mbflow::store {
namespace {

Lane lane(int tenant, int workflow, int room) {
  Lane made;
  made.tenant.bytes[0] = static_cast<std::uint8_t>(tenant);
  made.workflow.bytes[0] = static_cast<std::uint8_t>(workflow);
  made.room = room;
  return made;
}

TEST(ShareOut, GivesATenantWithOneLaneAsMuchAsOneWithMany) {
  const std::vector<Lane> lanes{lane(1, 1, 1000), lane(1, 2, 1000), lane(1, 3, 1000), lane(2, 4, 1000)};
  EXPECT_EQ(share_out(lanes, 60), (std::vector<int>{10, 10, 10, 30}));
}

TEST(ShareOut, GivesAWorkflowWithOneKeyAsMuchAsOneWithMany) {
  const std::vector<Lane> lanes{lane(1, 1, 1000), lane(1, 1, 1000), lane(1, 2, 1000)};
  EXPECT_EQ(share_out(lanes, 40), (std::vector<int>{10, 10, 20}));
}

TEST(ShareOut, GivesWhatSomeDoNotNeedToTheOthers) {
  const std::vector<Lane> lanes{lane(1, 1, 1), lane(2, 2, 0), lane(3, 3, 1000)};
  EXPECT_EQ(share_out(lanes, 10), (std::vector<int>{1, 0, 9}));
}

TEST(ShareOut, TakesAllWhenThereIsRoomForAll) {
  const std::vector<Lane> lanes{lane(1, 1, 2), lane(2, 2, 3)};
  EXPECT_EQ(share_out(lanes, 100), (std::vector<int>{2, 3}));
  EXPECT_EQ(share_out({}, 100), std::vector<int>{});
}

}  // namespace
}  // namespace mbflow::store
