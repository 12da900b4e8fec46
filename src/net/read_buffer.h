// The bytes that a connection has read and not yet used: one block, used from the front, filled at the back.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace mbflow::net {

class ReadBuffer {
 public:
  static constexpr std::size_t small = 4 << 10;
  static constexpr std::size_t large = 64 << 10;

  [[nodiscard]] std::string_view data() const { return {block_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  void consume(std::size_t count) { begin_ += count; }
  void commit(std::size_t count) { end_ += count; }

  // Place for more bytes. No read may be under way into an earlier one. Empty when the block is full of unused bytes.
  [[nodiscard]] std::span<char> room() {
    if (!block_) grow(small);
    if (begin_ == end_) begin_ = end_ = 0;
    if (capacity_ - end_ < small / 4 && begin_ > 0) {
      std::memmove(block_.get(), block_.get() + begin_, end_ - begin_);
      end_ -= std::exchange(begin_, 0);
    }
    return {block_.get() + end_, capacity_ - end_};
  }
  void reserve(std::size_t capacity) {
    if (capacity > capacity_) grow(capacity);
  }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  // An idle connection keeps little.
  void shrink() {
    if (capacity_ > small && empty()) *this = ReadBuffer();
  }

 private:
  void grow(std::size_t capacity) {
    auto block = std::make_unique_for_overwrite<char[]>(capacity);
    if (end_ > begin_) std::memcpy(block.get(), block_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
    block_ = std::move(block);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> block_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace mbflow::net
