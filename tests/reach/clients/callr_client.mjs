// Sends a message by Callr, whose address is in the code, and tells what became of it.
const api = "https://api.callr.com/v2.0/sms";
const headers = { "x-api-key": process.env.CALLR_API_KEY, "Content-Type": "application/json" };

const query = new URLSearchParams({ to: "+33639980002", from: "Bistro" });
if (process.env.SLIP) query.set("traffictype", "alerting");
const sent = await fetch(`${api}?${query}`, { method: "POST", headers, body: JSON.stringify({ text: "Your table is booked." }) });
if (!sent.ok) throw new Error(`refused: ${await sent.text()}`);
const { sid } = await sent.json();
for (let look = 0; look < 100; look += 1) {
  const { status } = await (await fetch(`${api}/${sid}`, { headers })).json();
  if (["delivered", "failed", "error", "expired"].includes(status)) {
    console.log("callr_client.mjs", status);
    process.exit(0);
  }
  await new Promise((resume) => setTimeout(resume, 500));
}
throw new Error("nothing became of the message");
