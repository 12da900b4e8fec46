// Executions as the store has them: read whole, or from where a reader stands.
#include "model/document.h"
#include "runtime/program.h"
#include "runtime/runtime.h"
#include "runtime/variables.h"

namespace mbflow::runtime {
Task<Result<Runtime::Loaded>> Runtime::load(store::ExecutionRecord record) {
  Loaded loaded;
  MBF_CO_TRY(auto chunks, co_await services_.store.journal(record.tenant, record.id, 1));
  if (!record.workflow.is_nil()) {
    MBF_CO_TRY(loaded.program, co_await program(record.tenant, record.workflow, record.version));
  } else {
    MBF_CO_TRY(auto document, inline_document(chunks));
    MBF_CO_TRY(loaded.program, prepare(read_saved_document(document, services_.nodes), services_.nodes));
  }
  MBF_CO_TRY(loaded.variables, co_await variables_of(services_, record.tenant, loaded.program));
  for (const auto& chunk : chunks) MBF_CO_CHECK(decode_events(chunk, loaded.program->plan->ids, loaded.events));
  co_return loaded;
}

Task<Result<Runtime::View>> Runtime::inspect(TenantId tenant, ExecutionId id) {
  MBF_CO_TRY(auto record, co_await services_.store.execution(tenant, id));
  MBF_CO_TRY(auto loaded, co_await load(record));
  engine::State state = engine::fold(*loaded.program->plan, loaded.events);
  View view{std::move(record), std::move(loaded.program), std::move(loaded.events), std::move(state), std::move(loaded.variables)};
  co_return view;
}

Task<Result<Runtime::Tail>> Runtime::tail(TenantId tenant, ExecutionId id, std::uint32_t after, std::shared_ptr<const Program> program) {
  Tail tail;
  MBF_CO_TRY(tail.record, co_await services_.store.execution(tenant, id));
  tail.program = std::move(program);
  if (!tail.program) {
    MBF_CO_TRY(auto loaded, co_await load(tail.record));
    tail.program = std::move(loaded.program);
    tail.events = std::move(loaded.events);
  } else if (tail.record.last_seq > after) {
    MBF_CO_TRY(const auto chunks, co_await services_.store.journal(tenant, id, after + 1));
    for (const auto& chunk : chunks) MBF_CO_CHECK(decode_events(chunk, tail.program->plan->ids, tail.events));
  }
  std::erase_if(tail.events, [after](const Event& event) { return event.seq <= after; });  // a chunk may begin before
  // Committed after the record was read.
  if (!tail.events.empty() && tail.events.back().seq > tail.record.last_seq) {
    MBF_CO_TRY(tail.record, co_await services_.store.execution(tenant, id));
  }
  co_return tail;
}

}  // namespace mbflow::runtime
