// Asks the vendor's own address in the ways that are built into Node, and prints what came of each.
import https from "node:https";
import { Worker } from "node:worker_threads";

const url = "https://api.callr.com/v2.0/billing/credit";
const headers = { "x-api-key": process.env.CALLR_API_KEY };

console.log(`Node fetch: ${(await fetch(url, { headers })).status}`);
await new Promise((done, failed) => {
  const agent = new https.Agent({ keepAlive: false });
  https.get(url, { headers, agent }, (answer) => {
    console.log(`Node https, own Agent: ${answer.statusCode}`);
    answer.resume().on("end", done);
  }).on("error", failed);
});
const code = `fetch(${JSON.stringify(url)}, { headers: ${JSON.stringify(headers)} }).then((answer) => require("worker_threads").parentPort.postMessage(answer.status))`;
await new Promise((done, failed) => {
  const worker = new Worker(code, { eval: true });
  worker.on("message", (status) => done(console.log(`Node fetch, in a worker: ${status}`)));
  worker.on("error", failed);
});
