"""What a scenario will do, in sentences: for whoever reads one, and for whoever wrote one."""

from __future__ import annotations

from calendar import day_abbr
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from simulator.errors import counted
from simulator.scenario.lint import answered_within, most_attempts
from simulator.scenario.personas import cast_persona, played_by, run_of
from simulator.scenario.schema import AccountWords, PersonaWords, PersonWords, Scenario
from simulator.scenario.values import EVERY_DAY, Hours, Pace
from simulator.telephony.clock import write_length
from simulator.telephony.outcomes import Span
from simulator.telephony.people import Persona

MOST_SHOWN = 12
LONGEST_SHOWN = 100

_TOLD_OF_ACCOUNTS = ("vendors", "key", "keys", "balance", "currency", "campaigns", "stop_list")
_TOLD_OF_CAMPAIGNS = (
    *("name", "type", "key", "vendor", "retry", "hours", "zone", "customer_time", "lines", "postbacks"),
)
_TOLD_OF_PERSONAS = (
    *("attempts", "first", "second", "later", "texts", "ring", "talk", "press", "says", "pin"),
)
"""What stands in a sentence of its own, or is nobody's business."""


def explain(scenario: Scenario) -> list[str]:
    """Return paragraphs: how it begins, who calls, who answers, what goes wrong, what is judged."""
    parts = (_beginning(scenario), _callers(scenario), _people(scenario), _rules(scenario), _end(scenario))
    return ["\n".join(lines) for part in parts if (lines := list(part))]


def _written(scenario: Scenario, *path: str | int) -> str:
    """Return a phrase as the file has it."""
    return str(scenario.document.text(path))


def _besides(scenario: Scenario, *path: str | int, but: Collection[str]) -> Iterator[str]:
    """Yield each word of a map `but` some, as the file has it."""
    for word, value in scenario.document.text(path).items():
        if word not in but:
            text = " ".join(_plain(value).split())
            shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN].rstrip()}…"
            spoken = repr(shown) if isinstance(value, str) and " " in text else shown
            yield f"{word.replace('_', ' ')} {spoken}"


# -- the beginning --------------------------------------------------------------------------------------


def _beginning(scenario: Scenario) -> Iterator[str]:
    if scenario.title:
        yield f"{scenario.title}."
    clock = scenario.clock
    begins = f"on {clock.at:%A, %F at %H:%M}, {clock.zone.key}" if clock.at else "on 2026-03-02 at 10:00, UTC"
    yield f"The world begins {begins}; {_pace(clock.mode)}."
    drawn = "nothing is drawn" if scenario.seed is None else f"draws are keyed by the seed {scenario.seed}"
    yield f"The same requests meet the same fates every time: {drawn}."


def _pace(pace: Pace) -> str:
    if pace.speed != 1:
        return f"its time runs {pace.speed} times as fast as the host's"
    return {
        "frozen": "its time stands still",
        "virtual": "its time moves when it is told to",
        "idle": "its time runs, and steps on while the client is silent",
        "real": "its time runs with the host's",
    }[pace.mode]


# -- who calls ------------------------------------------------------------------------------------------


def _callers(scenario: Scenario) -> Iterator[str]:
    for name, account in scenario.accounts.items():
        balance = account.balance
        money = "" if balance is None else f" with {balance:.2f} {account.currency or ''}".rstrip()
        yield f"{name!r} has an account at {' and at '.join(account.vendors)}{money}."
        if besides := [*_besides(scenario, "accounts", name, but=_TOLD_OF_ACCOUNTS)]:
            yield f"  Besides: {', '.join(besides)}."
        yield from _campaigns(scenario, name, account)
        if account.stop_list:
            yield f"  It never reaches {_some([*account.stop_list])}: they are on its stop list."
    if scenario.admit == "anyone":
        yield "Whoever comes with another key of the right form is let in, and gets an account."
    elif not scenario.accounts:
        yield "Nobody has an account, so every request is refused."


