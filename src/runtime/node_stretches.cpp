// The work of a run that may wait: stretch by stretch of its inputs. A short list is one stretch.
#include "runtime/node_work.h"

#include <algorithm>

namespace mbflow::runtime {
namespace {

constexpr Duration give_way_after = std::chrono::milliseconds(2);

// What must be read first is read, then the config is resolved anew.
Task<Result<std::shared_ptr<const void>>> wait_for_config(NodeRun& job, std::size_t index, std::vector<Segment> wanted) {
  for (int round = 0;; ++round) {
    MBF_CO_CHECK(co_await read_wanted(job.run, wanted, round));
    auto config = job.config_for(index, wanted);
    if (wanted.empty()) co_return config;
  }
}

Task<void> run_slot(NodeRun& job, NodeContext& context, std::size_t slot) {
  const std::size_t index = job.work.stretch.first + slot;
  context.move_to(index);
  std::vector<Segment> wanted;
  auto config = job.config_for(index, wanted);
  if (!wanted.empty()) config = co_await wait_for_config(job, index, std::move(wanted));
  if (!config) {
    job.outcomes->add(slot, std::move(config).error());
    co_return;
  }
  if (auto now = call_now(job, config->get(), context)) {
    job.outcomes->add(slot, *std::move(now));
    co_return;
  }
  // It may have been told to stop while its data was read: another process may have it by now.
  if (job.flight->stop.stop_requested()) co_return;
  auto outcome = co_await job.plan.type->run_async(config->get(), context);
  if (job.flight->timed_out && !outcome) outcome = timeout_error(job);
  job.outcomes->add(slot, std::move(outcome));
}

// The items of one stretch, taken by several workers; the last one to end wakes the owner.
struct Lanes {
  NodeRun& job;
  std::size_t next = 0;
  std::size_t busy = 0;
  Timestamp until{};  // when enough was done at a time
  OneShot<bool>::Setter done;

  [[nodiscard]] bool more() const {
    const auto& outcomes = *job.outcomes;
    if (next >= outcomes.size() || outcomes.hopeless() || job.flight->stop.stop_requested()) return false;
    if (!job.bounded) return true;
    const auto& services = job.run.worker.services;
    const bool late = !job.inputs.in_memory() && services.env.now() >= until;
    return next == 0 || (outcomes.bytes() < services.limits.segment && !late);
  }
};

Task<void> run_lane(Lanes& lanes) {
  NodeRun& job = lanes.job;
  NodeContext context = job.context();
  Timestamp since = context.now();
  while (lanes.more()) {
    const std::size_t slot = lanes.next++;
    if (job.outcomes->is_done(slot)) continue;
    co_await run_slot(job, context, slot);
    if (context.now() - since < give_way_after) continue;
    co_await yield(job.run.worker.loop);
    since = context.now();
  }
  if (--lanes.busy == 0) lanes.done.set(true);
}

// A node that runs once: all its items at a time, unless it asks for them bit by bit.
Task<engine::NodeEnded> run_once(NodeRun& job) {
  NodeContext context = job.context();
  engine::NodeEnded ended;
  if (!job.plan.type->streams) {
    if (auto gathered = co_await context.gather(); !gathered) {
      ended.error = std::make_shared<const Error>(gathered.error());
      co_return ended;
    }
  }
  Stretch all;
  all.items = job.inputs.items();
  if (!job.inputs.in_memory()) {
    auto first = co_await job.inputs.read(job.run.worker, 0);  // for $json
    if (first) all = *std::move(first);
  }
  job.begin(std::move(all), false);
  co_await run_slot(job, context, 0);
  if (job.flight->timed_out && !job.outcomes->is_done(0)) job.outcomes->add(0, timeout_error(job));
  ended = job.outcomes->finish();
  co_return ended;
}

// What the stretches came to together.
struct Sum {
  engine::NodeEnded how;     // when one of them ended the run
  bool goes_on = true;       // none did
  bool all_failed = true;    // of their items
  std::shared_ptr<const Error> passed;  // the first error that became an item
  Value response;

