// Makes a bare engine into the one that scripts see: keyed randomness, a clock that stands, bounded work.
// Called once with JSON: {now, seed, zone: [[since, offset], ...], work, names, known} (times and offsets in ms),
// and the text of calendar.js. Returns ask(kind, source): the answer as JSON text, or undefined; whatever a
// script throws comes out.
(text, calendar) => {
  "use strict";
  const given = JSON.parse(text);
  const { apply, defineProperty, getOwnPropertyDescriptor, ownKeys } = Reflect;
  const { stringify, parse } = JSON;
  const compile = Function;
  const spell = String;
  const isArray = Array.isArray;
  const Instant = Date;
  const forget = [
    "performance", "Atomics", "SharedArrayBuffer", "ArrayBuffer", "DataView", "Uint8ClampedArray", "Int8Array",
    "Uint8Array", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "BigInt64Array", "BigUint64Array",
    "Float16Array", "Float32Array", "Float64Array", "BigInt", "Proxy", "WeakRef", "FinalizationRegistry",
    "Iterator", "Promise", "queueMicrotask", "DisposableStack", "AsyncDisposableStack", "DOMException",
    "InternalError", "eval", "Function", "Date",
  ];
  const proxyOf = Proxy;
  const put = (owner, name, value) =>
    defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: false });

  const sourceOf = getOwnPropertyDescriptor(RegExp.prototype, "source").get;
  const isPattern = (value) => {
    try {
      return value !== RegExp.prototype && apply(sourceOf, value, []) !== undefined;
    } catch {
      return false;
    }
  };
  // What a method of texts would spell out by itself is spelt out before it is weighed.
  const spelt = (value) => (typeof value !== "object" || value === null || isPattern(value) ? value : spell(value));

  // -- work: a call of the engine's own methods costs what it has to look at; loops are counted by the engine
  const BRIEF = 256;
  let left = Infinity;
  const spend = (cost) => {
    if (!((left -= cost) >= 0)) throw new RangeError("so much work in one run is not simulated");
  };
  const size = (value) => {
    if (typeof value === "string") return value.length;
    if (typeof value !== "object" || value === null || !("length" in value)) return isPattern(value) ? 16 : 1;
    const own = getOwnPropertyDescriptor(value, "length");
    if (typeof own?.value !== "number") return Infinity;  // it could be another number the next time
    return own.value > 0 ? own.value : 1;
  };
  const total = (values) => {
    let sum = 0;
    for (let place = 0; place < values.length; place++) sum += size(values[place]);
    return sum;
  };
  const joined = Array.prototype.join;
  const product = (own, values) => size(own) * (1 + total(values));
  const sorting = (own, values) => {
    spend(size(own));
    return values.length ? size(own) : apply(joined, own, []).length * Math.log2(2 + size(own));
  };
  const costs = {
    indexOf: product, lastIndexOf: product, includes: product, split: product, replace: product,
    replaceAll: product, normalize: (own) => size(own) ** 2 / 64, localeCompare: product,
    sort: sorting, toSorted: sorting,
  };
  const guard = (owner, name, plain = (value) => value) => {
    const original = owner[name];
    const cost = costs[name] ?? ((own, values) => size(own) + total(values));
    const method = { [name](...values) {
      const first = values[0], second = values[1];
      // Most calls are about little: they are told by as few calls as can be, for the engine counts those.
      if (
        (typeof this === "string" || (isArray(this) && cost !== sorting)) && this.length < BRIEF &&
        (typeof first === "string" ? first.length < BRIEF : typeof first !== "object" || isPattern(first)) &&
        (typeof second === "string" ? second.length < BRIEF : typeof second !== "object") && values.length < 3
      ) {
        if (!((left -= BRIEF) >= 0)) spend(0);
        return apply(original, this, values);
      }
      const own = plain(this);
      for (let place = 0; place < values.length; place++) values[place] = plain(values[place]);
      spend(cost(own, values));
      return apply(original, own, values);
    } }[name];
    put(owner, name, method);
  };
  const light = ["length", "constructor", "at", "push", "pop", "charAt", "charCodeAt", "toString", "valueOf"];
  for (const owner of [Array.prototype, String.prototype]) {
    for (const name of ownKeys(owner)) {
      if (typeof name === "string" && !light.includes(name)) {
        guard(owner, name, owner === String.prototype ? spelt : undefined);
      }
    }
  }
  guard(JSON, "stringify");
  guard(JSON, "parse");
  put(String, "raw", undefined);
  put(Array.prototype, "flat", function (depth = 1) {
    let list = [].concat(...this);
    for (let level = 1; level < depth && list.some(isArray); level++) list = [].concat(...list);
    return list;
  });
  put(Array.prototype, "flatMap", function (...values) { return [].concat(...this.map(...values)); });
  const helpers = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  for (const name of ownKeys(helpers)) if (typeof name === "string") delete helpers[name];
  for (const make of [() => 0, function* () {}, async () => 0, async function* () {}]) {
    put(Object.getPrototypeOf(make), "constructor", undefined);
  }
  for (const name of forget) delete globalThis[name];

  // -- randomness: xorshift from a key
  let state = given.seed | 1;
  put(Math, "random", () => {
    state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
    return (state >>> 0) / 4294967296;
  });

  // -- names: `$anything` and what the vendor sets are there, undefined where they have no value
  const { names, known } = given;
  const keepTime = (source) => {  // only where time is spoken of: this is half of the work of a step
    if ("now" in names || !/\b(Date|now)\b/.test(source)) return source;
    const Clock = compile(`return (${calendar})`)()(Instant, given.now, given.zone, put);
    names.now = new Clock();
    return source;
  };
  const scope = new proxyOf(names, {
    has: (_, key) => typeof key === "string" && (key[0] === "$" || known.includes(key)),
    get: (all, key) => (typeof key === "string" ? all[key] : undefined),
  });
  const kinds = (value) => Object.prototype.toString.call(value);
  const checked = (value) => {
    if (typeof value === "function") throw new TypeError("a function as a value is not simulated");
    if (kinds(value) === "[object Promise]") throw new TypeError("a promise as a value is not simulated");
    return value;
  };
  const showText = (value) => {
    if (typeof checked(value) !== "object" || value === null || value instanceof Instant) return spell(value);
    return stringify(value);
  };
  const build = (body) => new compile("$scope", `with ($scope) {${body}\n}`);
  const expression = (source) => {
    build(`return [${source}\n]`);  // what closes a bracket here does not close the other
    return build(`return (${source}\n)`);
  };
  const variables = () => {
    const kept = {};
    for (const name of ownKeys(names)) if (name[0] === "$") kept[name] = checked(names[name]);
    return kept;
  };
  const answers = {
    value: (source) => stringify(checked(expression(source)(scope))),
    truth: (source) => stringify(!!expression(source)(scope)),
    text: (source) => stringify(showText(expression(source)(scope))),
    run: (source) => (build(source)(scope), stringify(variables())),
    check: (source) => void expression(source),
    checkCode: (source) => void build(source),
    globals: () => stringify(ownKeys(globalThis).filter((name) => typeof name === "string")),
    left: () => stringify(left > 0 ? left : -1),
  };
  left = given.work;
  return (kind, source) => answers[kind](keepTime(parse(source)));
}
