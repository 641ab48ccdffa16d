// Gives scripts a Date whose now stands still at `now` (ms) and whose local time is that of a zone.
// `zone` is [[since, offset], ...] in ms; `wall` counts what a clock on the wall shows as if it were UTC.
(Instant, now, zone, put) => {
  "use strict";
  const { apply, construct } = Reflect;
  const spell = String;
  const utc = Instant.prototype;
  const { getTime, setTime } = utc;
  const look = (time) => {
    let low = 0, high = zone.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (zone[middle][0] <= time) low = middle; else high = middle;
    }
    return zone[low][1];
  };
  const toUtc = (wall) => {
    const before = wall - look(wall - 864e5), after = wall - look(wall + 864e5);
    if (before + look(before) === wall) return before;
    return after + look(after) === wall ? after : before;
  };
  const wallOf = (date) => {
    const time = apply(getTime, date, []);
    return new Instant(time + look(time));
  };
  const dayOnly = /^(\d{4}|[+-]\d{6})(-\d\d(-\d\d)?)?$/;
  const read = Instant.parse;
  const readTime = (value) => {
    const text = spell(value).trim();
    if (dayOnly.test(text)) return read(text);
    for (const end of ["Z", " GMT"]) {
      const wall = /\d/.test(text) ? read(text + end) : NaN;
      if (wall === wall && !/(Z|GMT|UTC|[+-]\d\d:?\d\d)\s*(\(.*\))?$/i.test(text)) return toUtc(wall);
    }
    return read(text);
  };
  const instant = (values) => {
    if (values.length === 0) return now;
    if (values.length > 1) return toUtc(Instant.UTC(...values));
    const [one] = values;
    if (one instanceof Instant) return apply(getTime, one, []);
    const plain = typeof one === "object" && one !== null ? one[Symbol.toPrimitive]?.("default") ?? one.valueOf() : one;
    return typeof plain === "string" ? readTime(plain) : +plain;
  };
  const Clock = function Date(...values) {
    if (!new.target) return spell(new Clock());
    return construct(Instant, [instant(values)], new.target);
  };
  Clock.prototype = utc;
  put(utc, "constructor", Clock);
  put(Clock, "now", () => now);
  put(Clock, "UTC", Instant.UTC);
  put(Clock, "parse", readTime);
  for (const part of ["FullYear", "Month", "Date", "Day", "Hours", "Minutes", "Seconds", "Milliseconds"]) {
    const get = utc["getUTC" + part], set = utc["setUTC" + part];
    put(utc, "get" + part, function () { return apply(get, wallOf(this), []); });
    if (set) put(utc, "set" + part, function (...values) {
      const wall = wallOf(this);
      return apply(setTime, this, [toUtc(apply(set, wall, values))]);
    });
  }
  const { toUTCString, getFullYear } = utc;
  put(utc, "getYear", function () { return apply(getFullYear, this, []) - 1900; });
  put(utc, "getTimezoneOffset", function () {
    const time = apply(getTime, this, []);
    return time === time ? -look(time) / 6e4 : NaN;
  });
  const parts = (date) => /^(\w+), (\d+) (\w+) (-?\d+) (\S+) GMT$/.exec(apply(toUTCString, wallOf(date), []));
  const day = (match) => `${match[1]} ${match[3]} ${match[2]} ${match[4]}`;
  const hour = (match, date) => {
    const minutes = look(apply(getTime, date, [])) / 6e4, size = Math.abs(minutes);
    const digits = spell(Math.floor(size / 60) * 100 + Math.floor(size) % 60).padStart(4, "0");
    return `${match[5]} GMT${minutes < 0 ? "-" : "+"}${digits}`;
  };
  const show = (form) => function () {
    const match = parts(this);
    return match ? form(match, this) : "Invalid Date";
  };
  put(utc, "toDateString", show(day));
  put(utc, "toTimeString", show(hour));
  put(utc, "toString", show((match, date) => `${day(match)} ${hour(match, date)}`));
  const local = (owner, name) => put(owner, name, () => {
    throw new TypeError(`${name} is not simulated`);
  });
  for (const name of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) local(utc, name);
  local(Number.prototype, "toLocaleString");
  put(globalThis, "Date", Clock);
  return Clock;
}
