#include "expr/jail/keeper.h"

#include "expr/message.h"

#include <mbflow/json.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>
#include <vector>

namespace mbflow::expr {
namespace {

constexpr std::chrono::milliseconds grace{50};  // for the way to the jail and back
constexpr std::chrono::milliseconds start_limit{5'000};
constexpr std::size_t max_waiting = 1'000;

Error unavailable(std::string why) { return fail(Kind::unavailable, "sandbox.unavailable", std::move(why)); }
Error too_long() {
  return fail(Kind::timeout, "sandbox.limit", "the program took too long; give it less data or more time");
}
Error too_much_memory() {
  return fail(Kind::invalid, "sandbox.limit", "the program needed more memory than the jail has; give it less data");
}

// A process that ended in the middle of a job.
Error explain(const JailProcess::Exit& exit) {
  if (exit.code == jail_exit_memory || exit.signal == SIGKILL) return too_much_memory();
  if (exit.signal == SIGXCPU) return too_long();
  if (exit.signal != 0) {
    return fail(
        Kind::invalid, "sandbox.program",
        "the program did what the jail forbids, or broke its interpreter (signal " + std::to_string(exit.signal) + ")");
  }
  return unavailable("the jailed process ended before it answered");
}

Error explain_start(const JailProcess::Exit& exit) {
  if (exit.code == jail_exit_no_seccomp)
    return unavailable("this system refuses seccomp filters, so no program may run here");
  return unavailable("the jailed process cannot be started");
}

Result<Value> outputs(const std::string& text) {
  auto value = parse_json(text);
  if (!value || !value->is_array())
    return fail(Kind::invalid, "sandbox.program", "the program's output is no JSON, or nested too deep");
  return value;
}

}  // namespace

Keeper::Keeper(SandboxOptions options) : options_(std::move(options)) {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
  mailbox_read_ = ends[0];
  mailbox_write_ = ends[1];
  thread_ = std::thread([this] { run(); });
}

Keeper::~Keeper() {
  if (mailbox_write_ < 0) return;
  close(mailbox_write_);  // the keeper reads to the end of the mailbox, then leaves
  thread_.join();
  close(mailbox_read_);
}

bool Keeper::submit(std::unique_ptr<JailJob>& job) {
  auto message = std::make_unique<Message>();
  message->job = std::move(job);
  if (post(message)) return true;
  job = std::move(message->job);
  return false;
}

void Keeper::cancel(std::uint64_t id) {
  auto message = std::make_unique<Message>();
  message->id = id;
  (void)post(message);  // a full mailbox: the job ends at its limit instead
}

// A pointer in a pipe: written and read whole, by any number of threads, without a lock.
bool Keeper::post(std::unique_ptr<Message>& message) {
  Message* raw = message.get();
  if (mailbox_write_ < 0 || write(mailbox_write_, &raw, sizeof raw) != static_cast<ssize_t>(sizeof raw)) return false;
  (void)message.release();
  return true;
}

void Keeper::run() {
  while (take_messages()) {
    hand_out();
    poll_cells();
    check_deadlines();
  }
  for (Cell& cell : cells_) {
    if (cell.job) finish(std::move(cell.job), unavailable("the engine is stopping"));
  }
  cells_.clear();
  fail_waiting(unavailable("the engine is stopping"));
}

bool Keeper::take_messages() {
  for (;;) {
    Message* raw = nullptr;
    const ssize_t got = read(mailbox_read_, &raw, sizeof raw);
    if (got == 0) return false;
    if (got < 0) return true;
    const std::unique_ptr<Message> message(raw);
    if (message->job && waiting_.size() >= max_waiting) {
      finish(std::move(message->job), unavailable("too many programs are waiting for the jail"));
    } else if (message->job) {
      waiting_.push_back(std::move(message->job));
    } else {
      const auto waiting = std::ranges::find_if(waiting_, [&](const auto& job) { return job->id == message->id; });
      const auto running =
          std::ranges::find_if(cells_, [&](const Cell& cell) { return cell.job && cell.job->id == message->id; });
      if (waiting != waiting_.end())
        finish(std::move(*waiting), unavailable("it was stopped")), waiting_.erase(waiting);
      if (running != cells_.end())
        finish(std::move(running->job), unavailable("it was stopped")), cells_.erase(running);
    }
  }
}

void Keeper::poll_cells() {
  std::vector<pollfd> watched = {{mailbox_read_, POLLIN, 0}};
  for (const Cell& cell : cells_) {
    watched.push_back(
        {cell.process.fd(), static_cast<short>(cell.process.wants_to_write() ? POLLIN | POLLOUT : POLLIN), 0});
  }
  if (poll(watched.data(), watched.size(), wait_ms()) <= 0) return;
  std::size_t i = 1;
  for (auto cell = cells_.begin(); cell != cells_.end() && i < watched.size(); ++i) {
    const auto next = std::next(cell);
    if (watched[i].revents != 0) serve(cell, watched[i].revents);
    cell = next;
  }
}

void Keeper::serve(Cells::iterator cell, short events) {
  if ((events & POLLOUT) != 0 && !cell->process.write_some()) return cell_failed(cell);
  if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) hear(cell);
}

void Keeper::hear(Cells::iterator cell) {
  const bool open = cell->process.read_some();
  Taken taken = cell->process.next_answer();
  // An idle process has nothing to say, and nobody says more than was asked.
  const bool asked = cell->job != nullptr || !cell->ready;
  const bool sound =
      taken.ok && (asked || !cell->process.has_unread()) && !(taken.answer && (!asked || cell->process.has_unread()));
  if (!sound) return cell_failed(cell);
  if (taken.answer) return answered(cell, *std::move(taken.answer));
  if (!open) cell_failed(cell);
}

void Keeper::answered(Cells::iterator cell, Answer answer) {
  if (!cell->ready) {
    auto layers = parse_json(answer.text);
    if (answer.verdict != Verdict::ready || answer.id != 0 || !layers) return cell_failed(cell);
    layers_ = *std::move(layers);
    cell->ready = true;
    if (cell->job) begin(*cell);
    return;
  }
  if (answer.id != cell->job->id || answer.verdict == Verdict::ready) return cell_failed(cell);
  auto job = std::move(cell->job);
  ++cell->runs;
  if (answer.verdict == Verdict::program) {
    finish(std::move(job), fail(Kind::invalid, "sandbox.program", fit_message(answer.text, 2'000)));
  } else if (answer.verdict == Verdict::too_much) {
    finish(std::move(job), answer.text.empty() ? too_much_memory()
                                               : fail(Kind::invalid, "sandbox.limit", fit_message(answer.text, 200)));
    cell->runs = options_.runs_per_process;
  } else {
    auto result = outputs(answer.text);
    if (!result) cell->runs = options_.runs_per_process;
    finish(std::move(job), std::move(result));
  }
  if (cell->runs >= options_.runs_per_process) cells_.erase(cell);
}

void Keeper::check_deadlines() {
  const auto now = Clock::now();
  for (auto cell = cells_.begin(); cell != cells_.end();) {
    const auto next = std::next(cell);
    if ((cell->job || !cell->ready) && now >= cell->deadline) {
      if (cell->job)
        finish(std::move(cell->job), cell->ready ? too_long() : unavailable("the jailed process does not start"));
      cells_.erase(cell);
    }
    cell = next;
  }
}

void Keeper::hand_out() {
  while (!waiting_.empty()) {
    const auto idle = std::ranges::find_if(cells_, [](const Cell& cell) { return !cell.job; });
    if (idle == cells_.end() && cells_.size() >= std::max<std::size_t>(options_.processes, 1)) return;
    if (idle == cells_.end()) {
      auto process = JailProcess::start(options_.program, options_.memory);
      if (!process) return fail_waiting(explain_start({}));
      cells_.push_back({*std::move(process), false, Clock::now() + start_limit, 0, nullptr});
    }
    Cell& cell = idle == cells_.end() ? cells_.back() : *idle;
    cell.job = std::move(waiting_.front());
    waiting_.pop_front();
    if (cell.ready) begin(cell);
  }
}

void Keeper::begin(Cell& cell) {
  if (cell.job->frame.empty()) return finish(std::move(cell.job), layers_);
  cell.deadline = Clock::now() + cell.job->limit + grace;
  cell.process.send(std::move(cell.job->frame));
  (void)cell.process.write_some();  // what fails here is seen by the next poll
}

void Keeper::cell_failed(Cells::iterator cell) {
  auto job = std::move(cell->job);
  const bool ready = cell->ready;
  const JailProcess::Exit exit = cell->process.finish();
  cells_.erase(cell);
  if (job) finish(std::move(job), ready ? explain(exit) : explain_start(exit));
}

void Keeper::fail_waiting(const Error& error) {
  for (auto& job : waiting_) finish(std::move(job), error);
  waiting_.clear();
}

int Keeper::wait_ms() const {
  auto wait = std::chrono::milliseconds::max();
  const auto now = Clock::now();
  for (const Cell& cell : cells_) {
    if (cell.job || !cell.ready)
      wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(cell.deadline - now));
  }
  if (wait == std::chrono::milliseconds::max()) return -1;
  return static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, 60'000));
}

void Keeper::finish(std::unique_ptr<JailJob> job, Result<Value> result) { job->done(std::move(result)); }

}  // namespace mbflow::expr
