// Gives a number to a campaign of JAICP, whose address is in the code, and tells how that ended.
const api = `https://bot.just-ai.com/api/calls/campaign/${process.env.JAICP_TOKEN}`;
const over = ["longCallWithResult", "longCallWithNoResult", "noAnswer", "notDone", "nonexistentNumber"];

const ask = async (path, body) => {
  const answer = await fetch(api + path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`refused: ${await answer.text()}`);
  return answer.json();
};

const job = { phone: "79161234568", maxAttempts: 1 };
if (process.env.SLIP) job.max_attempts = 1;
const ids = await ask("/addPhones", [job]);
for (let look = 0; look < 100; look += 1) {
  const [row] = await ask("/callJob/getReport", { ids });
  if (over.includes(row.jobStatus)) {
    console.log("jaicp_client.mjs", row.jobStatus);
    process.exit(0);
  }
  await new Promise((resume) => setTimeout(resume, 500));
}
throw new Error("the job did not end");
