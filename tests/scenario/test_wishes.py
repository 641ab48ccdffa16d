"""Twelve scenarios as somebody writes them who has read the reference of words, and what becomes of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import Simulator
from simulator.engine.known_names import everything_known
from simulator.engine.verification import run_steps, verdicts_on
from simulator.scenario.building import world_remarks
from simulator.scenario.explaining import explain
from simulator.scenario.lint import lint
from simulator.scenario.loading import load_scenario
from simulator.scenario.vendor_words import vendor_doubts

KNOWN = everything_known()
VENDORS = {name: KNOWN.operator(name) for name in KNOWN.present}
LONGEST = 16

WISHES = {
    "a message expires, and the next one arrives": """
sim: 1
title: A phone is off for two days
accounts: {shop: {vendors: [callr], balance: 10.00}}
people:
  - {number: "+33639980001", texts: [expired, delivered]}
run: [advance 3d]
expect:
  - message: {to: "+33639980001", count: 2, state: delivered}
  - messages: {expired: 1, delivered: 1}
""",
    "outcomes are counted, money among them": """
sim: 1
accounts: {shop: {vendors: [callo], balance: 1.00, price: 0.50, credit: false}}
people:
  - {numbers: "+44770090020*", count: 4, attempts: [answered]}
run: [until idle]
expect:
  - calls: {count: 4, answered: 3, no_funds: at most 1}
""",
    "it is asked with these parameters, and not too often": """
sim: 1
extends: happy
expect:
  - request: {where: callo.add_call, with: {phone: "+447700900310"}, count: 1}
  - request: {where: callo.call_by_id, pace: at most 1 per 30s}
  - request: {where: callo.*, status: 400, count: 0}
""",
    "two receivers are told, each what is its own": """
sim: 1
accounts:
  inbox:
    vendors: [callr]
    caller_ids: ["+33639984242"]
    profile:
      callr:
        webhooks:
          - {type: v2.sms.inbound.received, endpoint: "http://hook.localhost:9000/inbox"}
timeline:
  - {at: +1m, do: "text \\"+33639980001\\" to \\"+33639984242\\" 'Hello'"}
run: [advance 5m]
expect:
  - hook: {to: "http://hook.localhost:9000/inbox", due: 1}
  - hook: {to: "http://hook.localhost:9000/archive", due: 0}
""",
    "money comes every hour, and the campaign rests at the weekend": """
sim: 1
clock: {at: 2026-03-06T16:00, zone: Europe/London}
accounts:
  shop:
    vendors: [callo]
    balance: 0.00
    campaigns:
      - {name: Sale, type: free_text, hours: ["mon-fri 09:00-18:00", "sat 10:00-14:00"], zone: Europe/London}
timeline:
  - {at: +1h, do: top_up 5.00, every: 1h, times: 8}
run: [advance 3d]
expect:
  - calls: {outside: {hours: ["mon-fri 09:00-18:00", "sat 10:00-14:00"]}}
""",
    "the third attempt goes otherwise than the second": """
sim: 1
seed: 5
accounts: {shop: {vendors: [callo]}}
people:
  - {numbers: "+447700900***", count: 100, persona: shy}
personas:
  shy:
    attempts: [no_answer, {answered: 20%, busy: 80%}, {answered: 70%, voicemail: 30%}]
    talk: 20s..60s
run: [until idle]
""",
    "several files are put together, and one word is said otherwise": """
sim: 1
title: Happy people, a weak network, and another seed
extends: [happy, flaky]
seed: 99
faults:
  - {where: callo.*, when: 10%, do: status 503}
expect:
  - client: {double_dials: 0}
""",
    "customers come from a list": """
sim: 1
accounts: {shop: {vendors: [callo], balance: 10.00}}
people:
  - {file: mine.csv, persona: customer, zone: Europe/London}
personas:
  customer: {attempts: [busy, answered]}
run: [until idle]
expect:
  - calls: {of: people, answered: 100%}
""",
    "one number is engaged, all others pick up": """
sim: 1
seed: 1
accounts: {shop: {vendors: [callo]}}
strangers: polite
people:
  - {number: "+447700900101", attempts: [busy]}
personas:
  polite: {attempts: [answered], talk: 30s}
expect:
  - call: {to: "+447700900101", outcome: busy}
""",
    "answers are canned, come after the work, or in drops": """
sim: 1
accounts: {shop: {vendors: [callo]}}
faults:
  - where: callo.balance
    when: request 1
    do: reply
    reply: {status: 200, headers: {Content-Type: application/json}, body: '{"balance": "0.00"}'}
  - {where: callo.add_call, when: request 1, do: accept then status 503}
  - {where: callo.campaigns, do: drip 20s}
expect:
  - client: {double_dials: 0}
""",
    "a key expires, all vendors are out, and callbacks are lost for a while": """
sim: 1
accounts: {shop: {vendors: [callo, kaleyra]}}
hooks:
  - {where: kaleyra.*, when: from +10m for 5m, lose: 100%}
timeline:
  - {at: +20m, do: expire_key, account: shop}
  - {at: +50m, do: renew_key, account: shop}
  - {at: +2h, do: outage *, for: 10m}
run: [advance 3h]
expect:
  - request: {where: callo.*, pace: at most 10 per 1m}
""",
    "nobody calls in": """
sim: 1
accounts:
  login:
    vendors: [callo]
    campaigns:
      - {name: Call us, type: pincode_incoming, expires: 5m}
people:
  - {numbers: "+44770090010*", count: 5, persona: silent}
personas:
  silent: {attempts: [answered], calls_in: never}
run: [advance 10m]
expect:
  - calls: {answered: 0}
""",
}


@pytest.mark.parametrize("wish", WISHES)
def test_it_can_be_used_as_it_was_written_and_is_judged(wish: str, tmp_path: Path) -> None:
    file, text = tmp_path / "mine.yaml", WISHES[wish].lstrip()
    (tmp_path / "mine.csv").write_text("number\n+447700900310\n+447700900311\n")
    file.write_text(text)
    scenario = load_scenario(file, lambda one: world_remarks(one, VENDORS, KNOWN))
    simulator = Simulator(scenario=file)
    sandbox = simulator.worlds.sandbox()
    steps, verdicts = list(run_steps(sandbox)), verdicts_on(simulator.worlds, sandbox)
    simulator.close()

    assert lint(scenario) + scenario.document.findings(vendor_doubts(scenario, VENDORS)) == []
    assert len(text.splitlines()) <= LONGEST
    assert len(steps) == len(scenario.run)
    assert len(verdicts) >= len(scenario.expect)
    assert explain(scenario)
