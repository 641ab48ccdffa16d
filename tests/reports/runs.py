"""Evidence of a made-up run, with every outcome and letters that any form has to escape."""

from __future__ import annotations

from simulator.reports.evidence import (
    CaseEvidence,
    Evidence,
    Finding,
    Message,
    Met,
    Requirement,
    Seen,
    VendorCoverage,
)

WILD = '<b>&amp; "quoted" \x00\x1b[31m 100% :: , | é \U0001f525</b>\n]]>'
EXCHANGE = Seen(
    id="main-1",
    at="2026-03-02T10:00:00+00:00",
    operation="add_call",
    method="POST",
    path="/phones/call/",
    query=f"text={WILD}",
    status=400,
    rule="refusal: phone_missing [inferred]",
    request=Message(headers=(("X-Wild", WILD),), body=WILD),
    answer=Message(body=WILD),
)
FINDING = Finding(
    about="contract",
    subject=f"add_call: {WILD}",
    asked=WILD,
    arrived=WILD,
    fix=WILD,
    source="contracts/callo/openapi.yaml#/paths",
    mark="documented",
    example="POST /phones/call/",
    exchanges=("main-1",),
)


def case(name: str, outcome: str, group: str = "request shapes", *, accepted: bool = False) -> CaseEvidence:
    failed = outcome not in ("PASS", "UNIMPLEMENTED")
    return CaseEvidence(
        id=name,
        title=f"Title {WILD}",
        group=group,
        outcome=outcome,  # type: ignore[arg-type]
        profile="voice",
        place="contracts/callo/client_suite.yaml:12",
        requirement=Requirement(rule=f"rule {WILD}", at="add_call", mark="inferred"),
        task="place",
        arguments={"phone": "+447700900310"},
        conclusion={"outcome": "placed", "id": 17},
        findings=(FINDING,) if failed else (),
        exchanges=(EXCHANGE,) if failed else (),
        advice="Do it right.",
        reason="no --task for `place`" if outcome == "UNIMPLEMENTED" else "",
        printed=WILD if failed else "",
        seconds=0.25,
        seed="7",
        replay=f"simulator replay run.json {name}" if failed else "",
        accepted=accepted,
    )


EVIDENCE = Evidence(
    made_by="suite",
    title=f"Clients of Callo {WILD}",
    agent="node 22",
    command="place=node cli.js",
    started="2026-11-29T20:00:00+00:00",
    seconds=3.5,
    seed="7",
    clock="idle",
    suite="callo",
    suite_version=1,
    suite_digest="sha256:00",
    contracts={"callo": "sha256:11"},
    cases=(
        case("CALLO-1.1", "PASS"),
        case("CALLO-1.2", "FAIL"),
        case("CALLO-1.3", "FAIL", accepted=True),
        case("CALLO-2.1", "NON-STRICT", "success and refusal"),
        case("CALLO-2.2", "INFO", "success and refusal"),
        case("CALLO-2.3", "UNIMPLEMENTED", "success and refusal"),
        case("CALLO-2.4", "PENDING", "success and refusal"),
        case("CALLO-2.5", "BROKEN-US", "success and refusal"),
    ),
    coverage={
        "callo": VendorCoverage(
            operations=Met(met=("add_call",), missed=tuple(f"operation_{WILD}_{n}" for n in range(40))),
            parameters=Met(met=("add_call: phone",), missed=("add_call: text",)),
            answers=Met(met=("add_call: 200",), missed=("add_call: 400 phone_missing",)),
            callbacks=Met(missed=("postback",)),
        )
    },
)
