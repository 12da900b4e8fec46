// Coroutine frames are the largest and most frequent allocations of a request, and die young: each thread keeps a few of
// every size for the next one.
#include <mbflow/task.h>

#include <array>
#include <cstdlib>
#include <new>

namespace mbflow::detail {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool keeps_frames = false;  // a reused frame would hide its use after the end
#else
constexpr bool keeps_frames = true;
#endif

constexpr std::size_t step = 64;
constexpr std::size_t largest = 4096;
constexpr int most_kept = 32;  // of a size, a thread

struct Free {
  Free* next;
};
struct Shelf {
  Free* first = nullptr;
  int count = 0;
};
// Without a destructor, so that they may still be looked at while the thread ends.
thread_local std::array<Shelf, largest / step> shelves;
thread_local bool closed = false;

// Made by a thread's first frame; what is freed after its end goes back at once.
struct Closing {
  void watch() const {}
  Closing() = default;
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  ~Closing() {
    closed = true;
    for (auto& shelf : shelves) {
      while (Free* frame = shelf.first) {
        shelf.first = frame->next;
        std::free(frame);  // NOLINT: as it was allocated
      }
    }
  }
};
thread_local Closing closing;

std::size_t shelf_of(std::size_t size) { return (size - 1) / step; }

}  // namespace

void* allocate_frame(std::size_t size) {
  if (keeps_frames && size <= largest) {
    auto& shelf = shelves[shelf_of(size)];
    if (Free* frame = shelf.first) {
      shelf.first = frame->next;
      --shelf.count;
      return frame;
    }
    closing.watch();
    size = (shelf_of(size) + 1) * step;
  }
  void* frame = std::malloc(size);  // NOLINT
  if (!frame) throw std::bad_alloc();
  return frame;
}

void free_frame(void* frame, std::size_t size) noexcept {
  if (keeps_frames && size <= largest && !closed) {
    auto& shelf = shelves[shelf_of(size)];
    if (shelf.count < most_kept) {
      shelf.first = new (frame) Free{shelf.first};
      ++shelf.count;
      return;
    }
  }
  std::free(frame);  // NOLINT
}

}  // namespace mbflow::detail
