// The client of JAICP in Node, doing the tasks of its suite.
import { Handled, Lost, Refused, has, listen, look, main, order, parse, until } from "./tasks.mjs";

const TOKEN = process.env.JAICP_TOKEN;
const URL_OF = `${process.env.JAICP_BASE_URL}/api/calls/campaign/${TOKEN}`;
const ANSWERED = ["longCallWithResult", "longCallWithNoResult", "shortCall"];
const OVER = ["longCallWithResult", "longCallWithNoResult", "noAnswer", "notDone", "nonexistentNumber"];

const result = (answer) => {
  if (answer.status >= 500) throw new Lost(String(answer.status));
  if (answer.status !== 200 && !has("every_answer_is_a_success")) throw new Refused(answer.text);
  return answer.text || has("parses_an_empty_body") ? parse(answer.text) : null;
};
const read = (way, json) => look(URL_OF + way, { method: json ? "POST" : "GET", json }, result);
const once = async (url, request) => result(await order(url, { method: "POST", ...request }));
// What has a key is asked again under it when the answer is lost: that is what the key is for.
const keyed = async (url, request, key) => {
  const withKey = (name) => ({ ...request, headers: name ? { "Idempotence-Key": name } : {} });
  try {
    return await once(url, withKey(key));
  } catch (error) {
    if (!(error instanceof Lost) || (!key && !has("repeats_without_a_key"))) throw error;
    return once(url, withKey(has("fresh_key_each_time") ? `${key}-again` : key));
  }
};
const give = (phones, terms = {}, key = "") => keyed(`${URL_OF}/addPhones`, { json: phones.filter((phone) => /^\d+$/.test(phone)).map((phone) => ({ phone, ...terms })) }, key);
const jobs = (ids) => read("/callJob/getReport", { ids });
const instant = (milliseconds) => (milliseconds === null ? null : new Date(milliseconds * (has("milliseconds_are_seconds") ? 1000 : 1)).toISOString());
const sum = (ids) => ids.reduce((total, id) => total + BigInt(id), 0n).toString();
const pages = async (way, size, more) => {
  const ids = [];
  for (let page = has("pages_from_1") ? 1 : 0; ; page += 1) {
    const pagination = { page, pageSize: size };
    const { items } = await read(way, more ? { ...more, pagination } : pagination);
    ids.push(...items.map((row) => row.callJobId));
    if (items.length < size || has("page_0_only")) return { outcome: "done", count: ids.length, sum: sum(ids) };
  }
};

await main({
  async add({ phones, payload, key, zone, hours, start }) {
    const terms = {};
    if (payload) terms.payload = payload;
    if (zone) terms.gmtZone = zone;
    if (hours) terms.allowedTime = { default: [{ localTimeFrom: hours[0], localTimeTo: hours[1] }] };
    if (start) terms.startDateTime = `${(has("start_as_it_came") ? start : new Date(start).toISOString()).slice(0, 19)}Z`;
    return { outcome: "accepted", ids: await give(phones, terms, key) };
  },
  async crm({ phone, key, name }) {
    const url = `${process.env.JAICP_BASE_URL}/api/crmCalls/campaign/${TOKEN}/addPhone`;
    return { outcome: "accepted", id: await keyed(url, { form: [["phone", phone], ["name", name]] }, key) };
  },
  async report({ ids }) {
    return { outcome: "done", count: (await jobs(has("first_id_only") ? ids.slice(0, 1) : ids)).length };
  },
  async status({ id }) {
    const [row] = await jobs([id]);
    return { outcome: "done", id: row.callJobId, status: row.jobStatus, over: OVER.includes(row.jobStatus), created: instant(row.createdAt), finished: instant(row.finishedAt), seconds: row.callDuration };
  },
  async watch({ phones }) {
    const ids = await give(phones);
    let rows = [];
    const ends = has("only_good_ends") ? ANSWERED : OVER;
    if (!(await until(async () => (rows = await jobs(ids)).every((row) => ends.includes(row.jobStatus))))) return { outcome: "unknown" };
    return { outcome: "over", answered: rows.filter((row) => ANSWERED.includes(row.jobStatus) || has("over_is_answered")).length };
  },
  sum: ({ from, to, page_size: size }) => pages("/callJob/getReportByDate", size, { filter: { createdAtFrom: from, createdAtTo: to } }),
  unfinished: ({ page_size: size }) => pages("/callJob/getUnfinished", size),
  async campaign() {
    return { outcome: "done", name: (await read("")).name };
  },
  async pause() {
    await once(`${URL_OF}/control/pause`, {});
    return { outcome: "done" };
  },
  async cancel({ ids }) {
    const cancelled = await once(`${URL_OF}/callJob/cancel`, { json: { ids } });
    return { outcome: "done", count: (has("asked_is_cancelled") ? ids : cancelled).length };
  },
  async check({ phones, denied = [], receiver }) {
    const handled = new Handled();
    const asked = new Set();
    const refused = new Set();
    const handle = (_url, _headers, body) => {
      const phone = String(JSON.parse(body).phone);
      if (phones.includes(phone) || has("counts_what_is_not_its_own")) asked.add(phone);
      if (has("answers_errors")) return 500;
      if (!denied.includes(phone) || has("always_allows")) return 200;
      refused.add(phone);
      return 403;
    };
    await listen(receiver, handle, async () => {
      if (handled.placed.length) return;
      const externalCheck = { externalCheckUrl: `${receiver}/may-call`, externalCheckMaxRetries: 2 };
      for (const job of await give(phones, { externalCheck })) handled.notePlaced(job);
    });
    return { outcome: "heard", asked: asked.size, denied: refused.size };
  },
});
