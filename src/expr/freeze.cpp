#include "expr/realm.h"

#include <unordered_set>
#include <utility>

namespace mbflow::expr {
namespace {

constexpr JSClassID class_ids = 256;  // QuickJS numbers its classes from 1, with gaps; it has some seventy

// JavaScript's own Object.freeze on every object, function and accessor that can be reached.
class Freezer {
 public:
  explicit Freezer(JSContext* context) : context_(context) {}
  ~Freezer() {
    for (const JSValue object : seen_values_) JS_FreeValue(context_, object);
  }
  Freezer(const Freezer&) = delete;
  Freezer& operator=(const Freezer&) = delete;

  // Takes the value over.
  void add(JSValue value) {
    if (JS_IsObject(value) && seen_.insert(JS_VALUE_GET_PTR(value)).second) {
      seen_values_.push_back(value);
      return;
    }
    JS_FreeValue(context_, value);
  }

  bool run() {
    for (std::size_t i = 0; i < seen_values_.size(); ++i) {
      if (!visit(seen_values_[i])) return false;
    }
    for (const JSValue object : seen_values_) {
      if (JS_FreezeObject(context_, object) != 1) return false;
    }
    return true;
  }

 private:
  bool visit(JSValue object) {
    add(JS_GetPrototype(context_, object));
    JSPropertyEnum* names = nullptr;
    std::uint32_t count = 0;
    if (JS_GetOwnPropertyNames(context_, &names, &count, object, JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK) != 0)
      return false;
    bool read = true;
    for (std::uint32_t i = 0; i < count && read; ++i) {
      JSPropertyDescriptor property{};
      const int found = JS_GetOwnProperty(context_, &property, object, names[i].atom);
      read = found >= 0;
      if (found != 1) continue;
      add(property.value);
      add(property.getter);
      add(property.setter);
    }
    JS_FreePropertyEnum(context_, names, count);
    return read;
  }

  JSContext* context_;
  std::unordered_set<void*> seen_;
  std::vector<JSValue> seen_values_;  // in the order found; owned
};

}  // namespace

bool deep_freeze(JSContext* context, std::span<const JSValue> roots) {
  Freezer freezer(context);
  for (const JSValue root : roots) freezer.add(JS_DupValue(context, root));
  JSRuntime* runtime = JS_GetRuntime(context);
  // Prototypes that no name leads to: of iterators, generators, async functions.
  for (JSClassID id = 1; id < class_ids; ++id) {
    if (JS_IsRegisteredClass(runtime, id)) freezer.add(JS_GetClassProto(context, id));
  }
  return freezer.run();
}

}  // namespace mbflow::expr
