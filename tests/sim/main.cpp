// The program: plays seeds, each once undisturbed and twice with its faults, and tells which of them broke an invariant.
#include "runtime/rules.h"
#include "sim/check.h"

#include <mbflow/json.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <thread>

namespace mbflow::sim {
namespace {

struct Options {
  std::uint64_t from = 1;
  std::uint64_t count = 200;
  int jobs = 1;
  bool one = false;
  bool verbose = false;
  std::string kept;  // a file of seeds that failed once
};

struct Totals {
  std::uint64_t seeds = 0, executions = 0, succeeded = 0, compared = 0, deliveries = 0;
  std::uint64_t deaths = 0, killed_by_node = 0, freezes = 0, cuts = 0, restarts = 0, fenced = 0, held = 0, quarantined = 0, claims = 0;

  void add(const Stories& stories, const Ledger& ledger);
};

void Totals::add(const Stories& stories, const Ledger& ledger) {
  ++seeds;
  executions += stories.all.size();
  for (const auto& story : stories.all) {
    succeeded += story.state.status == ExecutionStatus::succeeded ? 1 : 0;
    compared += is_comparable(story) ? 1 : 0;
    held += story.count(EventType::node_held);
    quarantined += story.count(EventType::node_quarantined);
  }
  deliveries += ledger.deliveries.size();
  deaths += static_cast<std::uint64_t>(ledger.deaths);
  killed_by_node += static_cast<std::uint64_t>(ledger.killed_by_node);
  freezes += static_cast<std::uint64_t>(ledger.freezes);
  cuts += static_cast<std::uint64_t>(ledger.cuts);
  restarts += static_cast<std::uint64_t>(ledger.restarts);
  fenced += static_cast<std::uint64_t>(ledger.fenced);
  claims += ledger.claims.size();
}

Programs programs_of(const Scenario& scenario, Faults& faults) {
  Programs programs;
  for (const auto& document : scenario.workflows) {
    auto reading = read_document(document, runtime::document_rules(built_in_nodes()));
    for (const auto& fault : reading.faults) {
      if (!fault.warning) faults.add("scenario", fault.error.code + " " + fault.error.at + ": " + fault.error.message);
    }
    auto program = runtime::prepare(std::move(reading.workflow), built_in_nodes());
    if (!program) faults.add("scenario", program.error().code + ": " + program.error().message);
    if (!faults.list.empty()) return {};
    auto own = std::make_shared<runtime::Program>(**program);
    own->document = document;
    programs.push_back(std::move(own));
  }
  return programs;
}

std::uint64_t play_once(const Scenario& scenario, const Programs& programs, expr::Sandbox& sandbox,
                        const std::map<std::int64_t, Outcome>& calm, Faults& faults, Totals& totals, bool verbose) {
  Cluster cluster(scenario, programs, sandbox, false);
  cluster.play();
  const Stories stories = read_stories(cluster, programs);
  check(cluster, stories, calm, faults);
  totals.add(stories, cluster.ledger());
  if (verbose) {
    for (const auto& document : scenario.workflows) std::printf("%s\n", write_json_pretty(document).c_str());
    for (const auto& story : stories.all) std::printf("%s", describe(story, cluster.ledger()).c_str());
  }
  return stories.digest;
}

Faults play_seed(std::uint64_t seed, expr::Sandbox& sandbox, Totals& totals, bool verbose) {
  Faults faults;
  const Scenario scenario = make_scenario(seed);
  const Programs programs = programs_of(scenario, faults);
  if (!faults.list.empty()) return faults;
  std::map<std::int64_t, Outcome> calm;
  {
    Cluster cluster(scenario, programs, sandbox, true);
    cluster.play();
    calm = outcomes_of(read_stories(cluster, programs));
    if (calm.size() != scenario.requests.size()) faults.add("scenario", "undisturbed, not every request gave an execution");
    for (const auto& [request, outcome] : calm) {
      if (!is_final(outcome.status)) faults.add("scenario", "undisturbed, request " + std::to_string(request) + " did not end");
    }
  }
  const auto first = play_once(scenario, programs, sandbox, calm, faults, totals, verbose);
  Faults again;
  Totals uncounted;
  if (play_once(scenario, programs, sandbox, calm, again, uncounted, false) != first) {
    faults.add("determinism", "two plays of this seed differ");
  }
  return faults;
}

class Sim {
 public:
  explicit Sim(Options options) : options_(std::move(options)) {}
  int run();

 private:
  void work();
  void report(std::uint64_t seed, const Faults& faults);
  void progress();
  [[nodiscard]] std::optional<std::uint64_t> next_seed();

