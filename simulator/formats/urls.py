"""URLs: which texts are addresses on the web, and how letters that none may hold are escaped."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

RESERVED = "%/:?#[]@!$&'()*+,;=~"
"""What the syntax of URLs needs, and so stays as it is; an escape that is there already stays too."""


def is_web_address(text: str) -> bool:
    """Tell whether a text is a URL of http or https that names a host, at a port that there can be."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port  # which raises ValueError for what is no port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and host != "" and not any(map(str.isspace, host))


def escape_url(url: str, also: str = "") -> str:
    """Return a URL with every letter percent-encoded that it may not hold, but for those of `also`."""
    return quote(url, safe=RESERVED + also)
