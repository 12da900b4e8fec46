#include "app/block.h"
#include "app/commands.h"
#include "app/store.h"
#include "base/yaml.h"
#include "model/document_text.h"
#include "net/client.h"
#include "runtime/rules.h"
#include "runtime/runtime.h"
#include "store/memory/memory_store.h"

#include <mbflow/json.h>

#include <cstdio>

namespace mbflow::app {
namespace {

Result<Value> read_input(const std::string& text) {
  if (text.empty()) return Value();
  std::string json = text;
  if (text.front() == '@') {
    MBF_TRY(json, read_text(text.substr(1)));
  }
  auto value = parse_json(json);
  if (value) return value;
  return fail(Kind::invalid, "run.input", "--input: " + value.error().message);
}

// `--set name=value`: JSON where it is JSON, text otherwise.
Result<void> set_variables(Workflow& workflow, const std::vector<std::string>& settings) {
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    if (equals == 0 || equals == std::string::npos) return fail(Kind::invalid, "run.set", "--set takes name=value, not '" + setting + "'");
    const std::string text = setting.substr(equals + 1);
    auto json = parse_json(text);
    workflow.variables = workflow.variables.with(setting.substr(0, equals), json ? *json : Value(text));
  }
  return {};
}

// One line a change on stderr: what a person waits for.
void show_progress(const runtime::Run& run, std::span<const Event> events) {
  for (const auto& event : events) {
    if (event.node == no_node) continue;
    const auto& name = run.plan().workflow.nodes[event.node].name;
    std::string line = name + ": ";
    if (event.type == EventType::node_started && event.attempt > 1) line += "attempt " + std::to_string(event.attempt);
    else if (event.type == EventType::node_started) line += "started";
    else if (event.type == EventType::node_skipped) line += "skipped";
    else if (event.type == EventType::node_succeeded || event.type == EventType::node_failed) {
      std::size_t items = 0;
      for (const auto& port : event.output ? event.output->ports : std::vector<NodeOutput::Port>()) items += port.size();
      const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(event.at - event.started);
      line += event.error ? "failed: " + event.error->message : std::to_string(items) + (items == 1 ? " item" : " items");
      line += " (" + std::to_string(took.count()) + " ms)";
    } else if (event.type == EventType::node_retrying) line += "failed, trying again: " + event.error->message;
    else if (event.type == EventType::node_waiting) line += "waiting until " + format_timestamp(event.until);
    else continue;
    line += '\n';
    std::fputs(line.c_str(), stderr);
  }
}

Task<Result<runtime::Ending>> execute(runtime::Runtime& runtime, runtime::StartRequest request) {
  MBF_CO_TRY(auto started, co_await runtime.start(std::move(request)));
  co_return co_await started.run->wait_ended();
}

Result<runtime::Ending> run_program(std::shared_ptr<const runtime::Program> program, Value input, const RunOptions& options) {
  net::Loops loops(1);
  net::ClientOptions client;
  for (const auto& text : options.allow_egress) {
    MBF_TRY(auto rule, net::Cidr::parse(text));
    client.egress.allowed.push_back(rule);
  }
  client.user_agent = "mbflow/" + program_version();
  expr::Sandbox sandbox(expr::SandboxOptions{});
  auto store = store::make_memory_store(system_env());
  auto http = net::make_http_client(loops, std::move(client));
  runtime::Services services{*store, built_in_nodes(), *http, sandbox, system_env()};
  services.unload_after = Duration::max();  // nobody would wake it
  if (!options.quiet) services.on_events = show_progress;
  runtime::Runtime runtime(services, {&loops.loop(0)}, [&loops] { return loops.current(); });
  loops.run();
  runtime::StartRequest request;
  request.tenant = default_tenant();
  request.program = std::move(program);
  request.input = std::move(input);
  auto ending = block_on(loops.loop(0), execute(runtime, std::move(request)));
  runtime.stop(std::chrono::seconds(1));
  loops.stop();
  return ending;
}

Value result_json(const runtime::Ending& ending) {
  Value error;
  if (ending.error) {
    error = Value::object({{"code", ending.error->code}, {"message", ending.error->message}, {"at", ending.error->at}, {"node", ending.failed_node}});
  }
  return Value::object({{"status", to_string(ending.status)}, {"output", Value::array(ending.output)}, {"error", error}});
}

}  // namespace

int run_file(const RunOptions& options) {
  auto text = read_text(options.file);
  if (!text) return complain(text.error());
  auto reading = read_document_text(*text, TextFormat::automatic, runtime::document_rules(built_in_nodes()));
  if (!reading.reading.valid()) {
    (void)validate_files({options.file}, false);
    return exit_invalid;
  }
  auto input = read_input(options.input);
  if (!input) return complain(input.error());
  Workflow workflow = std::move(reading.reading.workflow);
  if (auto set = set_variables(workflow, options.set); !set) return complain(set.error());
  auto program = runtime::prepare(std::move(workflow), built_in_nodes());
  if (!program) return complain(program.error());
  auto ending = run_program(*std::move(program), *std::move(input), options);
  if (!ending) {
    complain(ending.error());
    return ending.error().kind == Kind::invalid ? exit_invalid : exit_failed;
  }
  std::puts(write_json(result_json(*ending)).c_str());
  return ending->status == ExecutionStatus::succeeded ? exit_ok : exit_failed;
}

}  // namespace mbflow::app