  Options options_;
  std::vector<std::uint64_t> kept_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now(), told_ = begin_;
  std::mutex mutex_;  // guards all below
  std::size_t next_kept_ = 0;
  std::uint64_t next_ = 0;
  Totals totals_;
  std::vector<std::uint64_t> failed_;
};

std::optional<std::uint64_t> Sim::next_seed() {
  std::lock_guard lock(mutex_);
  if (next_kept_ < kept_.size()) return kept_[next_kept_++];
  if (next_ == options_.count) return std::nullopt;
  return options_.from + next_++;
}

void Sim::report(std::uint64_t seed, const Faults& faults) {
  failed_.push_back(seed);
  constexpr std::size_t most = 8;
  const auto number = static_cast<unsigned long long>(seed);
  std::fprintf(stderr, "seed %llu broke:\n", number);
  for (std::size_t i = 0; i < std::min(most, faults.list.size()); ++i) std::fprintf(stderr, "  %s\n", faults.list[i].c_str());
  if (faults.list.size() > most) std::fprintf(stderr, "  and %zu more\n", faults.list.size() - most);
  std::fprintf(stderr, "  workflows and journals: sim --seed %llu --verbose\n", number);
}

void Sim::progress() {
  const auto now = std::chrono::steady_clock::now();
  if (now - told_ < std::chrono::seconds(5)) return;
  told_ = now;
  const double took = std::chrono::duration<double>(now - begin_).count();
  std::fprintf(stderr, "sim: %llu seeds, %.0f a second, %zu failed\n", static_cast<unsigned long long>(totals_.seeds),
               static_cast<double>(totals_.seeds) / took, failed_.size());
}

void Sim::work() {
  expr::Sandbox sandbox{expr::SandboxOptions()};
  while (const auto seed = next_seed()) {
    Totals totals;
    const Faults faults = play_seed(*seed, sandbox, totals, options_.verbose);
    std::lock_guard lock(mutex_);
    auto* sum = reinterpret_cast<std::uint64_t*>(&totals_);
    const auto* one = reinterpret_cast<const std::uint64_t*>(&totals);
    for (std::size_t i = 0; i < sizeof(Totals) / sizeof(std::uint64_t); ++i) sum[i] += one[i];
    if (!faults.list.empty()) report(*seed, faults);
    progress();
  }
}

int Sim::run() {
  std::ifstream file(options_.kept);
  for (std::string line; !options_.one && std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') kept_.push_back(std::strtoull(line.c_str(), nullptr, 10));
  }
  std::vector<std::thread> others;
  for (int n = 1; n < options_.jobs; ++n) others.emplace_back([this] { work(); });
  work();
  for (auto& thread : others) thread.join();
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  const Totals& t = totals_;
  const auto n = [](std::uint64_t number) { return static_cast<unsigned long long>(number); };
  std::printf("%llu seeds in %.1f s (%.0f a second), %zu failed\n", n(t.seeds), took, static_cast<double>(t.seeds) / took, failed_.size());
  std::printf("executions %llu: succeeded %llu, compared with the undisturbed run %llu; deliveries %llu\n", n(t.executions),
              n(t.succeeded), n(t.compared), n(t.deliveries));
  std::printf("deaths %llu (by a node %llu), freezes %llu, cuts %llu, restarts %llu; claims %llu, stale commits refused %llu\n",
              n(t.deaths), n(t.killed_by_node), n(t.freezes), n(t.cuts), n(t.restarts), n(t.claims), n(t.fenced));
  std::printf("nodes held %llu, quarantined %llu\n", n(t.held), n(t.quarantined));
  // A run that met none of what it is for proves nothing.
  const bool blind = t.seeds >= 100 && (t.fenced == 0 || t.held == 0 || t.quarantined == 0 || t.compared * 4 < t.executions);
  if (blind) std::printf("the seeds met no fenced commit, held or quarantined node, or hardly anything to compare: the test is blind\n");
  return failed_.empty() && !blind ? 0 : 1;
}

Options options_of(int count, char** words) {
  Options options;
  if (const char* seeds = std::getenv("MBFLOW_SIM_SEEDS")) options.count = std::strtoull(seeds, nullptr, 10);
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto number = [&] { return i + 1 < count ? std::strtoull(words[++i], nullptr, 10) : 0; };
    if (word == "--verbose") options.verbose = true;
    else if (word == "--from") options.from = number();
    else if (word == "--jobs") options.jobs = static_cast<int>(number());
    else if (word == "--kept" && i + 1 < count) options.kept = words[++i];
    else if (word == "--seeds") {
      const auto seeds = number();
      if (!std::getenv("MBFLOW_SIM_SEEDS")) options.count = seeds;
    } else if (word == "--seed") {
      options.from = number();
      options.count = 1;
      options.one = true;
    } else {
      std::fprintf(stderr, "usage: sim [--seeds N] [--from N] [--jobs N] [--kept FILE] | --seed N [--verbose]\n");
      std::exit(2);
    }
  }
  if (options.one) options.count = 1;
  return options;
}

}  // namespace
}  // namespace mbflow::sim

int main(int count, char** words) { return mbflow::sim::Sim(mbflow::sim::options_of(count, words)).run(); }
