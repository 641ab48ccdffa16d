// The client of Callo in Node, doing the tasks of its suite.
import { Lost, Refused, has, hear, isNight, look, main, order, parse, unique, until } from "./tasks.mjs";

const URL_OF = `${process.env.CALLO_BASE_URL}/manager/cabapi_external/api/v1`;
const KEY = ["public_key", process.env.CALLO_PUBLIC_KEY];
const CAMPAIGN = ["campaign_id", process.env.CALLO_CAMPAIGN_ID];
const OVER = ["compl_finished", "compl_nofinished", "attempts_exc", "user", "novalid_button", "pincode_ok"];
const SOUND = Buffer.concat([Buffer.from("RIFF,\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0", "latin1"), Buffer.from([0x40, 0x1f, 0, 0, 0x80, 0x3e, 0, 0, 2, 0, 0x10, 0]), Buffer.from("data\x08\0\0\0", "latin1"), Buffer.alloc(8)]);

const result = (answer) => {
  if (answer.status >= 500) throw new Lost(String(answer.status));
  if (answer.status !== 200 && !has("refusal_is_success")) throw new Refused(answer.text);
  const value = parse(answer.text);
  return value.status !== undefined && value.data !== undefined ? value.data : value;
};
const post = async (path, ...form) => result(await order(`${URL_OF}/${path}/`, { method: "POST", form: [KEY, ...form] }));
const get = (path, ...query) => look(`${URL_OF}/${path}/`, { query: [KEY, ...query] }, result);
const row = async (id) => (await get("phones/call_by_id", ["call_id", id]))[0];
const sum = (ids) => ids.reduce((total, id) => total + BigInt(id), 0n).toString();

const allIds = async () => {
  const ids = [];
  for (let page = has("pages_from_0") ? 0 : 1; ; page += 1) {
    const rows = await get("phones/all_calls", CAMPAIGN, ["page", String(page)]);
    ids.push(...rows.map((one) => one.call_id));
    if (rows.length === 0 || has("page_1_only") || (has("full_page_is_the_end") && rows.length === 1000)) return unique(ids);
  }
};

await main({
  async place({ phone, text = "", label = "", webhook = "", now = "" }) {
    if (isNight([phone], now)) return { outcome: "deferred" };
    const fields = [["text", text], ["label", label], ["ivr_lvl_1_btn_1_webhook", webhook]].filter(([, value]) => value);
    try {
      return { outcome: "placed", id: (await post("phones/call", ["phone", phone], CAMPAIGN, ...fields)).call_id };
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      if (has("calls_again")) return { outcome: "placed", id: (await post("phones/call", ["phone", phone], CAMPAIGN)).call_id };
      if (!label) return { outcome: "unknown" };
      const rows = await get("phones/calls_by_label", CAMPAIGN, ["label", label]);
      return { outcome: "placed", id: rows[0].call_id };
    }
  },
  async confirm({ phone, code }) {
    const pincode = has("code_as_a_number") ? String(Number(code)) : code;
    const call = await post("phones/confirm", ["phone", phone], ["campaign_id", process.env.CALLO_CAMPAIGN_ID_PINCODE], ["pincode", pincode]);
    return { outcome: "placed", id: call.call_id, code: pincode };
  },
  async flash({ phone, code }) {
    const campaign = ["campaign_id", process.env.CALLO_CAMPAIGN_ID_FLASHCALL];
    return { outcome: "placed", id: (await post("phones/flashcall", ["phone", phone], campaign, ["phone_suffix", code])).call_id };
  },
  async status({ call_id: id }) {
    const one = await row(id);
    const created = has("time_of_the_reader") ? one.created.replace("Z", "+03:00") : one.created;
    return { outcome: "done", id: one.call_id, status: one.status, over: OVER.includes(one.status), created, cost: one.cost };
  },
  async find({ label }) {
    try {
      const id = (await get("phones/calls_by_label", CAMPAIGN, ["label", label]))[0].call_id;
      return { outcome: "found", id: has("id_of_32_bits") ? id | 0 : id };
    } catch (error) {
      if (error instanceof Refused) return { outcome: "none" };
      throw error;
    }
  },
  async watch({ phone }) {
    const id = (await post("phones/call", ["phone", phone], CAMPAIGN)).call_id;
    let status = "";
    const ends = has("only_good_ends") ? ["user", "compl_finished"] : OVER;
    if (!(await until(async () => ends.includes((status = (await row(id)).status))))) return { outcome: "unknown" };
    return { outcome: "over", id, status, answered: status !== "attempts_exc" };
  },
  async report() {
    const ids = await allIds();
    return { outcome: "done", count: ids.length, sum: has("sum_in_a_float") ? ids.reduce((total, id) => total + id, 0) : sum(ids) };
  },
  async bulk({ phones }) {
    const rows = phones.filter((phone) => /^\+[1-9][0-9]{6,14}$/.test(phone));
    return { outcome: "accepted", accepted: (await post("phones/append/calls", CAMPAIGN, ["phones", rows.join("\n")])).calls_count };
  },
  async import({ phones }) {
    await post("phones/append/calls", CAMPAIGN, ["phones", phones.join("\n")]);
    let ids = [];
    await until(async () => (ids = await allIds()).length >= phones.length);
    return { outcome: "imported", count: ids.length, sum: sum(ids) };
  },
  async balance() {
    const { balance } = await get("users/balance");
    return { outcome: "done", amount: has("balance_in_cents") ? String(Number(balance) * 100) : balance };
  },
  async cost() {
    const cost = await get("phones/cost", CAMPAIGN);
    return { outcome: "done", amount: cost.forever_cost, currency: cost.currency };
  },
  async statistics({ from, to }) {
    const written = (at) => (has("dates_as_they_came") ? at.slice(0, 19) : new Date(at).toISOString().slice(0, 19)).replace("T", " ");
    const { call_statuses: rows } = await get("phones/camp_stats", CAMPAIGN, ["from_date", written(from)], ["to_date", written(to)]);
    return { outcome: "done", count: rows.find((one) => one.status === "all").count };
  },
  async campaigns() {
    return { outcome: "done", count: (await get("campaigns", ["mode", "active"])).campaigns.length };
  },
  async remove({ call_id: id }) {
    await post("phones/remove_call", ["call_id", id], CAMPAIGN);
    return { outcome: "removed" };
  },
  async block({ phone }) {
    await post("phones/stoplist", ["phone", phone]);
    return { outcome: "blocked" };
  },
  async upload({ name }) {
    const body = new FormData();
    for (const [word, value] of [KEY, ["clip_name", name]]) body.append(word, value);
    body.append("clip_file", new Blob([SOUND]), "greeting.wav");
    const answer = await order(`${URL_OF}/audio/upload/`, { method: "POST", body });
    return { outcome: "uploaded", id: result(answer).audioclip_id };
  },
  async receive({ phones, receiver }) {
    const handle = (handled, url) => {
      handled.note(url.searchParams.get("call"));
      return has("answers_errors") ? 500 : 200;
    };
    const place = async (handled) => {
      for (const phone of phones) handled.notePlaced(String((await post("phones/call", ["phone", phone], CAMPAIGN)).call_id));
    };
    const ids = await hear(receiver, handle, place, async (id) => OVER.includes((await row(id)).status));
    return { outcome: "heard", handled: ids.length, sum: sum(ids) };
  },
});
