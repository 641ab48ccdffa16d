// Connects two people by Kaleyra, whose address is in the code, and tells how that ended.
import https from "node:https";

const agent = new https.Agent({ keepAlive: true });
const over = ["ANSWER", "NOANSWER", "BUSY", "FAILED", "CANCEL", "CONGESTION"];

const ask = (method, fields) =>
  new Promise((resolve, reject) => {
    const form = new URLSearchParams({ method, api_key: process.env.KALEYRA_API_KEY, format: "json", ...fields }).toString();
    const headers = { "Content-Type": "application/x-www-form-urlencoded", "Content-Length": form.length };
    const request = https.request({ host: "voice.solutionsinfini.com", path: "/v1/", method: "POST", agent, headers }, (answer) => {
      let text = "";
      answer.on("data", (piece) => (text += piece));
      answer.on("end", () => resolve(JSON.parse(text).data));
    });
    request.on("error", reject);
    request.end(form);
  });

const slip = process.env.SLIP ? { reciever: "1" } : {};
const { id } = await ask("dial.click2call", { caller: "6010000002", receiver: "6010000005", return: "1", ...slip });
for (let look = 0; look < 100; look += 1) {
  const ended = ((await ask("dial.c2cstatus", { id })) ?? []).find((row) => over.includes(row.status));
  if (ended) {
    console.log("kaleyra_client.mjs", ended.status);
    process.exit(0);
  }
  await new Promise((resume) => setTimeout(resume, 500));
}
throw new Error("the call did not end");
