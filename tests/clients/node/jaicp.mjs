// A client of JAICP: numbers given to a campaign, and reports on them.
import { Client, Lost, asObject, asText, pause } from "./client.mjs";

const PHONES = ["79161234567", "79161234568", "79161234569", "79161234570", "79161234571"];
const OVER = ["longCallWithResult", "longCallWithNoResult", "noAnswer", "notDone", "nonexistentNumber"];

const jaicp = new Client("jaicp", {
  plain_text: ["add_phones", asText],
  object_as_text: ["add_phones", asObject],
  encoded_twice: ["add_phones", (request) => (request.json = JSON.stringify(request.json))],
  snake_case: ["add_phones", (request) => request.json.forEach((job) => { job.max_attempts = job.maxAttempts; delete job.maxAttempts; })],
  attempts_nan: ["add_phones", (request) => request.json.forEach((job) => { job.maxAttempts = Number("three"); })],
  printed_date: ["add_phones", (request) => request.json.forEach((job) => { job.startDateTime = String(new Date(2026, 2, 2)); })],
  order_above_2_53: ["add_phones", (request) => request.json.forEach((job) => { job.payload.order = Number("9007199254740993"); })],
  map_for_list: ["add_phones", (request) => (request.json = Object.fromEntries(request.json.entries()))],
  id_of_32_bits: ["call_job_report", (request) => (request.json.ids = request.json.ids.map((id) => String(Number(id) | 0)))],
  id_in_exponents: ["call_job_report", (request) => (request.json.ids = request.json.ids.map((id) => Number(id).toExponential()))],
  page_too_large: ["call_job_report_by_date", (request) => (request.json.pagination.pageSize = 1000)],
});
const campaign = `/api/calls/campaign/${jaicp.setting("TOKEN")}`;

const ask = async (operation, way, json, headers) => {
  const answer = await jaicp.ask({ operation, verb: "POST", path: campaign + way, json, headers });
  if (answer.status !== 200 && !jaicp.has("refusal_swallowed")) throw new Error(`refused: ${answer.text}`);
  return answer.text ? JSON.parse(answer.text) : null;
};
const add = (phones, headers) => ask("add_phones", "/addPhones", phones.map((phone) => ({ phone, maxAttempts: 3, payload: { name: jaicp.has("payload_undefined") ? `${undefined}` : "Anna" } })), headers);
const report = (ids) => ask("call_job_report", "/callJob/getReport", { ids });

await jaicp.main({
  async add() {
    jaicp.learnt.rows = await report(await add(PHONES.slice(0, 2)));
  },
  async refused() {
    await add(jaicp.has("refusal_swallowed") ? [PHONES[0], PHONES[1], PHONES[0]] : PHONES.slice(0, 2));
  },
  async watch() {
    const ids = await add(PHONES.slice(0, 1));
    jaicp.learnt.over = await jaicp.until(async () => (await report(ids)).every((row) => OVER.includes(row.jobStatus)));
  },
  async pages() {
    await add(PHONES);
    let rows = [];
    for (let page = 0, found = null; found === null || found.length === 2; page += 1) {
      const body = { filter: { createdAtFrom: "2026-03-02T00:00:00Z" }, pagination: { page, pageSize: 2 } };
      found = (await ask("call_job_report_by_date", "/callJob/getReportByDate", body)).items;
      rows = rows.concat(found);
      if (jaicp.has("first_page_only")) break;
    }
    jaicp.learnt.rows = rows.length;
  },
  async burst() {
    for (let page = 0; page < 8; page += 1) await jaicp.ask({ operation: "call_job_report_by_date", verb: "POST", path: `${campaign}/callJob/getReportByDate`, json: { pagination: { page, pageSize: 20 } } });
  },
  async lost() {
    try {
      await add(PHONES.slice(0, 3), { "Idempotence-Key": "list-1" });
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      jaicp.learnt.ids = await add(PHONES.slice(0, 3), { "Idempotence-Key": jaicp.has("fresh_key") ? "list-2" : "list-1" });
    }
    await pause();
  },
});
