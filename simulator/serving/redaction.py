"""What of an exchange may be kept: no key and no customer's number, and its contract can judge it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from simulator.conformance.contract import Contract
from simulator.conformance.document import walk
from simulator.conformance.examples import plain_name
from simulator.exchange import Exchange, Request
from simulator.serving.pseudonyms import Pseudonyms
from simulator.web.known_secrets import HIDDEN, Secrets
from simulator.web.masking import Masker
from simulator.web.secret_names import is_secret

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
        for pattern, variant in self._contract.templates:
            if (match := pattern.match(request.path)) is not None:
                for name, value in zip(variant.variables, match.groups(), strict=False):
                    if plain_name(name) in self._examples:
                        self._secrets.learn(value)
                return

    def _path(self, path: str) -> str:
        for pattern, variant in self._contract.templates:
            if HIDDEN in path and (match := pattern.match(path)) is not None:
                for name, value in zip(variant.variables, match.groups(), strict=False):
                    example = self._examples.get(plain_name(name))
                    path = path.replace(value, example) if example and HIDDEN in value else path
                return path
        return path

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
