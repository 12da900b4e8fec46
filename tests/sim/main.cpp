// The program: plays seeds, each once undisturbed and twice with its faults, and tells which of them broke an invariant.
#include "base/mutant.h"
#include "runtime/rules.h"
#include "sim/options.h"
#include "sim/totals.h"

#include <mbflow/json.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>

namespace mbflow::sim {
namespace {

const char* program_name = "sim";

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
  totals.add(cluster, stories);
  if (verbose) {
    std::printf("%s", describe(scenario).c_str());
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

using Clock = std::chrono::steady_clock;

class Sim {
 public:
  explicit Sim(Options options) : options_(std::move(options)) {}
  int run();

 private:
  void read_kept();
  void work();
  void report(std::uint64_t seed, const Faults& faults);
  void progress();
  int summarise();
  [[nodiscard]] std::optional<std::uint64_t> next_seed();
  [[nodiscard]] double took() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

  Options options_;
  std::vector<std::uint64_t> kept_;
  Clock::time_point begin_ = Clock::now(), told_ = begin_;
  std::mutex mutex_;  // guards all below
  std::size_t next_kept_ = 0;
  std::uint64_t next_ = 0;
  Totals totals_;
  std::vector<std::uint64_t> failed_;
  std::vector<std::string> first_faults_;
};

unsigned long long big(std::uint64_t number) { return number; }

std::optional<std::uint64_t> Sim::next_seed() {
  std::lock_guard lock(mutex_);
  if (options_.stop_early && !failed_.empty()) return std::nullopt;
  if (next_kept_ < kept_.size()) return kept_[next_kept_++];
  if (next_ == options_.count || (options_.seconds > 0 && took() > options_.seconds)) return std::nullopt;
  return options_.from + next_++;
}

void Sim::report(std::uint64_t seed, const Faults& faults) {
  constexpr std::size_t most = 8;
  failed_.push_back(seed);
  first_faults_.push_back(faults.list.front());
  if (options_.quiet) return;
  std::fprintf(stderr, "seed %llu broke:\n", big(seed));
  for (std::size_t i = 0; i < std::min(most, faults.list.size()); ++i) std::fprintf(stderr, "  %s\n", faults.list[i].c_str());
  if (faults.list.size() > most) std::fprintf(stderr, "  and %zu more\n", faults.list.size() - most);
  std::fprintf(stderr, "  again, with workflows and journals: %s --seed %llu --verbose\n", program_name, big(seed));
}

void Sim::progress() {
  constexpr auto every = std::chrono::seconds(5);
  const auto now = Clock::now();
  if (options_.quiet || now - told_ < every) return;
  told_ = now;
  const auto seeds = totals_.of(Count::seeds);
  std::fprintf(stderr, "sim: %llu seeds, %.0f a second, %zu failed\n", big(seeds), static_cast<double>(seeds) / took(), failed_.size());
}

void Sim::work() {
  expr::Sandbox sandbox{expr::SandboxOptions()};
  while (const auto seed = next_seed()) {
    Totals totals;
    const Faults faults = play_seed(*seed, sandbox, totals, options_.verbose);
    std::lock_guard lock(mutex_);
    totals_.add(totals);
    if (!faults.list.empty()) report(*seed, faults);
    progress();
  }
}

void Sim::read_kept() {
  if (options_.one || options_.kept.empty()) return;
  std::ifstream file(options_.kept);
  if (!file) std::fprintf(stderr, "sim: %s cannot be read\n", options_.kept.c_str());
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') kept_.push_back(std::strtoull(line.c_str(), nullptr, 10));
  }
}

int Sim::run() {
  read_kept();
  std::vector<std::thread> others;
  for (int n = 1; n < options_.jobs; ++n) others.emplace_back([this] { work(); });
  work();
  for (auto& thread : others) thread.join();
  return summarise();
}

// A run that met none of what it is for proves nothing.
int Sim::summarise() {
  constexpr std::uint64_t many = 1'000;
  const auto seeds = totals_.of(Count::seeds);
  const auto missing = seeds < many ? std::vector<std::string_view>() : totals_.missing();
  const bool passed = failed_.empty() && missing.empty();
  if (options_.json) {
    std::vector<Value> failed;
    for (std::size_t i = 0; i < failed_.size(); ++i) {
      failed.push_back(Value::object({{"seed", static_cast<std::int64_t>(failed_[i])}, {"fault", first_faults_[i]}}));
    }
    const Value result = Value::object(
        {{"passed", passed}, {"seconds", took()}, {"counts", totals_.json()}, {"failed", Value::array(std::move(failed))}});
    std::printf("%s\n", write_json_pretty(result).c_str());
    return passed ? 0 : 1;
  }
  std::printf("%s", totals_.text().c_str());
  for (const auto what : missing) std::printf("none in %llu seeds: %s. The simulation has gone blind\n", big(seeds), std::string(what).c_str());
  std::printf("%llu seeds from %llu in %.1f s (%.0f a second): %zu failed\n", big(seeds), big(options_.from), took(),
              static_cast<double>(seeds) / took(), failed_.size());
  return passed ? 0 : 1;
}

}  // namespace
}  // namespace mbflow::sim

int main(int count, char** words) {
  using namespace mbflow::sim;
  program_name = words[0];
  Options options = read_options(count, words);
#ifdef MBFLOW_MUTANTS
  mbflow::planted = static_cast<mbflow::Mutant>(options.mutant);
#else
  if (options.mutant != 0) {
    std::fprintf(stderr, "sim: this build has no mutants; ./dev mutants makes one that has\n");
    return 2;
  }
#endif
  return Sim(std::move(options)).run();
}
