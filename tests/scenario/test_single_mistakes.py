"""One mistake a scenario: each word that nothing would apply is refused where it stands, with a guess."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner
from werkzeug.test import Client

from simulator import Simulator
from simulator.cli import main
from simulator.engine.known_names import everything_known
from simulator.errors import BrokenScenario
from simulator.scenario.vendor_words import check_vendor_words
from tests.scenario.files import scenario_of

KNOWN = everything_known()
VENDORS = {name: KNOWN.operator(name) for name in KNOWN.present}

CALLO = "accounts:\n  shop:\n    vendors: [callo]\n    "
JAICP = CALLO.replace("callo", "jaicp")
KALEYRA = CALLO.replace("callo", "kaleyra")
CALLR = CALLO.replace("callo", "callr")
CAMPAIGN = "campaigns:\n      - name: a\n        type: %s\n        "

ANYWHERE = [
    ("limits: [{where: calo.*, allow: 1 per 1s}]", "unknown vendor 'calo'; did you mean 'callo'?"),
    ("faults: [{where: kaleira.*, do: reset}]", "unknown vendor 'kaleira'; did you mean 'kaleyra'?"),
    ("hooks: [{where: calr.*, sign: vendor}]", "unknown vendor 'calr'; did you mean 'callr'?"),
    ("timeline: [{at: +1d, do: outage jaicpp}]", "unknown vendor 'jaicpp'; did you mean 'jaicp'?"),
    ("accounts: {a: {vendors: [calo]}}", "unknown vendor 'calo'; did you mean 'callo'?"),
    ("profiles: {calo: {post_reads: true}}", "unknown vendor 'calo'; did you mean 'callo'?"),
    ("expect: [{coverage: {calo: 90%}}]", "unknown vendor 'calo'; did you mean 'callo'?"),
    ("expect: [{coverage: {error: 90%}}]", "unknown vendor 'error'; did you mean 'errors'?"),
    (
        "expect: [{client: {where: callo.no_such, double_dials: 0}}]",
        "callo has no operation 'no_such'; known: ",
    ),
    ("expect: [{hook: {event: call.finishd, delivered: 1}}]", "did you mean 'call.finished'?"),
    ("expect: [{hook: {event: no.such, delivered: 1}}]", "unknown event 'no.such'; known: call.finished"),
    ("hooks: [{where: call.finished, late: 5s}]", "say whose event call.finished is, as in `callo.call.f"),
    ("faults: [{where: callo.call.finished, do: reset}]", "is an event: callbacks go wrong by `hooks`"),
    ("limits: [{where: '*', allow: 1 per 1s, by: public_kee}]", "did you mean 'public_key'?"),
    ("faults: [{where: '*', do: refuse E543}]", "did you mean 'E542'?"),
]
OF_CALLO = [
    ("faults: [{where: callo.add_cal, do: reset}]", "did you mean 'add_call'?"),
    ("limits: [{where: callo.*, allow: 1 per 1s, by: pubic_key}]", "did you mean 'public_key'?"),
    ("limits: [{where: callo.*, allow: 1 per 1s, by: [campaign_id, fone]}]", "did you mean 'phone'?"),
    (
        "limits: [{where: callo.add_call, allow: 1 per 1s, by: call_id}]",
        "callo.add_call has no parameter 'call_id'",
    ),
    (
        "limits: [{where: callo.*, allow: 1 per 1s, by: [clip_name, phones]}]",
        "takes all of clip_name, phones",
    ),
    ("faults: [{where: callo.add_call, do: refuse phone_mising}]", "did you mean 'phone_missing'?"),
    ("hooks: [{where: callo.call.finishd, sign: vendor}]", "did you mean 'call.finished'?"),
    ("hooks: [{where: callo.*, sign: wrong}]", "callbacks of callo are never signed"),
    (CALLO + "profile: {callo: {post_read: true}}", "did you mean 'post_reads'?"),
    (CALLO + "language: fr", "unknown language of callo 'fr'; known: en, ru"),
    (CALLO + 'groups: {"1": {name: a}}', "callo reads no 'groups' of an account"),
    (CALLO + CAMPAIGN % "free_txt", "did you mean 'free_text'?"),
    (CALLO + CAMPAIGN % "free_text" + "key: abc", "campaigns of callo have no key"),
    (CALLO + CAMPAIGN % "free_text" + 'agents: ["+447700900001"]', "callo has agents for: none"),
    (CALLO + CAMPAIGN % "free_text" + "postbacks: {finishd: {url: 'http://h/'}}", "did you mean 'finished'?"),
    (
        CALLO + CAMPAIGN % "free_text" + "postbacks: {finished: {url: 'http://h/?c={ct_cal_id}'}}",
        "callo fills in no {ct_cal_id}; did you mean 'ct_call_id'?",
    ),
    (
        CALLO + CAMPAIGN % "free_text" + 'menu: {keys: {"1": {action: sms_to_ownr}}}',
        "callo has no action 'sms_to_ownr'; did you mean 'sms_to_owner'?",
    ),
    (
        CALLO
        + CAMPAIGN % "free_text"
        + 'menu: {keys: {"1": {next: {words: {"no": {webhook: "http://h/{ct_fone}"}}}}}}',
        "did you mean 'ct_phone'?",
    ),
    (CALLO + "\ntimeline: [{at: +1m, do: profile post_read=true}]", "did you mean 'post_reads'?"),
    ("admit: anyone\ntimeline: [{at: +1m, do: profile post_read=true}]", "did you mean 'post_reads'?"),
    (CALLO + "\ntimeline: [{at: +1m, do: bar subscriptions}]", "nobody subscribes to anything at callo"),
    ("profiles: {callo: {post_reads: true}}", "nobody without one is let in here"),
]
OF_KALEYRA = [
    ("faults: [{where: kaleyra.click_to_cal, do: reset}]", "did you mean 'click_to_call'?"),
    ("limits: [{where: kaleyra.*, allow: 1 per 1s, by: apikey}]", "did you mean 'api_key'?"),
    ("faults: [{where: kaleyra.health, do: refuse E524}]", "did you mean 'E542'?"),
    (KALEYRA + "profile: {kaleyra: {monitr: true}}", "did you mean 'monitor'?"),
    (KALEYRA + "profile: {kaleyra: {errors: {call_unknwn: {code: E1}}}}", "did you mean 'call_unknown'?"),
    (
        KALEYRA + "profile: {kaleyra: {errors: {no_such: {code: E1}}}}",
        "kaleyra's setting 'errors' has no refusal 'no_such'; known: ",
    ),
    (KALEYRA + "profile: {kaleyra: {errors: {call_unknown: {cod: E1}}}}", "did you mean 'code'?"),
    (KALEYRA + "profile: {kaleyra: {errors: {call_unknown: {code: 7}}}}", "code is text"),
    (
        KALEYRA + "profile: {kaleyra: {errors: {call_unknown: {message: 'no {ids}'}}}}",
        "nothing is filled in for {ids} of call_unknown; did you mean 'id'?",
    ),
    (KALEYRA + "profile: {kaleyra: {incidents: [{regoin: KA}]}}", "did you mean 'region'?"),
    (KALEYRA + "profile: {kaleyra: {incidents: [{type: warnin}]}}", "did you mean 'warning'?"),
    (KALEYRA + "profile: {kaleyra: {addresses: [10.0.0]}}", "'10.0.0' is no address or network"),
    (KALEYRA + "profile: {kaleyra: {agent_names: {Asha: Rao}}}", "'Asha' is not a phone number"),
    (KALEYRA + "zone: Asia/Kolkata", "kaleyra reads no 'zone' of an account"),
    (KALEYRA + CAMPAIGN % "incomming", "did you mean 'incoming'?"),
    (KALEYRA + CAMPAIGN % "obd" + 'agents: ["+916010000001"]', "kaleyra has agents for: incoming"),
    ("profiles: {kaleyra: {errors: {key_unknwn: {code: E1}}}}", "did you mean 'key_unknown'?"),
    ("profiles: {kaleyra: {monitor: false}}", "read here: errors"),
    (
        "expect: [{hook: {event: click_to_call_answred, delivered: 1}}]",
        "did you mean 'click_to_call_answered'?",
    ),
]
OF_JAICP = [
    ("faults: [{where: jaicp.getReprt, do: reset}]", "jaicp has no operation 'getReprt'"),
    ("limits: [{where: jaicp.*, allow: 1 per 1s, by: tokn}]", "did you mean 'token'?"),
    ("faults: [{where: jaicp.add_phones, do: refuse phone.duplicate}]", "did you mean 'phone.duplicated'?"),
    (
        JAICP + "profile: {jaicp: curent}",
        "jaicp's setting 'profile' is never 'curent'; did you mean 'current'?",
    ),
    (JAICP + "profile: {jaicp: {cyrilic_status: true}}", "did you mean 'cyrillic_status'?"),
    (JAICP + "profile: {jaicp: {external_check_answer: bdy}}", "did you mean 'body'?"),
    (JAICP + "language: ru", "jaicp reads no 'language' of an account"),
    (JAICP + CAMPAIGN % "broadcast" + 'agents: ["+79720000001"]', "jaicp has agents for: none"),
    ("hooks: [{where: jaicp.clearance.askd, sign: vendor}]", "did you mean 'clearance.asked'?"),
]
OF_CALLR = [
    ("faults: [{where: callr.send_sm, do: reset}]", "did you mean 'send_sms'?"),
    ("limits: [{where: callr.*, allow: 1 per 1s, by: api_key}]", "callr.* has no parameter 'api_key'"),
    (
        "limits: [{where: callr.send_sms, allow: 1 per 1s, by: text}]",
        "callr.send_sms has no parameter 'text'",
    ),
    (
        "faults: [{where: callr.send_sms, do: refuse insufficient-credits}]",
        "did you mean 'insufficient-credit'?",
    ),
    (CALLR + "profile: {callr: {trail: true}}", "did you mean 'trial'?"),
    (CALLR + "profile: {callr: {endpoints: relaxd}}", "did you mean 'relaxed'?"),
    (CALLR + "profile: {callr: {exports_per_day: 2.5}}", "'exports_per_day' is a whole number, not 2.5"),
    (
        CALLR + "profile: {callr: {webhooks: [{type: v2.number.asigned, endpoint: 'http://h/'}]}}",
        "v2.number.assigned",
    ),
    (
        CALLR + "profile: {callr: {webhooks: [{typ: a, type: v2.number.assigned, endpoint: 'http://h/'}]}}",
        "did you mean 'type'?",
    ),
    (
        CALLR
        + "profile: {callr: {webhooks: "
        + "[{type: v2.number.assigned, endpoint: 'http://h/', options: {hmacAlgo: sha257}}]}}",
        "did you mean 'sha256'?",
    ),
    (
        CALLR + "profile: {callr: {inventory: [{country: FR, type: mobil, first: '+33639980000'}]}}",
        "'mobile'?",
    ),
    (
        CALLR + "profile: {callr: {inventory: [{country: FR, type: mobile, frist: '+33639980000'}]}}",
        "entry 1 has no 'frist'; did you mean 'first'?",
    ),
    (
        CALLR
        + "profile: {callr: {inventory: [{country: FR, type: mobile, first: '+33639980000', contn: 2}]}}",
        "did you mean 'count'?",
    ),
    (CALLR + CAMPAIGN % "broadcast", "callr reads no 'campaigns' of an account"),
    (CALLR + "credit: false", "callr reads no 'credit' of an account"),
    (CALLR + "\ntimeline: [{at: +1m, do: bar subscriptions call.endd}]", "did you mean 'call.ended'?"),
    (CALLR + "\ntimeline: [{at: +1m, do: pause campaigns}]", "callr has no campaigns"),
    ("profiles: {callr: {trial: true}}", "callr reads 'trial' for an account only"),
    (
        "accounts: {a: {vendors: [callo], profile: {callo: {bad_key: page}}}}",
        "callo reads 'bad_key' for those without an account; write it under profiles: callo",
    ),
    (
        CALLR + "profile: {callr: {absent_credential: '401'}}",
        "callr reads 'absent_credential' for those without",
    ),
    ("hooks: [{where: callr.call.startd, sign: vendor}]", "did you mean 'call.started'?"),
]
ALL = [*ANYWHERE, *OF_CALLO, *OF_KALEYRA, *OF_JAICP, *OF_CALLR]


@pytest.mark.parametrize(("text", "message"), ALL, ids=[text.replace("\n", " ")[-70:] for text, _ in ALL])
def test_a_word_that_nothing_would_apply_is_refused_where_it_stands(text: str, message: str) -> None:
    scenario = scenario_of(text)
    with pytest.raises(BrokenScenario) as caught:
        check_vendor_words(scenario, VENDORS, KNOWN)
    (finding,) = caught.value.findings
    place, _, what = finding.partition(": ")
    line, column = map(int, place.split(":")[1:])

    assert place.startswith("mine.yaml:")
    assert (line, column) > (1, 1)
    assert message in what.splitlines()[0]


def test_one_mistake_is_refused_at_every_door(tmp_path: Path) -> None:
    text = "sim: 1\nlimits: [{where: callo.*, allow: 1 per 1s, by: pubic_key}]\n"
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    message = "callo.* has no parameter 'pubic_key'; did you mean 'public_key'?"
    for command in (["scenarios", "lint", str(file)], ["check", "--scenario", str(file), "--", "true"]):
        outcome = CliRunner().invoke(main, command)
        assert outcome.exit_code != 0
        assert f"{file}:2:48: {message}" in outcome.output
    with pytest.raises(BrokenScenario, match="did you mean 'public_key'"):
        Simulator(scenario=file)

    answer = Client(Simulator()).put(
        "/_simulator/v1/scenario", data=text.encode(), content_type="application/yaml"
    )
    assert answer.status_code == 422
    assert message in json.dumps(answer.json)


@pytest.mark.parametrize(
    "text",
    [
        "limits: [{where: callr.*, allow: 1 per 1s, by: key}]",
        "limits: [{where: '*', allow: 1 per 1s, by: phone}]",
        "limits: [{where: jaicp.*, allow: 1 per 1s, by: token}]",
        "profiles: {kaleyra: {errors: {key_unknown: {code: E1}}}, callr: {absent_credential: '401'}}",
        "admit: anyone\nprofiles: {callr: {trial: true}, jaicp: {profile: current}}",
        CALLR + "\ntimeline: [{at: +1m, do: bar subscriptions v2.call.inbound.ended}]",
        CALLR + "profile: {callr: {unknown_actions: pass, scenarios: [{name: a, script: 'branches: {}'}]}}",
    ],
)
def test_a_word_that_somebody_reads_is_taken(text: str) -> None:
    if "script" in text:
        text = text.replace("'branches: {}'", '"branches: {a: {actions: [{action: dance@v1}]}}"')
    check_vendor_words(scenario_of(dedent(text)), VENDORS, KNOWN)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (
            "accounts:\n  a: {vendors: [callo], key: k}\n  b: {vendors: [callo], keys: {callo: k}}",
            "4:39",
            "callo has an account with this credential already",
        ),
        (
            JAICP + "key: 1.2.abcd\n    campaigns:\n"
            "      - {name: a, type: broadcast}\n      - {name: c, type: broadcast, key: 1.2.abcd}",
            "8:41",
            "two campaigns of shop have the same key",
        ),
    ],
)
def test_a_key_that_is_taken_is_told_where_it_stands(text: str, place: str, message: str) -> None:
    with pytest.raises(BrokenScenario) as caught:
        Simulator().worlds.open("mine", scenario_of(text))

    assert caught.value.findings[0].startswith(f"mine.yaml:{place}: {message}")


@pytest.mark.parametrize("levels", [70, 100_000])
def test_a_script_that_nests_for_ever_is_told_where_it_becomes_too_deep(levels: int) -> None:
    scripts = "profile:\n      callr:\n        scenarios:\n          - name: a\n            script: |\n"

    with pytest.raises(BrokenScenario) as caught:
        check_vendor_words(scenario_of(f"{CALLR}{scripts}              {'- ' * levels}x\n"), VENDORS, KNOWN)

    assert caught.value.findings[0].startswith("mine.yaml:10:143: callr's setting 'scenarios': entry 1: ")
    assert "nested deeper than 64 levels" in caught.value.findings[0]


def test_settings_towards_anybody_hold_for_accounts_that_a_first_request_opens() -> None:
    simulator = Simulator(vendors=("callr",))
    text = "admit: anyone\nprofiles: {callr: {trial: true, numbers: ['+33199001299']}}"
    world = simulator.worlds.open("main", scenario_of(text)).world
    credential = VENDORS["callr"].new_credential(1)
    newcomer = world.admit("callr", credential)

    assert newcomer.profile["trial"] is True
    assert next(iter(world.accounts.values())).numbers.keys() == {"+33199001299"}
    assert all(account.profile["trial"] for account in world.accounts.values())


def test_numbers_in_both_places_are_all_the_account_s() -> None:
    text = CALLR + 'caller_ids: ["+33199001298"]\n    profile: {callr: {numbers: ["+33199001299"]}}'
    world = Simulator(vendors=("callr",)).worlds.open("main", scenario_of(text)).world
    (account,) = world.accounts.values()

    assert list(account.numbers) == ["+33199001298", "+33199001299"]
