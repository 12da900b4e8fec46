#include "expr/sandbox.h"

#include "expr/jail/keeper.h"

#include <mbflow/json.h>

#include <atomic>
#include <utility>

namespace mbflow::expr {

struct Sandbox::State {
  explicit State(SandboxOptions options) : keeper(std::move(options)) {}
  Keeper keeper;
  std::atomic<std::uint64_t> last_id{0};
};

namespace {

constexpr std::size_t max_program = 1 << 20;

using Shot = OneShot<Result<Value>>;

// The job ends when nobody waits for it any more, or a stop is asked for.
class Canceller {
 public:
  Canceller(Keeper& keeper, std::uint64_t id) : keeper_(keeper), id_(id) {}
  ~Canceller() {
    if (!over_) keeper_.cancel(id_);
  }
  Canceller(const Canceller&) = delete;
  Canceller& operator=(const Canceller&) = delete;
  void operator()() const { keeper_.cancel(id_); }
  void over() { over_ = true; }

 private:
  Keeper& keeper_;
  std::uint64_t id_;
  bool over_ = false;
};

Result<std::string> frame_of(const SandboxJob& job, std::uint64_t id) {
  const std::string input = write_json(job.input);
  const bool fits = job.program.size() <= max_program && input.size() + job.program.size() + 1024 <= max_request;
  if (!fits)
    return fail(Kind::invalid, "sandbox.limit",
                "the input or the program is larger than the jail takes (24 MiB, 1 MiB); give it less data");
  return pack(Request{id, job.language, job.program, input});
}

std::unique_ptr<JailJob> job_for(const Shot& shot, std::uint64_t id) {
  auto job = std::make_unique<JailJob>();
  job->id = id;
  job->done = [setter = shot.setter()](Result<Value> result) { setter.set(std::move(result)); };
  return job;
}

Error refused() { return fail(Kind::unavailable, "sandbox.unavailable", "the jail takes no more programs now"); }

}  // namespace

Sandbox::Sandbox(SandboxOptions options) : state_(std::make_shared<State>(std::move(options))) {}
Sandbox::~Sandbox() = default;

Task<Result<Value>> Sandbox::run(Loop& loop, SandboxJob job, std::stop_token stop) {
  const std::shared_ptr<State> state = state_;
  const std::uint64_t id = ++state->last_id;
  auto frame = frame_of(job, id);
  if (!frame) co_return std::move(frame).error();
  Shot shot(loop);
  auto jailed = job_for(shot, id);
  jailed->frame = *std::move(frame);
  jailed->limit = job.limit;
  if (!state->keeper.submit(jailed)) co_return refused();
  Canceller canceller(state->keeper, id);
  const std::stop_callback on_stop(stop, std::cref(canceller));
  auto result = co_await shot.wait();
  canceller.over();
  co_return result;
}

Task<Result<Value>> Sandbox::layers(Loop& loop) {
  const std::shared_ptr<State> state = state_;
  Shot shot(loop);
  auto question = job_for(shot, ++state->last_id);
  if (!state->keeper.submit(question)) co_return refused();
  auto result = co_await shot.wait();
  co_return result;
}

}  // namespace mbflow::expr
