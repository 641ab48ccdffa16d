"use strict";
// Read by every Node that a checked command starts: vendors' names lead to the simulator, or nowhere.
// It stands alone, beside the `routes.json` of one run.
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");

const plan = JSON.parse(fs.readFileSync(path.join(__dirname, "routes.json"), "utf8"));
const ports = { 443: plan.secure, 80: plan.plain };
const connect = net.Socket.prototype.connect;

const isListed = (host) => plan.hosts.includes(host) || plan.hosts.includes(`*.${host.split(".").slice(1).join(".")}`);
const isGuarded = (host) => plan.guarded.some((name) => host === name || host.endsWith(`.${name}`));

function refuse(socket, host, port) {
  const note = { host, port: String(port), how: "Node, connect", program: process.argv.slice(1, 2) };
  fs.appendFileSync(path.join(__dirname, "tried.log"), `${JSON.stringify(note)}\n`);
  const error = new Error(`${host} is a real vendor's: the simulator's guard lets nobody there`);
  process.nextTick(() => socket.destroy(Object.assign(error, { code: "ECONNREFUSED", syscall: "connect" })));
  return socket;
}

net.Socket.prototype.connect = function (...given) {
  const call = Array.isArray(given[0]) ? given[0] : net._normalizeArgs(given);
  const host = String(call[0].host ?? "").toLowerCase().replace(/\.$/, "");
  const port = isListed(host) ? ports[call[0].port] : undefined;
  if (port === undefined) return isGuarded(host) ? refuse(this, host, call[0].port) : connect.apply(this, given);
  const options = { ...call[0], host: plan.address, port, lookup: undefined, autoSelectFamily: false };
  const routed = Object.assign([options, call[1]], Object.fromEntries(Object.getOwnPropertySymbols(call).map((key) => [key, call[key]])));
  return connect.call(this, routed);
};
