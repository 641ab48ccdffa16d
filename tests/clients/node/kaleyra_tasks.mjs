// The client of Kaleyra in Node, doing the tasks of its suite.
import { Lost, Refused, has, hear, isNight, look, main, order, parse, unique, until } from "./tasks.mjs";

const URL_OF = `${process.env.KALEYRA_BASE_URL}/v1/`;
const KEY = process.env.KALEYRA_API_KEY;
const INDIA = 5.5 * 3600 * 1000;
const ENDS = ["COMPLETED", "NOANSWER", "BUSY", "FAILED", "EXPIRED", "BLOCKED", "ANSWER", "ANSWERED"];

const limited = (answer) => answer.status === 429 || answer.text.includes("E640");
const result = (answer) => {
  if (answer.status >= 500) throw new Lost(String(answer.status));
  const value = parse(answer.text);
  if (!["200", "OK"].includes(value.status.trim()) && !has("http_200_is_success")) throw new Refused(`${value.status} ${value.message}`);
  return value;
};
const form = (method, ...fields) => ({ method: "POST", form: [["method", method], ["api_key", KEY], ["format", "json"], ...fields] });
const json = (method, body, ...query) => ({ method: "POST", query: [["method", method], ["format", "json"], ...query], json: body, headers: { "x-api-key": KEY } });
const once = async (request) => result(await order(URL_OF, request, limited));
const read = (request) => look(URL_OF, request, result, limited);
const rows = async (...fields) => (await read(form("dial.c2cstatus", ...fields))).data ?? [];
const indian = (at) => new Date((has("times_as_they_came") ? 0 : INDIA) + Date.parse(at)).toISOString();
const connect = async (caller, receiver, more = []) => (await once(form("dial.click2call", ["caller", caller], ["receiver", receiver], ["return", "1"], ...more))).data?.id;
const start = async (numbers, message, ...more) => (await once(form("voice.call", ["numbers", numbers.join(",")], ["message", message], ["return", "1"], ...more))).data.id.split("-")[0];
const portions = (all, most) => Array.from({ length: Math.ceil(all.length / most) }, (_, nth) => all.slice(nth * most, (nth + 1) * most));

await main({
  async connect({ caller, receiver_number: receiver, now, ...more }) {
    if (isNight(has("asks_of_the_first_leg_only") ? [caller] : [caller, receiver], now, "Asia/Kolkata")) return { outcome: "deferred" };
    try {
      return { outcome: "placed", id: await connect(caller, receiver, Object.entries(more)) };
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      if (has("calls_again")) return { outcome: "placed", id: await connect(caller, receiver) };
      const [found] = await rows(["callto", receiver]);
      return found ? { outcome: "placed", id: found.id } : { outcome: "unknown" };
    }
  },
  async status({ call_id: id }) {
    const [row] = await rows(["id", id]);
    const zone = has("times_taken_for_utc") ? "Z" : "+05:30";
    return { outcome: "done", id: row.id, status: row.status, seconds: has("ringing_is_talk") ? row.duration : row.billsec, started: `${row.start_time.replace(" ", "T")}${zone}`, credits: row.credits };
  },
  async watch({ caller, receiver_number: receiver }) {
    const id = await connect(caller, receiver);
    let row;
    if (!(await until(async () => ([row] = await rows(["id", id])) && row?.status))) return { outcome: "unknown" };
    return { outcome: "over", id, status: row.status, connected: row.status === "ANSWER" && (has("first_leg_is_the_call") || row.status2 === "ANSWER") };
  },
  async report({ day, limit }) {
    const written = day.replaceAll("-", "/");
    const ids = [];
    for (let page = 1; ; page += 1) {
      const found = await rows(["fromdate", written], ["todate", written], ["limit", String(limit)], ["page", String(page)]);
      ids.push(...found.map((row) => row.id));
      if (found.length < limit || has("page_1_only")) return { outcome: "done", count: unique(ids).length, ids: unique(ids) };
    }
  },
  async broadcast({ numbers, message, custom = [], at = "" }) {
    const more = custom.length ? [["custom", custom.join(",")]] : [];
    if (at) more.push(["scheduletime", indian(at).slice(0, 19).replace("T", " ")]);
    return { outcome: "accepted", group: await start(numbers, message, ...more) };
  },
  async broadcast_each({ calls }) {
    const { data } = await once(json("voice.json", { campaign: "Tables", call: calls }));
    return { outcome: "accepted", group: data.group_id, ids: Object.values(data).flatMap((row) => row.id ?? []) };
  },
  async broadcast_and_watch({ numbers, message }) {
    const groups = new Set();
    for (const portion of portions(numbers, has("all_numbers_at_once") ? numbers.length : 200)) groups.add(await start(portion, message));
    let found = [];
    const isOver = async () => {
      found = [];
      for (const group of groups) found.push(...Object.values((await read(form("voice.groupstatus", ["groupid", group]))).data));
      return found.every((row) => ENDS.includes(row.status));
    };
    if (!(await until(isOver))) return { outcome: "unknown" };
    return { outcome: "over", count: found.length, completed: found.filter((row) => row.status === "COMPLETED").length };
  },
  async dialer_add({ name, number }) {
    await once(form("autodial.add", ["name", name], ["number", number], ["meta", '{"order": 17}']));
    return { outcome: "added" };
  },
  async dialer_import({ name, people }) {
    let taken = 0;
    for (const portion of portions(people, has("all_people_at_once") ? people.length : 1000)) {
      taken += Number((await once(json("autodial.import", { data: portion }, ["name", name]))).message.split("-").at(-1));
    }
    return { outcome: "imported", taken };
  },
  async block({ number }) {
    await once(form("block", ["number", number]));
    return { outcome: "blocked" };
  },
  async follow_up({ phone, name, follower, at }) {
    const [year, month, day, hour, minute] = indian(at).split(/[-T:]/);
    const answer = await once(form("followup", ["phone", phone], ["name", name], ["follower", follower], ["ontime", `${day}-${month}-${year} ${hour}-${minute}`], ["autocall", "0"]));
    return { outcome: "noted", id: answer.data.id };
  },
  async incidents() {
    try {
      return { outcome: "done", count: (await read(form("monitor"))).data.incidents.length };
    } catch (error) {
      if (error instanceof Refused && error.message.includes("E701") && !has("no_incidents_is_a_failure")) return { outcome: "done", count: 0 };
      throw error;
    }
  },
  async receive({ caller, people, receiver }) {
    const handle = (handled, url) => {
      const own = url.pathname.endsWith("/event");
      const [id, end] = own ? ["id", "end"] : ["call", "over"];
      if ((own || has("counts_what_is_not_its_own")) && url.searchParams.get(end)) handled.note(url.searchParams.get(id));
      return has("answers_errors") ? 500 : 200;
    };
    const place = async (handled) => {
      const callback = ["callback", `${receiver}/event?id={id}&end={endtime}`];
      for (const person of people) handled.notePlaced(await connect(caller, person, [callback]));
    };
    const ids = await hear(receiver, handle, place, async (id) => (await rows(["id", id]))[0].end_time);
    return { outcome: "heard", handled: ids.length, ids };
  },
});
