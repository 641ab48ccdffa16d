// The client of Callr in Node, doing the tasks of its suite.
import { createHmac } from "node:crypto";
import { Lost, Refused, has, hear, isNight, look, main, order, parse, until } from "./tasks.mjs";

const URL_OF = `${process.env.CALLR_BASE_URL}/v2.0`;
const headers = { "x-api-key": process.env.CALLR_API_KEY };
const SECRET = "night-owl";
const OVER = ["delivered", "failed", "error", "expired"];
const EVENT = "v2.sms.outbound.updated";
const DAYS = 31 * 24 * 3600 * 1000;

const result = (answer) => {
  if (answer.status >= 500) throw new Lost(String(answer.status));
  if (answer.status >= 400 && !has("refusal_is_success")) throw new Refused(answer.text);
  return answer.text || has("parses_an_empty_body") ? parse(answer.text) : null;
};
const read = (way, query) => look(URL_OF + way, { query, headers }, result);
const once = async (method, way, query, json) => result(await order(URL_OF + way, { method, query, json, headers }));
const write = (to, text, sender) => once("POST", "/sms", [["to", to], ["from", sender], ["trafficType", "alerting"]], { text });
// Cents as they come, a text of digits and a point, in euros: no float takes part.
const euros = (cents) => {
  if (has("cents_are_euros")) return cents;
  const [whole, part = ""] = cents.split(".");
  const digits = whole.padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}${part}`;
};
const utc = (at) => `${(has("since_as_it_came") ? at : new Date(at).toISOString()).slice(0, 19)}Z`;
const hook = async (type, endpoint, hmacSecret = SECRET) => (await once("POST", "/webhooks", [["type", type]], { endpoint, options: { hmacSecret, hmacAlgo: "sha256" } })).sid;

await main({
  async send({ to, text, sender, now }) {
    if (isNight([to], now)) return { outcome: "deferred" };
    try {
      const message = await write(to, text, sender);
      return { outcome: "sent", id: message.sid, parts: message.parts };
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      if (has("sends_again")) return { outcome: "sent", id: (await write(to, text, sender)).sid };
      const { hits } = await read("/sms", [["to", to], ["direction", "outbound"]]);
      return hits.length ? { outcome: "sent", id: hits[0].sid } : { outcome: "unknown" };
    }
  },
  async status({ sid }) {
    const row = await read(`/sms/${sid}`);
    return { outcome: "done", id: row.sid, status: row.status, euros: euros(row.cost), created: row.created, delivered_at: has("updated_is_delivered") ? row.updated : row.delivered };
  },
  async watch({ sid: given, to, text, sender }) {
    const sid = given ?? (await write(to, text, sender)).sid;
    let status = "";
    const ends = has("sent_is_the_end") ? ["sent", ...OVER] : OVER;
    if (!(await until(async () => ends.includes((status = (await read(`/sms/${sid}`)).status))))) return { outcome: "unknown" };
    return { outcome: "over", delivered: status === "delivered" };
  },
  async report({ from, limit }) {
    const ids = [];
    for (let offset = has("offsets_from_1") ? 1 : 0; ; offset += limit) {
      const page = await read("/sms", [["direction", "outbound"], ["createdAfter", utc(from)], ["offset", String(offset)], ["limit", String(limit)]]);
      ids.push(...page.hits.map((row) => row.sid));
      if (!page.hasMore || has("page_1_only")) return { outcome: "done", count: ids.length, ids };
    }
  },
  async credit() {
    return { outcome: "done", euros: euros(await read("/billing/credit")) };
  },
  async run({ script, number }) {
    const { sid } = await once("POST", "/actions", undefined, { name: "Reminder", script, format: "yaml" });
    const variables = { [has("variable_without_dollar") ? "number" : "$number"]: number };
    return { outcome: "started", id: (await once("POST", `/actions/${sid}/runs`, undefined, { variables })).runid };
  },
  async reserve({ country, kind, quantity }) {
    const { token, items } = await once("POST", "/numbers/store", [["country", country], ["type", kind], ["quantity", String(quantity)]]);
    return { outcome: "reserved", token, count: items.length };
  },
  async export({ from, to }) {
    const end = Date.parse(to);
    const longest = has("sixty_days_at_once") ? Infinity : DAYS;
    for (let start = Date.parse(from); start < end; start = Math.min(start + longest, end)) {
      const until_ = new Date(Math.min(start + longest, end));
      const task = await once("POST", "/calls/export", [["direction", "outbound"], ["from", utc(new Date(start).toISOString())], ["to", utc(until_.toISOString())]]);
      if (!(await until(async () => (await read(`/tasks/${task}`)).status === "done"))) return { outcome: "unknown" };
    }
    return { outcome: "exported" };
  },
  async clean() {
    const { hits } = await read("/recordings", [["read", "true"], ["limit", "100"]]);
    if (hits.length || has("deletes_nothing_by_all")) await once("DELETE", "/recordings", hits.map((row) => ["sid", row.sid]));
    return { outcome: "done", count: hits.length };
  },
  async subscribe({ type, endpoint }) {
    return { outcome: "subscribed", id: await hook(type, endpoint) };
  },
  async unsubscribe({ sid }) {
    await once("DELETE", `/webhooks/${sid}`);
    return { outcome: "unsubscribed" };
  },
  async receive({ to, text, sender, receiver, secret = SECRET }) {
    let rejected = false;
    const handle = (handled, _url, given, body) => {
      const right = createHmac("sha256", secret).update(has("signs_what_it_parsed") ? JSON.stringify(JSON.parse(body), null, 1) : body).digest("base64");
      if (given["x-callr-hmacsignature"] !== right && !has("checks_no_signature")) {
        rejected = true;
        return has("swallows_a_wrong_signature") ? 200 : 403;
      }
      if (has("answers_errors")) return 500;
      const { id, type, payload } = JSON.parse(body);
      if (type !== EVENT) {
        if (has("counts_what_is_not_its_own")) handled.note(id);
        return has("errors_at_unknown_types") ? 500 : 200;
      }
      if (payload.status === (has("sent_is_a_delivery") ? "sent" : "delivered")) handled.note(payload.sid);
      return 200;
    };
    const place = async (handled) => {
      await hook(EVENT, `${receiver}/sms`, secret);
      for (const number of to) handled.notePlaced((await write(number, text, sender)).sid);
    };
    const ids = await hear(receiver, handle, place, async (sid) => (await read(`/sms/${sid}`)).status === "delivered");
    return { outcome: "heard", handled: ids.length, ids, rejected };
  },
});
