// Hands messages on: starts each workflow that subscribes to one. Any number of processes may do so at the same time, and each may
// die at any moment: the id of what a message starts is told by the message and the node, so each is started once. Of one loop.
#pragma once

#include "runtime/runtime.h"

#include <functional>
#include <map>
#include <memory>

namespace mbflow::server {

class Dispatcher {
 public:
  // `on_fault` is told when a subscription cannot hear a message: its filter fails, its workflow cannot start.
  using OnFault = std::function<void(const store::Message& message, const store::Subscription& subscription, const Error& why)>;
  Dispatcher(runtime::Services& services, runtime::Runtime& runtime, Loop& loop, OnFault on_fault);

  // Until `stop` is requested. Errors of the store pass: it looks again.
  [[nodiscard]] Task<void> run(std::stop_token stop);
  // Any thread: there is a new message.
  void kick();
  // Hands on what waits; true: there may be more at once.
  [[nodiscard]] Task<Result<bool>> look();

 private:
  struct Live;
  [[nodiscard]] Task<Result<void>> refresh();
  [[nodiscard]] Task<Result<std::shared_ptr<Live>>> read(store::Subscription row);
  [[nodiscard]] Task<Result<void>> hand_on(const store::Message& message);
  [[nodiscard]] Task<Result<void>> start(const store::Message& message, const Live& live);
  [[nodiscard]] Task<Result<void>> start_handler(const store::Message& message, store::Subscription& row);
  [[nodiscard]] Task<Result<void>> start_once(runtime::StartRequest request);
  [[nodiscard]] bool give_up(const store::Message& message, const store::Subscription& row, const Error& why);

  runtime::Services& services_;
  runtime::Runtime& runtime_;
  Loop& loop_;
  OnFault on_fault_;
  OneShot<bool>::Setter wake_;
  std::uint64_t catalog_ = 0;
  std::vector<std::shared_ptr<Live>> live_;
};

}  // namespace mbflow::server
