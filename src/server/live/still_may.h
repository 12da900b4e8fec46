// What is watched is watched for long: whether who watches still may is asked again when anything about that has changed.
#pragma once

#include "server/api.h"

namespace mbflow::server {

class StillMay {
 public:
  StillMay(Api& api, const Call& call);
  // False: the key was revoked, the session is over, or what they may has changed. Cheap where nothing did.
  [[nodiscard]] Task<bool> holds();

 private:
  Api& api_;
  net::Request head_;  // what proves who calls
  Identity who_;
  std::uint64_t version_;
  Timestamp asked_;
};

}  // namespace mbflow::server
