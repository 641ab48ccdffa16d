"""Worlds in which a bug shows: the default one, with one thing gone wrong. None says what is expected."""

from __future__ import annotations

from pathlib import Path

DEFAULT = ""
WORLD = """\
sim: 1
title: {title}
extends: happy
expect: []
"""
SITUATIONS = {
    "quick": """\
strangers: prompt
personas:
  prompt: {attempts: [answered], ring: 100ms, talk: 200ms}
imports: {lag: 50ms, portion: 1000, every: 50ms}
""",
    "lost_call": """\
faults:
  - {where: callo.add_call, when: request 1, do: cut 40%}
  - {where: kaleyra.click_to_call, when: request 1, do: cut 40%}
  - {where: jaicp.crm_add_phone_post, when: request 1, do: cut 40%}
""",
    "lost_text": """\
faults:
  - {where: callr.send_sms, when: request 1, do: cut 40%}
""",
    "lost_run": """\
faults:
  - {where: callr.start_scenario, when: request 1, do: cut 40%}
""",
    "lost_list": """\
imports: {lag: 50ms, portion: 1000, every: 50ms}
faults:
  - {where: callo.append_calls, when: request 1, do: cut 40%}
  - {where: kaleyra.start_obd_call, when: request 1, do: cut 40%}
  - {where: kaleyra.obd_call_json, when: request 1, do: cut 40%}
  - {where: jaicp.add_phones, when: request 1, do: cut 40%}
""",
    "outage": """\
faults:
  - {where: callo.call_by_id, when: requests 1..40, do: status 503}
  - {where: kaleyra.click_to_call_status, when: requests 1..40, do: status 503}
  - {where: jaicp.call_job_report, when: requests 1..40, do: status 503}
  - {where: callr.get_sms, when: requests 1..40, do: status 503}
""",
    "limited": """\
limits:
  - {where: callo.*, allow: 5 per 1s, reply: vendor}
  - {where: kaleyra.*, allow: 5 per 1s}
  - {where: jaicp.*, allow: 5 per 2s}
  - {where: callr.*, allow: 5 per 2s}
""",
    "current_edition": """\
accounts:
  shop: {vendors: [jaicp], profile: {jaicp: current}, balance: 100.00}
""",
    "wrong_signature": """\
hooks:
  - {where: callr.*, sign: wrong}
""",
    "late": """\
hooks:
  - {where: "*", late: 1s..5s, shuffle: 3}
""",
    "twice": """\
strangers: prompt
people:
  - {number: "+447700900310", persona: prompt}
personas:
  prompt: {attempts: [answered], ring: 100ms, talk: 2s, press: "1"}
hooks:
  - {where: "*", twice: 100%}
""",
}


def scenario_of(situation: str, folder: Path) -> str | Path:
    """Return the scenario to run a situation in, as `check` takes it; files are written to `folder`."""
    if not situation:
        return "happy"
    file = folder / f"{situation}.yaml"
    if not file.exists():
        file.write_text(WORLD.format(title=situation) + SITUATIONS[situation])
    return file
