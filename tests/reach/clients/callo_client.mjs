// Calls somebody by Callo, whose address is in the code, and tells how that ended.
const api = "https://callo.com/manager/cabapi_external/api/v1/phones";
const key = process.env.CALLO_PUBLIC_KEY;

const order = new URLSearchParams({ public_key: key, campaign_id: process.env.CALLO_CAMPAIGN_ID, phone: "+447700900311" });
if (process.env.SLIP) order.set("pin_code", "1234");
const placed = await fetch(`${api}/call/`, { method: "POST", body: order });
if (!placed.ok) throw new Error(`refused: ${await placed.text()}`);
const { call_id } = await placed.json();
for (let look = 0; look < 100; look += 1) {
  const rows = await (await fetch(`${api}/call_by_id/?${new URLSearchParams({ public_key: key, call_id })}`)).json();
  if (!["", "in_process"].includes(rows[0].status)) {
    console.log("callo_client.mjs", rows[0].status);
    process.exit(0);
  }
  await new Promise((resume) => setTimeout(resume, 500));
}
throw new Error("the call did not end");