def _campaigns(scenario: Scenario, name: str, account: AccountWords) -> Iterator[str]:
    for nth, campaign in enumerate(account.campaigns):
        words = [f"  Its campaign {campaign.name!r} ({campaign.type})"]
        if (retry := campaign.retry) is not None:
            words.append(
                f"tries a number up to {counted(retry.attempts, 'time')}, {write_length(retry.after)} apart"
            )
        if (hours := campaign.hours) is not None:
            whose = "each callee's time" if campaign.customer_time else campaign.zone.key
            windows = " and ".join(_windows((hours,) if isinstance(hours, Hours) else hours))
            words.append(f"dials {windows}, {whose}")
        words += [f"has {counted(campaign.lines, 'line')}"] if campaign.lines else []
        words += [f"tells {', '.join(campaign.postbacks)} to an address"] if campaign.postbacks else []
        besides = [*_besides(scenario, "accounts", name, "campaigns", nth, but=_TOLD_OF_CAMPAIGNS)]
        words += [f"has {', '.join(besides)}"] if besides else []
        yield f"{words[0]} {', '.join(words[1:]) or 'is there from the start'}."


def _windows(hours: Iterable[Hours]) -> Iterator[str]:
    for window in hours:
        days = ", ".join(day_abbr[day] for day in sorted(window.days))
        on_days = "" if window.days == EVERY_DAY else f"on {days} "
        yield f"{on_days}between {window.opens:%H:%M} and {window.closes:%H:%M}"


# -- who answers ----------------------------------------------------------------------------------------


def _people(scenario: Scenario) -> Iterator[str]:
    attempts = most_attempts(scenario)
    for person in scenario.people[:MOST_SHOWN]:
        name, words = played_by(scenario, person)
        known = f" ({name})" if person.persona else ""
        besides = _of_persona(scenario, person.persona)
        yield f"{_whom(person)}{known}: {_conduct(name, words, attempts)}{besides}"
    if len(scenario.people) > MOST_SHOWN:
        yield f"And {counted(len(scenario.people) - MOST_SHOWN, 'more entry', 'more entries')} of people."
    if scenario.magic_numbers is not False:
        yield "Magic numbers do what their digits say (`simulator numbers`)."
    if scenario.strangers:
        words = scenario.personas[scenario.strangers]
        conduct = _conduct(scenario.strangers, words, attempts) + _of_persona(scenario, scenario.strangers)
        yield f"Every other number ({scenario.strangers}): {conduct}"
    else:
        yield "Every other number is invalid: calls to it fail, messages too."


def _of_persona(scenario: Scenario, name: str | None) -> str:
    """Return what else is said of a persona, as a sentence."""
    besides = [*_besides(scenario, "personas", name, but=_TOLD_OF_PERSONAS)] if name else []
    return f" Besides: {', '.join(besides)}." if besides else ""


def _whom(person: PersonWords) -> str:
    first, count = run_of(person)
    return str(first) if person.number else f"{counted(count, 'number')} from {first} on"


def _conduct(name: str, words: PersonaWords, attempts: int) -> str:
    persona = cast_persona(name, words)
    texts = [f"messages {', then '.join(_ending(entry, 'end') for entry in persona.texts)}"]
    if words.texts and not words.attempts and not words.first:
        return f"{texts[0]}."
    ends = [_ending(entry) for entry in persona.attempts]
    while len(ends) > 1 and ends[-1] == ends[-2]:
        ends.pop()
    clauses = [f"the {_nth(nth, len(ends))} {end}" for nth, end in enumerate(ends)]
    if len(ends) == 1:
        clauses = [f"every attempt {ends[0]}"]
    chance = answered_within(persona, attempts)
    if 0 < chance < 1:
        clauses.append(f"{_share(chance)} of them answer within {counted(attempts, 'attempt')}")
    if chance:
        clauses += _on_the_line(persona)
    return "; ".join(clauses + (texts if persona.texts else [])) + "."


