#include "server/janitor.h"

#include "server/once.h"

namespace mbflow::server {
namespace {

constexpr Duration every = std::chrono::minutes(1);
constexpr Duration between = std::chrono::milliseconds(20);  // of two steps: others write too
constexpr int page = 200;
constexpr std::int64_t mebibyte = 1 << 20;
constexpr int longest_known = 30;  // days

int number(const Value& retention, std::string_view name, int otherwise) {
  const Value* given = retention.find(name);
  return given ? static_cast<int>(given->as_integer()) : otherwise;
}

}  // namespace

Janitor::Janitor(runtime::Services& services, runtime::Runtime& runtime, Loop& loop, TenantId house, Retention retention,
                 SessionRules sessions, std::function<void(const Error&)> on_error)
    : services_(services), runtime_(runtime), loop_(loop), house_(house), retention_(retention), sessions_(std::move(sessions)), on_error_(std::move(on_error)) {}

Task<void> Janitor::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    auto cleaned = co_await clean(stop);
    Result<void> collected;
    if (cleaned) collected = co_await collect_blobs(stop);
    if (!collected && on_error_) on_error_(collected.error());
    if (!cleaned && on_error_) on_error_(cleaned.error());  // it passes, or is told again in a minute
    if (!co_await sleep_for(loop_, every, stop)) break;
  }
}

Timestamp Janitor::before(int days) const {
  return days > 0 ? services_.env.now() - days * std::chrono::hours(24) : Timestamp{};
}

Task<Result<int>> Janitor::clean(std::stop_token stop) {
  MBF_CO_TRY(const auto tenants, co_await services_.store.directory().tenants());
  MBF_CO_TRY(int gone, co_await clean_tenant(house_, stop));
  for (const auto& tenant : tenants) {
    if (tenant.id == house_) continue;
    MBF_CO_TRY(const int more, co_await clean_tenant(tenant.id, stop));
    gone += more;
  }
  const Timestamp now = services_.env.now();
  for (int receipts = page; receipts == page && !stop.stop_requested();) {
    MBF_CO_TRY(receipts, co_await services_.store.expire_receipts(now - receipt_life, page));
  }
  for (int sessions = page; sessions == page && !stop.stop_requested();) {
    MBF_CO_TRY(sessions, co_await services_.store.directory().expire_sessions(now - sessions_.lifetime, now - sessions_.idle, page));
  }
  MBF_CO_CHECK(co_await forget_messages(stop));
  co_return gone;
}

Task<Result<int>> Janitor::clean_tenant(TenantId tenant, std::stop_token stop) {
  int gone = 0;
  for (const bool deleted : {false, true}) {
    store::WorkflowFilter filter;
    filter.deleted = deleted;
    filter.limit = page;
    std::vector<store::WorkflowRecord> records;
    do {
      MBF_CO_TRY(records, co_await services_.store.workflows(tenant, filter));
      for (auto& record : records) {
        filter.before = record.id;
        MBF_CO_TRY(const int more, co_await clean_workflow(std::move(record), stop));
        gone += more;
      }
    } while (records.size() == page && !stop.stop_requested());
  }
  store::Expiry unsaved;  // runs of documents that were never saved as workflows
  unsaved.tenant = tenant;
  unsaved.workflow = WorkflowId();
  unsaved.before = before(retention_.days);
  unsaved.keep = retention_.count;
  unsaved.bytes = retention_.mebibytes * mebibyte;
  MBF_CO_TRY(const int more, co_await expire(std::move(unsaved), stop));
  store::Expiry all;
  all.tenant = tenant;
  all.bytes = retention_.mebibytes_total * mebibyte;
  MBF_CO_TRY(const int beyond, co_await expire(std::move(all), stop));
  co_return gone + more + beyond;
}

// As long as history is kept, but a month at most: that long a message that is sent again is known.
Task<Result<void>> Janitor::forget_messages(std::stop_token stop) {
  const Timestamp oldest = before(retention_.days > 0 ? std::min(retention_.days, longest_known) : longest_known);
  for (int gone = page; gone == page && !stop.stop_requested();) {
    MBF_CO_TRY(gone, co_await services_.store.forget_messages(oldest, page));
  }
  co_return {};
}

Task<Result<int>> Janitor::clean_workflow(store::WorkflowRecord record, std::stop_token stop) {
  auto program = co_await runtime_.program(record.tenant, record.id, record.version);
  // One that cannot be prepared any more keeps its history by the rule of the installation.
  const Value own = program ? (*program)->plan->workflow.settings.rest["retention"] : Value();
  store::Expiry expiry;
  expiry.tenant = record.tenant;
  expiry.workflow = record.id;
  expiry.before = before(number(own, "days", own.is_null() ? retention_.days : 0));
  expiry.keep = number(own, "count", own.is_null() ? retention_.count : 0);
  expiry.bytes = number(own, "size", own.is_null() ? retention_.mebibytes : 0) * mebibyte;
  co_return co_await expire(std::move(expiry), stop);
}

Task<Result<int>> Janitor::expire(store::Expiry expiry, std::stop_token stop) {
  int gone = 0;
  const bool nothing = expiry.before == Timestamp{} && expiry.keep == 0 && expiry.bytes == 0;
  while (!nothing && !stop.stop_requested()) {
    MBF_CO_TRY(const int more, co_await services_.store.expire(expiry));
    gone += more;
    services_.counters.expired += static_cast<std::uint64_t>(more);
    if (more < expiry.limit) break;
    if (!co_await sleep_for(loop_, between, stop)) break;
  }
  co_return gone;
}

Task<Result<void>> Janitor::collect_blobs(std::stop_token stop) {
  for (bool more = true; more && !stop.stop_requested();) {
    MBF_CO_TRY(const auto step, co_await services_.store.collect_blobs(retention_.blob_grace));
    more = step.more;
    if (step.gone > 0) (void)co_await sleep_for(loop_, between, stop);
  }
  co_return {};
}

}  // namespace mbflow::server
