#include "store/postgres/readers.h"

namespace mbflow::store::postgres {

namespace {

constexpr int most_tries = 10;  // for collisions with others

}  // namespace

Readers::Readers(std::vector<std::unique_ptr<Connection>> connections, std::size_t queue_limit,
                 std::chrono::milliseconds patience)
    : queue_(queue_limit, std::size_t{1} << 30) {
  for (auto& connection : connections)
    links_.push_back(std::make_unique<Link>(std::move(connection), patience, [this] { return queue_.closed(); }));
  for (auto& link : links_) threads_.emplace_back([this, link = link.get()] { work(*link); });
}

void Readers::close() {
  queue_.close();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  links_.clear();
}

void Readers::work(Link& link) {
  Delivery delivery;
  for (;;) {
    auto calls = queue_.take(1);
    auto call = calls.pop();
    if (!call) return;
    read(link, call_of(*call));
    delivery.add(std::move(call));
    delivery.send();
  }
}

void Readers::read(Link& link, DatabaseCall& call) {
  auto& db = link.db();
  for (int tries = 1;; ++tries) {
    if (!link.ready()) {
      if (link.given_up()) return call.refuse(link.error());
      continue;
    }
    db.clear_fault();
    call.run(db);
    const bool repeat = db.fault() == Fault::lost || db.fault() == Fault::again;
    if (!repeat || tries >= most_tries) return;
    if (db.fault() == Fault::lost) db.disconnect();
  }
}

}  // namespace mbflow::store::postgres