def _on_the_line(persona: Persona) -> Iterator[str]:
    yield f"it rings {_span(persona.ring)}, they talk {_span(persona.talk)}"
    if persona.presses and persona.presses != (persona.says,):
        yield f"they press {', '.join(persona.presses)}"
    if persona.says:
        yield f"they say {persona.says!r}"
    if persona.code:
        yield "they key in no code" if persona.code == "none" else f"they key in the {persona.code} code"


def _ending(entry: str | Mapping[Any, float], verb: str = "ends") -> str:
    if isinstance(entry, str):
        return f"{verb} as {entry}"
    return f"{verb} as " + ", ".join(f"{outcome} ({share * 100:.4g}%)" for outcome, share in entry.items())


def _share(chance: float) -> str:
    """Return a share that is neither none nor all in percent, which do not say so either."""
    if chance >= 0.995:
        return "more than 99%"
    return "fewer than 1%" if chance < 0.005 else f"{chance:.0%}"


def _nth(place: int, count: int) -> str:
    if place and place == count - 1:
        return "rest"
    names = ("first attempt", "second", "third", "fourth", "fifth")
    return names[place] if place < len(names) else f"{place + 1}th"


# -- what goes wrong ------------------------------------------------------------------------------------


def _rules(scenario: Scenario) -> Iterator[str]:
    for word, what in (("imports", "Bulk imports"), ("profiles", "Whoever has no account meets")):
        if word in scenario.document.value:
            yield f"{what}: {_plain(scenario.document.text((word,)))}."
    for nth, limit in enumerate(scenario.limits):
        by = (limit.by,) if isinstance(limit.by, str) else limit.by
        apart = f" for each {' and '.join(by)}" if by else ""
        more = "".join(f", {one}" for one in _besides(scenario, "limits", nth, but=("where", "allow", "by")))
        yield f"Of {limit.where}, {_written(scenario, 'limits', nth, 'allow')} are let in{apart}{more}."
    for nth, fault in enumerate(scenario.faults):
        when = scenario.document.value["faults"][nth].get("when", "always")
        more = "".join(f", {one}" for one in _besides(scenario, "faults", nth, but=("where", "when", "do")))
        yield f"Requests to {fault.where}, {when}: {_written(scenario, 'faults', nth, 'do')}{more}."
    for nth, hook in enumerate(scenario.hooks):
        words = scenario.document.value["hooks"][nth]
        does = ", ".join(f"{word} {_plain(value)}" for word, value in words.items() if word != "where")
        yield f"Callbacks of {hook.where}: {does}."
    for nth, event in enumerate(scenario.timeline):
        words = scenario.document.value["timeline"][nth]
        lasts = "".join(
            f", {word} {words[word]}" for word in ("for", "every", "times", "until") if word in words
        )
        whose = f" ({event.account})" if event.account else ""
        befalls = f" at {event.where}" if event.where else ""
        yield f"At {words['at']}: {words['do']}{befalls}{lasts}{whose}."


# -- the end --------------------------------------------------------------------------------------------


def _end(scenario: Scenario) -> Iterator[str]:
    if scenario.run:
        steps = [_written(scenario, "run", nth) for nth in range(len(scenario.run))]
        yield f"When the client is done, the clock does this: {', then '.join(steps)}."
    if scenario.expect_refusals:
        yield f"These refusals are part of it: {', '.join(scenario.expect_refusals)}."
    for entry in scenario.document.value.get("expect", ()):
        subject, expected = next(iter(entry.items()))
        yield f"Then {subject}: {_plain(expected)}."


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{word} {_plain(inner)}" for word, inner in value.items())
    if isinstance(value, list):
        return " and ".join(map(_plain, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _some(numbers: list[str]) -> str:
    shown = ", ".join(numbers[:MOST_SHOWN])
    return shown if len(numbers) <= MOST_SHOWN else f"{shown} and {len(numbers) - MOST_SHOWN} more"


def _span(span: Span) -> str:
    low, high = write_length(span.low), write_length(span.high)
    return low if low == high else f"{low} to {high}"
