// What our realm has beyond the language, in JavaScript, and what it takes away. Run once per realm, before everything
// is frozen. `n` holds the natives (natives.cpp); arguments are made primitive here, before a native sees them.
#include "expr/realm.h"

namespace mbflow::expr {
namespace {

constexpr std::string_view source = R"js((function (n) {
  'use strict';
  const define = Object.defineProperty;
  const text = String;

  // `__proto__` becomes a key like any other, and no getter hides behind a plain name.
  for (const name of ['__proto__', '__defineGetter__', '__defineSetter__', '__lookupGetter__', '__lookupSetter__'])
    delete Object.prototype[name];
  // These keep state in the engine, not in a property that freezing would stop.
  for (const name of ['prepareStackTrace', 'stackTraceLimit', 'captureStackTrace']) delete Error[name];
  for (const name of ['eval', 'queueMicrotask', 'WeakMap', 'WeakSet']) delete globalThis[name];

  // Assigning `o.toString = …` to an own object must work although the prototype is frozen: data decides such names.
  function open(prototype) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const property = Object.getOwnPropertyDescriptor(prototype, name);
      if (!('value' in property)) continue;
      const value = property.value;
      define(prototype, name, {
        configurable: true, enumerable: false,
        get() { return value; },
        set(other) {
          if (this === prototype) throw new TypeError('built-in objects cannot be changed');
          define(this, name, { value: other, writable: true, enumerable: true, configurable: true });
        },
      });
    }
  }
  open(Object.prototype);
  for (const error of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError])
    open(error.prototype);

  // The clock stands still during a node run.
  const RealDate = Date;
  const construct = Reflect.construct;
  const ClockDate = function Date(...parts) {
    if (new.target === undefined) return new RealDate(n.now()).toString();
    return construct(RealDate, parts.length === 0 ? [n.now()] : parts, new.target);
  };
  ClockDate.prototype = RealDate.prototype;
  define(RealDate.prototype, 'constructor', { value: ClockDate, configurable: true, writable: true });
  const now = () => n.now();
  for (const [name, value] of [['now', now], ['parse', RealDate.parse], ['UTC', RealDate.UTC]])
    define(ClockDate, name, { value, configurable: true, writable: true });
  globalThis.Date = ClockDate;

  const units = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'];
  function unit(name) {
    const at = units.indexOf(text(name).replace(/s$/, ''));
    if (at < 0) throw new RangeError(`'${name}' is no unit of time; use one of ${units.join(', ')}`);
    return at;
  }
  function amounts(given) {
    if (given === null || typeof given !== 'object') throw new TypeError('give amounts like {days: 1, hours: 2}');
    const list = [0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (const name of Object.keys(given)) {
      const amount = Number(given[name]);
      if (!Number.isFinite(amount)) throw new RangeError(`${name} must be a number`);
      list[unit(name)] += amount;
    }
    return list;
  }
  function zone(given) {
    if (given === undefined || given === null) return n.zone();
    const name = text(given);
    if (!n.is_zone(name)) throw new RangeError(`'${name}' is no time zone; write it like Europe/Berlin`);
    return name;
  }
  const secret = Symbol();
  class DateTime {
    #ms; #zone;
    constructor(key, ms, zone) {
      if (key !== secret) throw new TypeError('use DateTime.fromISO, DateTime.fromMillis or $now');
      if (!(Math.abs(ms) <= 8.64e15)) throw new RangeError('this date is out of range');
      this.#ms = ms;
      this.#zone = zone;
    }
    static fromISO(iso, options) {
      const name = zone(options?.zone);
      const ms = n.parse(text(iso), name);
      if (ms === undefined) throw new RangeError(`'${iso}' is no ISO date; write it like 2026-03-01T09:30 or 2026-03-01T09:30:00Z`);
      return new DateTime(secret, ms, name);
    }
    static fromMillis(ms, options) { return new DateTime(secret, Math.trunc(Number(ms)), zone(options?.zone)); }
    static now() { return new DateTime(secret, n.now(), n.zone()); }
    #at(ms) { return new DateTime(secret, ms, this.#zone); }
    plus(given) { return this.#at(n.add(this.#ms, this.#zone, ...amounts(given))); }
    minus(given) { return this.#at(n.add(this.#ms, this.#zone, ...amounts(given).map((amount) => -amount))); }
    startOf(name) { return this.#at(n.start_of(this.#ms, this.#zone, unit(name))); }
    endOf(name) { return this.#at(n.end_of(this.#ms, this.#zone, unit(name))); }
    setZone(name) { return new DateTime(secret, this.#ms, zone(name)); }
    toUTC() { return new DateTime(secret, this.#ms, 'UTC'); }
    diff(other, name = 'milliseconds') {
      const ms = other === null ? NaN : #ms in Object(other) ? other.#ms : new Date(other).getTime();
      if (!Number.isFinite(ms)) throw new RangeError('diff needs a date');
      return n.diff(this.#ms, ms, this.#zone, unit(name));
    }
    toFormat(pattern) { return n.format(this.#ms, this.#zone, text(pattern)); }
    toISO() { return n.iso(this.#ms, this.#zone); }
    toISODate() { return n.format(this.#ms, this.#zone, 'yyyy-MM-dd'); }
    toMillis() { return this.#ms; }
    valueOf() { return this.#ms; }
    toJSON() { return this.toISO(); }
    toString() { return this.toISO(); }
    get year() { return n.field(this.#ms, this.#zone, 0); }
    get month() { return n.field(this.#ms, this.#zone, 1); }
    get day() { return n.field(this.#ms, this.#zone, 2); }
    get hour() { return n.field(this.#ms, this.#zone, 3); }
    get minute() { return n.field(this.#ms, this.#zone, 4); }
    get second() { return n.field(this.#ms, this.#zone, 5); }
    get millisecond() { return n.field(this.#ms, this.#zone, 6); }
    get weekday() { return n.field(this.#ms, this.#zone, 7); }
    get zoneName() { return this.#zone; }
    static of(ms) { return new DateTime(secret, ms, n.zone()); }
  }
  const make = DateTime.of;
  delete DateTime.of;
  globalThis.DateTime = DateTime;

  class Items {
    #name;
    constructor(key, name) {
      if (key !== secret) throw new TypeError('use $input or $(…)');
      this.#name = name;
    }
    get item() { return n.pick(this.#name, 0); }
    get isExecuted() { return n.ran(this.#name); }
    first() { return n.pick(this.#name, 1); }
    last() { return n.pick(this.#name, 2); }
    all() { return n.pick(this.#name, 3); }
  }

  const async_values = [async () => {}, async function* () {}, function* () {}, (function () { return arguments; })()];
  return {
    slot: n.slot,
    node: (name) => new Items(secret, text(name)),
    input: new Items(secret, null),
    now: () => make(n.now()),
    today: () => make(n.now()).startOf('day'),
    boxed: [new Number(1), new String(''), new Boolean(true), Object(1n)],
    keep: [Items, async_values, n],
  };
}))js";

}  // namespace

std::string_view prelude_source() { return source; }

}  // namespace mbflow::expr
