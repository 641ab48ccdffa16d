// A client of Callr: messages, numbers and scripts.
import { Client, Lost, asObject, asText, field, pause, rename } from "./client.mjs";

const PEOPLE = ["+33639980001", "+33639980002", "+33639980003"];
const OVER = ["delivered", "failed", "error", "expired"];

const callr = new Client("callr", {
  plain_text: ["send_sms", asText],
  object_as_text: ["send_sms", asObject],
  plus_not_encoded: ["send_sms", (request) => (request.target = request.query.map(([name, value]) => `${name}=${value}`).join("&"))],
  camel_case: ["send_sms", rename("trafficType", "traffictype")],
  flag_as_word: ["search_phone_numbers", field("detached", () => "yes")],
  limit_nan: ["search_sms", field("limit", () => String(Number("all")))],
  offset_in_exponents: ["search_sms", field("offset", () => (1e21).toString())],
  printed_date: ["search_sms", field("createdAfter", () => String(new Date(2026, 2, 2)))],
  sid_undefined: ["get_sms", (request) => (request.path = "/v2.0/sms/undefined")],
  key_as_bearer: ["get_credit_balance", (request) => (request.headers = { Authorization: `Bearer ${callr.setting("API_KEY")}` })],
});
const headers = { "x-api-key": callr.setting("API_KEY") };

const ask = async (operation, verb, way, query, json) => {
  const answer = await callr.ask({ operation, verb, path: `/v2.0${way}`, query, json, headers });
  if (answer.status >= 400) throw new Error(`refused: ${answer.text}`);
  return answer.text ? JSON.parse(answer.text) : null;
};
const write = async (to, text = "Your table is booked.") => (await ask("send_sms", "POST", "/sms", [["to", to], ["from", "Bistro"], ["trafficType", "alerting"]], { text })).sid;
const state = async (sid) => (await ask("get_sms", "GET", `/sms/${sid}`)).status;

await callr.main({
  async send() {
    const sid = await write(PEOPLE[0], callr.has("text_of_an_object") ? `Your table: ${{}}` : "Your table is booked.");
    callr.learnt.status = await state(sid);
  },
  async watch() {
    const sid = await write(PEOPLE[0]);
    callr.learnt.over = await callr.until(async () => OVER.includes(await state(sid)));
  },
  async pages() {
    for (const person of PEOPLE) await write(person);
    let rows = [];
    for (let page = null; page === null || page.hasMore; ) {
      page = await ask("search_sms", "GET", "/sms", [["createdAfter", "2026-03-02T00:00:00Z"], ["offset", String(rows.length)], ["limit", "2"]]);
      rows = rows.concat(page.hits);
      if (callr.has("first_page_only")) break;
    }
    callr.learnt.rows = rows.length;
  },
  async account() {
    callr.learnt.credit = await ask("get_credit_balance", "GET", "/billing/credit");
    await ask("search_phone_numbers", "GET", "/numbers", [["detached", "true"]]);
  },
  async cleanup() {
    const found = await ask("search_recordings", "GET", "/recordings", [["read", "true"]]);
    const sids = found.hits.map((recording) => ["sid", recording.sid]);
    if (sids.length || callr.has("empty_filter")) await ask("delete_recordings", "DELETE", "/recordings", sids);
  },
  async burst() {
    for (let page = 0; page < 8; page += 1) await callr.ask({ operation: "search_sms", path: "/v2.0/sms", query: [["offset", String(20 * page)], ["limit", "20"]], headers });
  },
  async lost() {
    try {
      await write(PEOPLE[0]);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      if (callr.has("texts_twice")) await write(PEOPLE[0]);
      else callr.learnt.sent = (await ask("search_sms", "GET", "/sms", [["to", PEOPLE[0]]])).total;
    }
    await pause();
  },
});
