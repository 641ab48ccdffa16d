// How a client in Node does the tasks of a suite: `node callo_tasks.mjs TASK ARGUMENTS [--bug NAME]`, with the arguments
// as JSON; it prints one line of JSON about what it concluded.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

export class Lost extends Error {}
export class Refused extends Error {}

export const bug = process.argv[process.argv.indexOf("--bug") + 1 || process.argv.length] ?? "";
export const has = (name) => bug === name;
export const pause = (milliseconds) => new Promise((resume) => setTimeout(resume, milliseconds));
const TRIES = 5;
const LOOKS = 12;
const PATIENCE = 8000;

export const parse = (text) => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Lost(`no JSON: ${error.message}`);
  }
};

// Sends one request; whatever goes wrong on the way is Lost: nobody knows whether the work was done.
export const send = async (url, { method = "GET", query, form, json, body, headers = {} } = {}) => {
  const words = query ? `?${new URLSearchParams(query)}` : "";
  const more = json === undefined ? {} : { "Content-Type": "application/json" };
  const content = body ?? (form ? new URLSearchParams(form) : json === undefined ? undefined : JSON.stringify(json));
  try {
    const answer = await fetch(url + words, { method, headers: { ...more, ...headers }, body: content, signal: AbortSignal.timeout(PATIENCE) });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  } catch (error) {
    throw new Lost(error.message);
  }
};

const waitOf = (answer) => {
  const after = answer.headers.get("retry-after");
  if (!after) return 1100;
  if (/^\d+$/.test(after)) return Number(after) * 1000;
  return Math.max(0, Date.parse(after) - Date.parse(answer.headers.get("date")));
};

const limits = (answer) => answer.status === 429;

// Asks for what happens once: waits for limits, and for nothing else.
export const order = async (url, request, limited = limits) => {
  for (;;) {
    const answer = await send(url, request);
    if (!limited(answer) || has("limit_is_refusal")) {
      if (answer.status >= 500) throw new Lost(String(answer.status));
      return answer;
    }
    await pause(waitOf(answer));
  }
};

// Asks for what may be asked twice: a few times, after growing waits, whatever is lost.
export const look = async (url, request, result, limited = limits) => {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return result(await order(url, request, limited));
    } catch (error) {
      if (!(error instanceof Lost) || attempt + 1 >= TRIES || has("readers_ask_once")) throw error;
      await pause(150 * 2 ** attempt);
    }
  }
};

export const until = async (isOver) => {
  for (let count = 0; count < LOOKS; count += 1) {
    if (await isOver()) return true;
    await pause(350);
  }
  return false;
};

// What was handled, kept where it survives a restart.
export class Handled {
  constructor() {
    this.file = join(process.env.SIMULATOR_STATE, "handled.json");
    const kept = existsSync(this.file) && !has("forgets_at_a_restart") ? JSON.parse(readFileSync(this.file, "utf8")) : {};
    this.known = kept.known ?? [];
    this.placed = kept.placed ?? [];
    this.fresh = [];
  }

  note(name) {
    if (this.known.includes(name) && !has("handles_each_copy")) return;
    this.known.push(name);
    this.fresh.push(name);
    this.keep();
  }

  // What was handled of our own: an event may come about what somebody else asked for.
  get own() {
    return has("counts_what_is_not_its_own") ? this.fresh : this.fresh.filter((name) => this.placed.includes(name));
  }

  notePlaced(name) {
    this.placed.push(name);
    this.keep();
  }

  keep() {
    writeFileSync(this.file, JSON.stringify({ known: this.known, placed: this.placed }));
  }
}

// Listens at an address until standard input ends; `work` is done meanwhile.
export const listen = async (address, handle, work) => {
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      response.statusCode = handle(new URL(request.url, address), request.headers, Buffer.concat(parts));
      response.end();
    });
  });
  await new Promise((resume) => server.listen(Number(new URL(address).port), "127.0.0.1", resume));
  await work();
  process.stdin.resume();
  await new Promise((resume) => process.stdin.on("end", resume));
  server.closeAllConnections();
  server.close();
};

// Listens, places what is to be heard of, and looks up in the end what was not heard of.
export const hear = async (address, handle, place, isOver) => {
  const handled = new Handled();
  await listen(address, (...request) => handle(handled, ...request), async () => {
    if (!handled.placed.length) await place(handled);
  });
  if (!has("trusts_events_alone")) {
    for (const name of handled.placed) if (!handled.known.includes(name) && (await isOver(name))) handled.note(name);
  }
  return handled.own;
};

const ZONES = { "+1212": "America/New_York", "+44": "Europe/London", "+33": "Europe/Paris" };
// Tells whether it is night for one of those who are called; `zone` is that of plain numbers.
export const isNight = (phones, now, zone = "UTC") =>
  Boolean(now) && !has("calls_at_night") && phones.some((phone) => {
    const [, timeZone] = Object.entries(ZONES).find(([prefix]) => phone.startsWith(prefix)) ?? ["", zone];
    const hour = Number(new Intl.DateTimeFormat("en-GB", { hour: "2-digit", hour12: false, timeZone }).format(new Date(now)));
    return hour < 9 || hour >= 20;
  });
export const unique = (rows) => (has("rows_counted_twice") ? rows : [...new Set(rows)]);

export const main = async (tasks) => {
  const [task, given] = process.argv.slice(2);
  if (!tasks[task]) process.exit(12);
  let conclusion;
  try {
    conclusion = await tasks[task](JSON.parse(given));
  } catch (error) {
    if (error instanceof Refused) conclusion = { outcome: "refused" };
    else if (error instanceof Lost) conclusion = { outcome: "unknown" };
    else throw error;
  }
  process.stdout.write(`${JSON.stringify(conclusion)}\n`);
};
