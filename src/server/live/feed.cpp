#include "server/live/feed.h"

#include "server/routes/execution_search.h"
#include "server/routes/routes.h"

#include <mbflow/json.h>

#include <algorithm>

namespace mbflow::server {
namespace {

constexpr std::size_t kept_texts = 512;
constexpr std::size_t kept_bytes = 256 << 10;
constexpr std::size_t again_texts = 4'096;
constexpr std::size_t again_bytes = 512 << 10;
constexpr int newest_rows = 100;

}  // namespace

std::string Topic::key() const { return static_cast<char>(kind) + std::string(tenant.raw()) + std::string(id.raw()); }

void Feed::add(std::string text) {
  bytes_ += text.size();
  texts_.push_back(std::make_shared<const std::string>(std::move(text)));
  ++last_;
  while (texts_.size() > kept_texts || (bytes_ > kept_bytes && texts_.size() > 1)) {
    bytes_ -= texts_.front()->size();
    texts_.pop_front();
  }
}

void Feed::lose() {
  texts_.clear();
  bytes_ = 0;
  ++last_;
}

News Feed::after(std::uint64_t number) const {
  News news;
  if (number >= last_) return news;
  const std::uint64_t behind = last_ - number;
  news.lost = behind > texts_.size();
  news.texts.assign(texts_.end() - static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(behind, texts_.size())), texts_.end());
  news.last = last_;
  return news;
}

// What lies far behind is read by whoever wants it, not kept here.
Task<Result<void>> ExecutionFeed::begin(std::uint64_t after) {
  MBF_CO_TRY(const auto record, co_await api_.services.store.execution(topic.tenant, ExecutionId(topic.id)));
  const std::uint64_t near = record.last_seq - std::min<std::uint64_t>(record.last_seq, kept_texts);
  last_ = std::min<std::uint64_t>(std::max(after, near), record.last_seq);
  co_return co_await read();
}

Task<Result<void>> ExecutionFeed::read() {
  auto program = program_;
  MBF_CO_TRY(auto tail, co_await api_.runtime.tail(topic.tenant, ExecutionId(topic.id), static_cast<std::uint32_t>(last_), std::move(program)));
  program_ = std::move(tail.program);
  for (const auto& event : tail.events) add(write_json(event_to_json(event, program_->plan->ids, false)));
  over_ = is_final(tail.record.status) && last_ >= tail.record.last_seq;
  co_return {};
}

Task<Result<std::optional<std::vector<Text>>>> ExecutionFeed::read_again(std::uint64_t after) {
  auto program = program_;
  MBF_CO_TRY(auto tail, co_await api_.runtime.tail(topic.tenant, ExecutionId(topic.id), static_cast<std::uint32_t>(after), std::move(program)));
  std::vector<Text> texts;
  std::size_t bytes = 0;
  for (const auto& event : tail.events) {
    if (texts.size() == again_texts || bytes >= again_bytes) break;
    texts.push_back(std::make_shared<const std::string>(write_json(event_to_json(event, tail.program->plan->ids, false))));
    bytes += texts.back()->size();
  }
  co_return texts;
}

Task<Result<std::vector<store::ExecutionRecord>>> ListFeed::newest() {
  store::ExecutionFilter filter;
  if (!topic.id.is_nil()) filter.workflow = WorkflowId(topic.id);
  filter.limit = newest_rows;
  co_return co_await api_.services.store.executions(topic.tenant, std::move(filter));
}

void ListFeed::keep(const std::vector<store::ExecutionRecord>& records) {
  rows_.clear();
  for (const auto& record : records) rows_.emplace(record.id, Seen{record.status, record.started_at, record.finished_at});
  if (!records.empty()) newest_ = std::max(newest_, records.front().id);
}

Task<Result<void>> ListFeed::begin(std::uint64_t) {
  if (!topic.id.is_nil()) MBF_CO_CHECK(co_await api_.services.store.workflow(topic.tenant, WorkflowId(topic.id), 0));
  MBF_CO_TRY(const auto records, co_await newest());
  keep(records);
  co_return {};
}

Task<Result<void>> ListFeed::read() {
  MBF_CO_TRY(const auto records, co_await newest());
  std::vector<store::ExecutionRecord> changed;
  for (const auto& record : records) {
    const auto seen = rows_.find(record.id);
    const Seen now{record.status, record.started_at, record.finished_at};
    if (seen == rows_.end() || seen->second != now) changed.push_back(record);
  }
  MBF_CO_TRY(const auto names, co_await names_of(api_, topic.tenant, changed));
  // A page full of new ones: there may be more between it and what was seen before.
  if (records.size() == newest_rows && records.back().id > newest_) lose();
  for (std::size_t i = changed.size(); i-- > 0;) add(write_json(summary_to_json(changed[i], names[i])));
  keep(records);
  co_return {};
}

Task<Result<std::optional<std::vector<Text>>>> ListFeed::read_again(std::uint64_t) { co_return std::nullopt; }

}  // namespace mbflow::server
