"""What is taken out of exchanges before anybody keeps them: secrets go, people get pseudonyms."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import phonenumbers
from msgspec.structs import replace

from simulator.conformance.contract import Contract
from simulator.conformance.document import walk
from simulator.conformance.examples import plain_name
from simulator.exchange import Exchange, Request
from simulator.web.known_secrets import HIDDEN, Secrets
from simulator.web.masking import Masker
from simulator.web.named_values import is_secret
from simulator.web.phone_masks import NumberMask, plain_digits, respelt

TRIES = 200


class Pseudonyms(NumberMask):
    """Puts another number in the place of each, in the form in which it is written; keyed by `salt`."""

    def __init__(self, salt: str) -> None:
        super().__init__(salt)
        self._salt = salt
        self._stand_in = lru_cache(maxsize=10_000)(self._make)

    def hide(self, text: str, is_json: bool = False) -> str:
        """Return a text with pseudonyms; a bare number of JSON stays one."""
        del is_json
        return super().hide(text)

    def instead_of(self, spelt: str, number: str, tag: str) -> str:
        """Return what stands for a number as it is spelt; its country and what comes before stay."""
        del tag
        digits, other = plain_digits(spelt), self._stand_in(number)
        common = 0
        while common < min(len(digits), len(number)) and digits[-1 - common] == number[-1 - common]:
            common += 1
        return respelt(spelt, digits[: len(digits) - common] + other[len(other) - common :])

    def _make(self, number: str) -> str:
        """Return another number of the country and kind of a real one; of others only the length is kept."""
        try:
            parsed = phonenumbers.parse(f"+{number}", None)
        except phonenumbers.NumberParseException:
            return self._digits(number, 2, 0)
        head = len(str(parsed.country_code)) + 2
        if not phonenumbers.is_valid_number(parsed):
            return self._digits(number, head, 0)
        kind = phonenumbers.number_type(parsed)
        for attempt in range(TRIES):
            kept = min(head + attempt // 20, len(number) - 3)  # a narrow range needs more of the beginning
            other = self._digits(number, kept, attempt)
            candidate = phonenumbers.parse(f"+{other}", None)
            is_like = phonenumbers.is_valid_number(candidate) and phonenumbers.number_type(candidate) == kind
            if other != number and is_like:
                return other
        return self._digits(number, head, TRIES)

    def _digits(self, number: str, kept: int, attempt: int) -> str:
        seed = f"{self._salt}/{number}/{attempt}".encode("utf-8", "surrogatepass")
        drawn = str(int.from_bytes(hashlib.sha256(seed).digest()))[-len(number) :]
        return number[:kept] + drawn[kept:]


_PAIR = re.compile(r"(?P<name>[\w.\[\]-]+)=(?:\*\*\*|%2A%2A%2A)", re.IGNORECASE)
_MEMBER = re.compile(r'"(?P<name>[\w.-]+)":(?P<gap>\s*)"\*\*\*"')


class Redactor:
    """Redacts exchanges of one vendor: the same number has the same pseudonym for the same `salt`.

    In the place of keys stand the examples that the document has for them, which open nothing.
    """

    def __init__(self, contract: Contract, secrets: Mapping[str, Any], salt: str) -> None:
        self._contract = contract
        self._secrets = Secrets()
        for value in secrets.values():
            self._secrets.learn(str(value))
        self._masker = Masker(self._secrets, numbers=Pseudonyms(salt))
        self._examples = dict(_examples(contract))

    def __call__(self, exchange: Exchange) -> Exchange:
        """Return an exchange that may be kept."""
        exchange = replace(exchange, violations=())
        self._learn_path(exchange.request)
        masked = self._masker.exchange(exchange)
        request = masked.request
        body = self._refilled(request.body.decode("utf-8", "surrogateescape"))
        shown = replace(
            request,
            path=self._path(request.path),
            query=self._refilled(request.query),
            body=body.encode("utf-8", "surrogateescape"),
        )
        return replace(masked, request=shown, credential=None)

    def _learn_path(self, request: Request) -> None:
        """Learn a key that stands in the path, so that it is found wherever else it is."""
        for name, value in self._variables(request.path):
            if name in self._examples:
                self._secrets.learn(value)

    def _path(self, path: str) -> str:
        for name, value in self._variables(path):
            example = self._examples.get(name)
            path = path.replace(value, example) if example and HIDDEN in value else path
        return path

    def _variables(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield the variables of a path by their plain names, of the first template that it fits."""
        for variant in self._contract.templates:
            if (match := variant.pattern.match(path)) is not None:
                yield from zip(map(plain_name, variant.variables), match.groups(), strict=False)
                return

    def _refilled(self, text: str) -> str:
        """Return a text with the document's examples in the place of keys."""

        def pair(match: re.Match[str]) -> str:
            example = self._examples.get(plain_name(match["name"]))
            return match[0] if example is None else f"{match['name']}={quote(example, safe='')}"

        def member(match: re.Match[str]) -> str:
            example = self._examples.get(plain_name(match["name"]))
            return match[0] if example is None else f'"{match["name"]}":{match["gap"]}{json.dumps(example)}'

        return _MEMBER.sub(member, _PAIR.sub(pair, text))


def _examples(contract: Contract) -> Iterator[tuple[str, str]]:
    """Yield the document's examples of what is secret, by their names."""
    for _, node in walk(contract.document):
        shown = node.get("example")
        if isinstance(node.get("name"), str) and isinstance(shown, str):
            shown = {node["name"]: shown}
        for name, value in shown.items() if isinstance(shown, dict) else ():
            if isinstance(value, str) and is_secret(name):
                yield plain_name(name), value