  void take(engine::NodeEnded part, std::size_t items) {
    goes_on = part.output != nullptr;
    if (!goes_on) {
      how = std::move(part);
      return;
    }
    if (!passed) passed = std::move(part.error);
    if (response.is_null()) response = std::move(part.response);
    if (items > 0) all_failed = all_failed && part.all_failed;
  }
};

Task<Result<void>> tell_progress(NodeRun& job, std::size_t from, std::size_t to, std::shared_ptr<const Progress>& told) {
  if (from == to) co_return {};
  Progress progress;
  progress.first = static_cast<std::uint32_t>(from);
  progress.count = static_cast<std::uint32_t>(to - from);
  MBF_CO_TRY(progress.output, co_await job.output.settle());
  told = std::make_shared<const Progress>(std::move(progress));
  co_return {};
}

// What comes of the next stretch of a node that runs once an item, and how many items that were.
struct Part {
  engine::NodeEnded ended;
  std::size_t items = 0;
};

Task<Result<Part>> run_next(NodeRun& job, std::size_t position, bool anew) {
  Stretch stretch;
  stretch.first = position;
  if (job.inputs.in_memory()) {
    stretch.items = job.inputs.items().subspan(position);
  } else {
    MBF_CO_TRY(stretch, co_await job.inputs.read(job.run.worker, position));
  }
  // All items of a part that failed are tried again, and no others: each has the attempts it is due.
  const std::size_t tried = anew ? 0 : job.run.state.nodes[job.node].tried;
  job.bounded = tried <= position;
  if (!job.bounded) stretch.items = stretch.items.first(std::min(stretch.items.size(), tried - position));
  job.begin(std::move(stretch), anew);
  Part part;
  part.ended.output = stand_in(job.run, job.node, job.work.stretch);
  part.items = job.work.stretch.items.size();
  if (part.ended.output) co_return part;
  co_await run_stretch(job);
  // Items that were not begun when the time was up have failed by it too.
  for (std::size_t slot = 0; job.flight->timed_out && slot < job.outcomes->size(); ++slot) {
    if (!job.outcomes->is_done(slot)) job.outcomes->add(slot, timeout_error(job));
  }
  part.items = job.outcomes->size();
  part.ended = job.outcomes->finish();
  const std::size_t end = position + part.items;
  if (end < job.inputs.size()) part.ended.tried = static_cast<std::uint32_t>(end);
  co_return part;
}

// Stretch by stretch; what is done of a long list is saved now and then, and never done again.
Task<Result<void>> run_each(NodeRun& job, Sum& sum) {
  const auto& services = job.run.worker.services;
  const std::size_t begin = engine::items_done(job.run.state.nodes[job.node]);
  const std::size_t end = job.inputs.size();
  std::size_t position = begin;
  std::size_t told = begin;
  Timestamp told_at = services.env.now();
  sum.all_failed = begin == 0;
  while (position < end || position == 0) {
    MBF_CO_TRY(Part part, co_await run_next(job, position, position > begin));
    const auto given = std::const_pointer_cast<NodeOutput>(part.ended.output);  // made by us, shared with nobody yet
    sum.take(std::move(part.ended), part.items);
    if (!sum.goes_on) co_return co_await tell_progress(job, told, position, sum.how.progress);
    const bool only = position == 0 && part.items == end;
    MBF_CO_CHECK(co_await job.output.add(std::move(*given), only));
    position += part.items;
    if (part.items == 0 || (job.flight->stop.stop_requested() && !job.flight->timed_out)) break;
    if (position >= end || services.env.now() - told_at < services.limits.part) continue;
    std::shared_ptr<const Progress> progress;
    MBF_CO_CHECK(co_await tell_progress(job, told, position, progress));
    job.run.push(engine::NodeProgressed{job.node, std::move(progress)});
    told = position;
    told_at = services.env.now();
  }
  co_return {};
}

}  // namespace

Task<void> run_stretch(NodeRun& job) {
  const std::size_t count = job.outcomes->size();
  if (count == 1) {
    NodeContext context = job.context();
    if (!job.outcomes->is_done(0)) co_await run_slot(job, context, 0);
    co_return;
  }
  if (count == 0) co_return;
  OneShot<bool> done(job.run.worker.loop);
  const auto width = std::min(count, static_cast<std::size_t>(std::max(1, job.document.concurrency)));
  const Timestamp until = job.run.worker.services.env.now() + job.run.worker.services.limits.part;
  Lanes lanes{job, 0, width, until, done.setter()};
  for (std::size_t i = 0; i < width; ++i) spawn(job.run.worker.loop, run_lane(lanes));
  co_await done.wait();
  const bool enough = !job.outcomes->hopeless() && !job.flight->stop.stop_requested();
  if (enough) job.outcomes->cut(lanes.next);
}

namespace {

Task<Result<void>> run_parts(NodeRun& job, Sum& sum) {
  const bool pinned = job.document.pinned && job.run.uses_pins();
  if (!pinned && (job.plan.each || job.document.disabled)) co_return co_await run_each(job, sum);
  std::shared_ptr<NodeOutput> given;
  if (pinned) {
    given = stand_in(job.run, job.node, job.work.stretch);
    sum.all_failed = false;
  } else {
    auto ended = co_await run_once(job);
    given = std::const_pointer_cast<NodeOutput>(ended.output);  // made by us, shared with nobody yet
    sum.take(std::move(ended), 1);
  }
  if (given) MBF_CO_CHECK(co_await job.output.add(std::move(*given), true));
  co_return {};
}

}  // namespace

Task<engine::NodeEnded> run_whole(NodeRun& job) {
  Sum sum;
  auto ran = co_await run_parts(job, sum);
  if (ran && !sum.goes_on) co_return std::move(sum.how);
  engine::NodeEnded ended;
  if (ran) {
    auto whole = co_await job.output.finish();
    if (whole) ended.output = *std::move(whole);
    else ran = whole.error();
  }
  if (!ran) {
    ended.error = std::make_shared<const Error>(ran.error());
    co_return ended;
  }
  ended.error = std::move(sum.passed);
  ended.all_failed = ended.error && sum.all_failed;
  ended.response = std::move(sum.response);
  co_return ended;
}

}  // namespace mbflow::runtime
