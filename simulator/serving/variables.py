"""What a command finds in its environment of a simulator: where each vendor is, and how to get in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from simulator.errors import UnknownName

NamedValue = tuple[str, str]
"""The name of a variable, and whose value it shall have: `kaleyra.voice_url` that of `KALEYRA_VOICE_URL`."""


def variables_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables that a ready document becomes.

    `CALLO_BASE_URL`, `CALLO_ORIGIN` where it answers at the root, that one's `CALLO_HOST` (with the port) and
    `CALLO_PORT`, the URLs that its clients are set up with (`CALLO_API_URL`), a variable for each credential
    (`CALLO_PUBLIC_KEY`), and for ids by name, such as those of Callo's `campaigns`, one for each name
    (`CALLO_CAMPAIGN_ID_PINCODE`); likewise for credentials by name, such as `tokens` beside a `token`
    (`JAICP_TOKEN_SPRING_SURVEY`).
    """
    variables = {"SIMULATOR_URL": document["control"].removesuffix("/_simulator/v1")}
    for vendor, url in document["base_urls"].items():
        origin = document["origins"][vendor]
        place = {"BASE_URL": url, "ORIGIN": origin, "HOST": urlsplit(origin).netloc}
        place |= {"PORT": str(urlsplit(origin).port), **document["urls"][vendor]}
        variables |= {f"{vendor.upper()}_{name}": value for name, value in place.items()}
        variables |= _credentials(vendor.upper(), document["credentials"][vendor])
    return variables


def with_named_values(variables: Mapping[str, str], named_values: Iterable[NamedValue]) -> dict[str, str]:
    """Return variables with more of them, under names that a client chose; raises UnknownName."""
    known = {name.lower().replace("_", ".", 1): value for name, value in variables.items()}
    for _, word in named_values:
        if word.lower() not in known:
            raise UnknownName("value of --env", word, list(known))
    return {**variables, **{name: known[word.lower()] for name, word in named_values}}


def parse_named_value(text: str) -> NamedValue:
    """Read `NAME=vendor.word`; raises ValueError."""
    name, equals, word = text.partition("=")
    if not (equals and re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) and "." in word):
        raise ValueError(f"{text!r} is not NAME=vendor.value, such as VOICE_API=kaleyra.voice_url")
    return name, word


def _credentials(prefix: str, credentials: Mapping[str, Any]) -> dict[str, str]:
    variables: dict[str, str] = {}
    for name, value in credentials.items():
        if isinstance(value, Mapping):
            one = name.removesuffix("s")
            stem = f"{prefix}_{one.upper()}" + ("" if one in credentials else "_ID")
            variables |= {f"{stem}_{_capitals(key)}": str(entry) for key, entry in value.items()}
        else:
            variables[f"{prefix}_{name.upper()}"] = str(value)
    return variables


def _capitals(name: str) -> str:
    return re.sub(r"\W+", "_", name.upper())
