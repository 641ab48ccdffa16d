// A client of Callo: calls and lists.
import { Client, Lost, asJson, asObject, field, pause, put, rename } from "./client.mjs";

const API = "/manager/cabapi_external/api/v1";
const CALLEE = "+447700900310";
const OTHERS = ["+447700900702", "+447700900703", "+447700900704"];
const OVER = ["compl_finished", "compl_nofinished", "attempts_exc", "user", "novalid_button"];

const callo = new Client("callo", {
  json_for_a_form: ["add_call", asJson],
  object_as_text: ["add_call", asObject],
  camel_case: ["add_call", rename("campaign_id", "campaignId")],
  plus_not_encoded: ["calls_by_phone", (request) => (request.target = request.query.map(([name, value]) => `${name}=${value}`).join("&"))],
  id_of_32_bits: ["call_by_id", field("call_id", (id) => String(Number(id) | 0))],
  id_as_float: ["call_by_id", field("call_id", (id) => Number(id).toFixed(1))],
  seconds_nan: ["add_call", field("max_call_time", () => String(Number("two minutes")))],
  label_undefined: ["add_call", field("label", () => `booking_${undefined}`)],
  printed_date: ["camp_stats", field("from_date", () => String(new Date(2026, 2, 2)))],
  both_forms: ["call_by_id", put("call_ids", "260302123456789")],
});
const key = ["public_key", callo.setting("PUBLIC_KEY")];
const campaign = ["campaign_id", callo.setting("CAMPAIGN_ID")];

const result = (answer) => {
  if (answer.status !== 200) throw new Error(`refused: ${answer.text}`);
  const told = JSON.parse(answer.text);
  return told.status && told.data ? told.data : told;
};
const post = async (operation, path, ...form) => result(await callo.ask({ operation, verb: "POST", path: `${API}/${path}/`, form: [key, ...form] }));
const get = async (operation, path, ...query) => result(await callo.ask({ operation, path: `${API}/${path}/`, query: [key, ...query] }));
const place = async (phone, ...fields) => (await post("add_call", "phones/call", ["phone", phone], campaign, ...fields)).call_id;
const row = async (id) => (await get("call_by_id", "phones/call_by_id", ["call_id", id]))[0];

await callo.main({
  async call() {
    const text = callo.has("literal_null") ? `Dear ${null}, your table is booked.` : "Your table is booked.";
    const id = await place(CALLEE, ["text", text], ["label", "booking_17"], ["max_call_time", "120"]);
    callo.learnt.status = (await row(id)).status;
  },
  async watch() {
    const id = await place(OTHERS[0]);
    const over = async () => ((found) => (OVER.includes(found.status) ? found.status : null))(await row(id));
    if (callo.has("polls_without_pause")) for (let look = 0; look < 15; look += 1) await over();
    else callo.learnt.over = await callo.until(over);
  },
  async several() {
    await Promise.all(OTHERS.map((phone) => place(phone)));
    await get("calls_by_phone", "phones/calls_by_phone", campaign, ["phones", OTHERS.join(",")]);
    await get("camp_stats", "phones/camp_stats", campaign, ["from_date", "2026-03-02 00:00:00"], ["to_date", "2026-03-02 23:59:59"]);
  },
  async burst() {
    for (let page = 1; page <= 8; page += 1) await callo.ask({ operation: "all_calls", path: `${API}/phones/all_calls/`, query: [key, campaign, ["page", String(page)]] });
  },
  async lost() {
    try {
      await place(CALLEE, ["label", "visit_1"]);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      if (callo.has("dials_twice_with_another_label")) await place(CALLEE, ["label", `visit_${Date.now()}`]);
      else callo.learnt.call = (await get("calls_by_label", "phones/calls_by_label", campaign, ["label", "visit_1"]))[0].call_id;
    }
    await pause();
  },
});
