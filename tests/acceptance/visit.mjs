// A client in another language: plain fetch, as a newcomer would write it. Prints what it met as JSON.
const [base, control, key] = process.argv.slice(2);
const api = `${base}/manager/cabapi_external/api/v1`;
const get = (name, fields) => fetch(`${api}/${name}/?${new URLSearchParams({ public_key: key, ...fields })}`);
const post = (name, fields) =>
  fetch(`${api}/${name}/`, { method: "POST", body: new URLSearchParams({ public_key: key, ...fields }) });
const advance = (length) =>
  fetch(`${control}/clock/advance`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ by: length }),
  });
const met = {};

const { campaigns } = await (await get("campaigns", { mode: "all" })).json();
const campaign_id = campaigns.find((each) => each.type === "free_text").id;
const added = await (await post("phones/call", { campaign_id, phone: "+447700900310" })).json();
await advance("1h");
const [seen] = await (await get("phones/call_by_id", { call_id: added.call_id, expand: "1" })).json();
met.status = seen.status;
met.duration = seen.duration;
met.recording = (await (await fetch(seen.recorded_audio)).arrayBuffer()).byteLength;

const often = [];
for (let turn = 0; turn < 6; turn++) often.push(await post("phones/call", { campaign_id, phone: "+447700900102" }));
met.often = often.map((answer) => answer.status);
met.excess = (await often[5].json()).data;

await advance("1m");
const form = new FormData();
for (const [name, value] of Object.entries({ public_key: key, clip_name: "beep" })) form.append(name, value);
form.append("clip_file", new Blob([new Uint8Array(Buffer.from(process.env.CLIP, "base64"))]), "beep.wav");
const clip = await (await fetch(`${api}/audio/upload/`, { method: "POST", body: form })).json();
met.length = clip.length;
met.clip = Buffer.from(await (await fetch(clip.url)).arrayBuffer()).toString("base64");

await advance("1m");
const hasty = await Promise.all(Array.from({ length: 60 }, () => get("users/balance", {})));
met.hasty = hasty.map((answer) => answer.status).sort();
met.page = hasty.find((answer) => answer.status === 429).headers.get("content-type");
console.log(JSON.stringify(met));
