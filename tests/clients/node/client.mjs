// What the four clients share: bugs by name, a way through refusals and outages, a pause between two looks.
import { readFileSync } from "node:fs";

export const PAUSE = 350;
const TRIES = 5;
const TABLE = JSON.parse(readFileSync(new URL("./bugs.json", import.meta.url), "utf8"));
const given = (name) => process.argv.flatMap((word, place) => (word === name ? [process.argv[place + 1]] : []));

export const pause = (milliseconds = PAUSE) => new Promise((resume) => setTimeout(resume, milliseconds));

export class Lost extends Error {}
export class GaveUp extends Error {}

export class Client {
  constructor(vendor, edits) {
    this.prefix = vendor.toUpperCase();
    this.bug = given("--bug")[0] ?? "";
    this.rows = TABLE[`${vendor}.mjs`];
    if (this.bug && !this.rows[this.bug]) throw new Error(`no bug is called ${this.bug}`);
    this.edits = edits;
    this.learnt = {};
  }

  setting(name) {
    return process.env[`${this.prefix}_${name}`];
  }

  has(...names) {
    return names.includes(this.bug);
  }

  // A request is {operation, verb, path, query, form, json, headers}; an edit may change any part of it.
  async send({ operation, verb = "GET", path, query = [], form, json, headers = {} }) {
    const request = { operation, verb, path, query: [...query], form: form && [...form], json: structuredClone(json), headers: { ...headers } };
    const [where, edit] = this.edits[this.bug] ?? [];
    if (where === operation) edit(request);
    const words = request.target ?? new URLSearchParams(request.query).toString();
    const url = `${this.setting("BASE_URL")}${request.path}${words ? `?${words}` : ""}`;
    let body = request.body ?? (request.form && new URLSearchParams(request.form));
    if (body === undefined && request.json !== undefined) {
      body = JSON.stringify(request.json);
      request.headers["Content-Type"] ??= "application/json";
    }
    try {
      const answer = await fetch(url, { method: request.verb, headers: request.headers, body });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    } catch (error) {
      throw new Lost(`${operation}: ${error.message}`);
    }
  }

  limited(answer) {
    return answer.status === 429;
  }

  async ask(request) {
    const tries = this.has("hammers_outage") ? 20 : TRIES;
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const answer = await this.send(request);
      if (this.limited(answer)) {
        if (this.has("drops_refused")) return answer;
        const seconds = Number(answer.headers.get("retry-after") ?? 1.1);
        if (!this.has("hammers_refused")) await pause(seconds * 1000);
      } else if (answer.status >= 500) {
        if (!this.has("hammers_outage") && attempt + 1 < tries) await pause(150 * 2 ** attempt);
      } else {
        return answer;
      }
    }
    throw new GaveUp(request.operation);
  }

  async until(look) {
    try {
      for (let count = 0; count < 3; count += 1) {
        const found = await look();
        if (found) return found;
        await pause();
      }
    } catch (error) {
      if (!(error instanceof GaveUp)) throw error;
      this.learnt.given_up = error.message;
    }
    return null;
  }

  async main(flows) {
    const names = given("--flow").length ? given("--flow") : this.bug ? [this.rows[this.bug].flow] : Object.keys(flows);
    for (const name of names) {
      try {
        await flows[name]();
      } catch (error) {
        if (!this.bug) throw error;
        this.learnt.noticed = String(error).slice(0, 300);
      }
    }
    process.stdout.write(`${JSON.stringify(this.learnt)}\n`);
  }
}

export const field = (name, wrongly) => (request) => {
  const pairs = request.form ?? request.query;
  for (const pair of pairs) if (pair[0] === name) pair[1] = wrongly(pair[1]);
};
export const rename = (name, wrong) => (request) => {
  for (const pair of request.form ?? request.query) if (pair[0] === name) pair[0] = wrong;
};
export const put = (name, value) => (request) => {
  (request.form ?? request.query).push([name, value]);
};
export const asJson = (request) => {
  request.body = JSON.stringify(Object.fromEntries(request.form));
  request.headers["Content-Type"] = "application/json";
};
export const asText = (request) => {
  request.body = JSON.stringify(request.json); // a string without a type is text/plain to fetch
};
export const asObject = (request) => {
  request.body = String(request.json ?? Object.fromEntries(request.form));
  request.headers["Content-Type"] = request.json ? "application/json" : "application/x-www-form-urlencoded";
};
