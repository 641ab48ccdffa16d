"""URLs: which texts are addresses on the web, how letters are escaped, and credentials before the host."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import quote, unquote_to_bytes, urlsplit

RESERVED = "%/:?#[]@!$&'()*+,;=~"
"""What the syntax of URLs needs, and so stays as it is; an escape that is there already stays too."""

_ADDRESS = re.compile(r"https?://[^/?#\s]+(?:[/?#].*)?", re.IGNORECASE | re.DOTALL)
"""Asked beside urlsplit, which leaves out line breaks and the blanks before a URL, as no address does."""

_USERINFO = re.compile(r"([A-Za-z]+://)([^/?#]*)@")


def is_web_address(text: str) -> bool:
    """Tell whether a text is a URL of http or https that names a host, at a port that there can be."""
    if not _ADDRESS.fullmatch(split_userinfo(text)[0]):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0  # or a ValueError for what is no port
    except ValueError:
        return False


def escape_url(url: str, also: str = "") -> str:
    """Return a URL with every letter percent-encoded that it may not hold, but for those of `also`."""
    return quote(url, safe=RESERVED + also)


def fill_template(placeholder: re.Pattern[str], template: str, values: Mapping[str, str]) -> str:
    """Return the URL of a template, each value percent-encoded; unknown placeholders stay as they are.

    The first group of `placeholder` is the name of a value, which stands in braces.
    """
    parts = placeholder.split(template)
    for place, part in enumerate(parts):
        if place % 2 == 0:
            parts[place] = escape_url(part, also="{}")
        else:
            parts[place] = quote(values[part], safe="") if part in values else f"{{{part}}}"
    return "".join(parts)


def split_userinfo(url: str) -> tuple[str, str]:
    """Return a URL without what stands before its host, such as `name:password@`, and that as it is there."""
    match = _USERINFO.match(url)
    return (match[1] + url[match.end() :], match[2]) if match else (url, "")


def basic_authorization(credentials: bytes) -> tuple[str, str]:
    """Return the header that presents a name and password, joined by a colon."""
    return "Authorization", f"Basic {b64encode(credentials).decode()}"


def without_credentials(url: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return a URL without the name and password before its host, and the header that presents them."""
    bare, userinfo = split_userinfo(url)
    return bare, (basic_authorization(unquote_to_bytes(userinfo)),) if userinfo else ()
