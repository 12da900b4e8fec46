#include "net/driver.h"

#include "net/exchange.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace mbflow::net {
namespace {

constexpr std::size_t pool_limit = 64;

std::uint32_t epoll_events(std::uint8_t wanted) {
  return ((wanted & CURL_POLL_IN) != 0 ? std::uint32_t{EPOLLIN} : 0) |
         ((wanted & CURL_POLL_OUT) != 0 ? std::uint32_t{EPOLLOUT} : 0);
}

int curl_events(std::uint32_t events) {
  int mask = 0;
  if ((events & EPOLLIN) != 0) mask |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) mask |= CURL_CSELECT_ERR;
  return mask;
}

}  // namespace

Driver::Driver(AsioLoop& loop, std::shared_ptr<const ClientOptions> options)
    : loop_(loop),
      options_(std::move(options)),
      epoll_(loop.context(), epoll_create1(EPOLL_CLOEXEC)),
      multi_(curl_multi_init()) {
  auto count = [](std::size_t number) { return static_cast<long>(std::min<std::size_t>(number, 1 << 20)); };
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Driver::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Driver::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, count(options_->max_connections));
  curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, count(options_->max_connections_per_host));
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, count(options_->max_connections));
  watch();
}

Driver::~Driver() {
  loop_.cancel(timer_);
  pool_.clear();
  curl_multi_cleanup(multi_);
}

std::unique_ptr<Transfer> Driver::take() {
  if (pool_.empty()) return std::make_unique<Transfer>(*this);
  auto transfer = std::move(pool_.back());
  pool_.pop_back();
  return transfer;
}

void Driver::give_back(std::unique_ptr<Transfer> transfer) {
  transfer->reset();
  if (pool_.size() < pool_limit) pool_.push_back(std::move(transfer));
}

bool Driver::start(Transfer& transfer) { return curl_multi_add_handle(multi_, transfer.easy()) == CURLM_OK; }

void Driver::abandon(Transfer& transfer) { curl_multi_remove_handle(multi_, transfer.easy()); }

std::uint64_t Driver::enter(Exchange& exchange) {
  under_way_.push_back(&exchange);
  return ++last_number_;
}

void Driver::leave(Exchange& exchange) {
  std::erase(under_way_, &exchange);
  std::ranges::replace(finished_, &exchange, nullptr);
}

// A message to the loop, since a stop may be asked for anywhere and libcurl cannot end a transfer from its own
// callbacks. The exchange may be over when it arrives.
void Driver::interrupt(std::uint64_t number, CURLcode code) {
  loop_.post([self = shared_from_this(), number, code] {
    auto found = std::ranges::find(self->under_way_, number, &Exchange::number);
    if (found != self->under_way_.end()) (*found)->interrupted(code);
  });
}

void Driver::refused(Transfer& transfer) { interrupt(transfer.waiting->number(), CURLE_COULDNT_CONNECT); }

int Driver::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto& driver = *static_cast<Driver*>(self);
  auto& state = driver.watched(socket);
  state.wanted = what == CURL_POLL_REMOVE ? std::uint8_t{0} : static_cast<std::uint8_t>(what);
  // A connection that goes back to the pool stays with epoll, or every request would cost two calls more. When it
  // becomes readable there (the server closed it), take_events() takes it out.
  if (state.wanted == 0 && state.ours) return 0;
  driver.update(socket, state);
  return 0;
}

void Driver::update(curl_socket_t socket, Watched& state) {
  if (state.registered == state.wanted) return;
  int set = epoll_.native_handle();
  epoll_event event{.events = epoll_events(state.wanted), .data = {.fd = socket}};
  if (state.wanted == 0) {
    epoll_ctl(set, EPOLL_CTL_DEL, socket, nullptr);
  } else if (epoll_ctl(set, state.registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event) != 0) {
    // The number was another socket's before, closed without our knowledge (libcurl's own wake-up pipes).
    epoll_ctl(set, errno == EEXIST ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
  }
  state.registered = state.wanted;
}

Driver::Watched& Driver::watched(curl_socket_t socket) {
  auto index = static_cast<std::size_t>(socket);
  if (index >= sockets_.size()) sockets_.resize(index + 64);
  return sockets_[index];
}

void Driver::opened(curl_socket_t socket) { watched(socket) = Watched{.ours = true}; }
void Driver::closing(curl_socket_t socket) { watched(socket) = Watched{}; }

void Driver::watch() {
  epoll_.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
    if (!error) take_events();
  });
}

void Driver::take_events() {
  std::array<epoll_event, 64> events;
  int count = epoll_wait(epoll_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (int index = 0; index < count; ++index) {
    const auto& event = events[static_cast<std::size_t>(index)];
    auto& state = watched(event.data.fd);
    if (state.wanted == 0)
      update(event.data.fd, state);
    else
      act(event.data.fd, curl_events(event.events));
  }
  watch();
  collect();
}

int Driver::on_timer(CURLM*, long milliseconds, void* self) {
  auto& driver = *static_cast<Driver*>(self);
  driver.loop_.cancel(std::exchange(driver.timer_, 0));
  if (milliseconds == 0) driver.kick();
  if (milliseconds > 0)
    driver.timer_ = driver.loop_.after(std::chrono::milliseconds(milliseconds), [&driver] {
      driver.timer_ = 0;
      driver.act(CURL_SOCKET_TIMEOUT, 0);
      driver.collect();
    });
  return 0;
}

// libcurl may not be called from its own callbacks, and requests begun in one turn share one call.
void Driver::kick() {
  if (std::exchange(kicked_, true)) return;
  loop_.post([self = shared_from_this()] {
    self->kicked_ = false;
    self->act(CURL_SOCKET_TIMEOUT, 0);
    self->collect();
  });
}

void Driver::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
}

void Driver::collect() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    CURLcode code = message->data.result;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    curl_multi_remove_handle(multi_, easy);
    transfer->waiting->complete(code);
    finished_.push_back(transfer->waiting);
  }
  // A coroutine resumed here may end others, which then leave a null behind.
  for (std::size_t index = 0; index < finished_.size(); ++index)
    if (auto* exchange = std::exchange(finished_[index], nullptr)) exchange->resume();
  finished_.clear();
}

}  // namespace mbflow::net
