// Lets go of history that nobody wants to keep: by the rule of the installation, and by settings.retention of a workflow, which
// goes before it. Never of what has not ended. And of sessions that are over. Of one loop; several processes may do it at the same time.
#pragma once

#include "runtime/runtime.h"
#include "server/auth.h"

namespace mbflow::server {

struct Retention {
  int days = 0;   // 0: however old
  int count = 0;  // 0: however many, of each workflow
  int mebibytes = 0;        // 0: however large, of each workflow
  int mebibytes_total = 0;  // 0: however large, of all of them
  Duration blob_grace = std::chrono::hours(1);
};

class Janitor {
 public:
  Janitor(runtime::Services& services, runtime::Runtime& runtime, Loop& loop, TenantId house, Retention retention,
          SessionRules sessions, std::function<void(const Error&)> on_error);

  [[nodiscard]] Task<void> run(std::stop_token stop);
  // Everything that may go now, in small steps; how many went.
  [[nodiscard]] Task<Result<int>> clean(std::stop_token stop);

 private:
  [[nodiscard]] Task<Result<int>> clean_tenant(TenantId tenant, std::stop_token stop);
  [[nodiscard]] Task<Result<void>> forget_messages(std::stop_token stop);
  [[nodiscard]] Task<Result<int>> clean_workflow(store::WorkflowRecord record, std::stop_token stop);
  [[nodiscard]] Task<Result<int>> expire(store::Expiry expiry, std::stop_token stop);
  [[nodiscard]] Task<Result<void>> collect_blobs(std::stop_token stop);
  [[nodiscard]] Timestamp before(int days) const;

  runtime::Services& services_;
  runtime::Runtime& runtime_;
  Loop& loop_;
  TenantId house_;
  Retention retention_;
  SessionRules sessions_;
  std::function<void(const Error&)> on_error_;
};

}  // namespace mbflow::server
