// A client of Kaleyra: two people connected, messages to many.
import { Client, Lost, asJson, asObject, field, pause, rename } from "./client.mjs";

const AGENT = "9555500001";
const CUSTOMER = "9555500102";
const CUSTOMERS = ["9555500103", "9555500104", "9555500105"];
const OVER = ["ANSWER", "NOANSWER", "BUSY", "FAILED", "CANCEL", "CONGESTION"];

const kaleyra = new Client("kaleyra", {
  json_for_a_form: ["click_to_call", asJson],
  object_as_text: ["click_to_call", asObject],
  flag_true: ["click_to_call", field("return", () => String(true))],
  delay_nan: ["click_to_call", field("delay", () => String(parseInt("soon", 10)))],
  meta_object: ["click_to_call", field("meta", (meta) => String(JSON.parse(meta)))],
  custom_undefined: ["click_to_call", field("custom", () => String(undefined))],
  printed_date: ["start_obd_call", field("scheduletime", () => String(new Date(2026, 2, 2, 18)))],
  slip_in_the_method: ["obd_group_status", field("method", () => "voice.groupsStatus")],
  array_by_brackets: ["start_obd_call", rename("numbers", "numbers[]")],
});
const key = ["api_key", kaleyra.setting("API_KEY")];
const CODE = /"E\d{3}"/;
kaleyra.limited = (answer) => answer.status === 429 || answer.text.includes("E640");

const ask = async (operation, method, ...form) => {
  const answer = await kaleyra.ask({ operation, verb: "POST", path: "/v1/", form: [["method", method], key, ["format", "json"], ...form] });
  if (CODE.test(answer.text) && !kaleyra.has("failure_inside_a_200")) throw new Error(`refused: ${answer.text}`);
  return JSON.parse(answer.text).data;
};
const connect = async (receiver, ...fields) => (await ask("click_to_call", "dial.click2call", ["caller", AGENT], ["receiver", receiver], ["return", "1"], ...fields))?.id;
const soon = async () => {
  const clock = await (await fetch(`${process.env.SIMULATOR_URL}/_simulator/v1/clock`)).json();
  const inIndia = new Date(Date.parse(clock.now) + (20 + 330) * 60_000); // in twenty minutes, on Indian clocks
  return inIndia.toISOString().slice(0, 19).replace("T", " ");
};
const rows = async (id) => (await ask("click_to_call_status", "dial.c2cstatus", ["id", id])) ?? [];

await kaleyra.main({
  async connect() {
    const id = await connect(CUSTOMER, ["delay", "0"], ["custom", "order-17"], ["meta", JSON.stringify({ order: 17 })]);
    kaleyra.learnt.rows = (await rows(id)).length;
  },
  async watch() {
    const id = await connect(CUSTOMER);
    const over = async () => (await rows(id)).find((row) => OVER.includes(row.status));
    if (kaleyra.has("polls_without_pause")) for (let look = 0; look < 15; look += 1) await over();
    else kaleyra.learnt.over = await kaleyra.until(over);
  },
  async broadcast() {
    const numbers = kaleyra.has("too_many_numbers") ? Array.from({ length: 201 }, (_, place) => 9555500000 + place) : CUSTOMERS;
    const sent = await ask("start_obd_call", "voice.call", ["numbers", numbers.join(",")], ["message", "Your table is booked."], ["scheduletime", await soon()], ["return", "1"]);
    kaleyra.learnt.sent = await ask("obd_group_status", "voice.groupstatus", ["groupid", sent.id.split("-")[0]]);
  },
  async callers() {
    await connect(CUSTOMER, ["caller_id", kaleyra.has("failure_inside_a_200") ? "8000000999" : kaleyra.setting("CALLER_ID")]);
  },
  async burst() {
    for (let page = 1; page <= 8; page += 1) await ask("click_to_call_status", "dial.c2cstatus", ["page", String(page)]);
  },
  async lost() {
    try {
      await connect(CUSTOMER, ["custom", "visit-1"]);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      if (kaleyra.has("dials_twice")) await connect(CUSTOMER, ["custom", "visit-1"]);
      else kaleyra.learnt.rows = (await ask("click_to_call_status", "dial.c2cstatus", ["callto", CUSTOMER])).length;
    }
    await pause();
  },
});
