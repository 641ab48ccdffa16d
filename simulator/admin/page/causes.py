"""What the codes of a delivery attempt mean, for whoever waits for a callback, with what helps."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[str, str] = {
    "blocked_address": "the simulator does not call this address: what is link-local or tells of a cloud's "
    "machines, and its own control API, never; else what lies beyond this machine's network is called where "
    "`serve --allow-destination` names it",
    "bad_request": "it has a header that cannot be sent; look at what the client asked for",
    "unresolved": "the name leads to no address; look at how it is written",
    "refused": "nobody accepts connections there; start the receiver, then resend",
    "timeout": "no whole answer came in time",
    "tls": "no trusted TLS connection; look at the receiver's certificate",
    "broken": "the receiver broke off before its answer was whole",
    "bug": "the simulator could not send it; the log has its story",
    "too_large": "the answer is too large",
    "redirect": "the answer leads elsewhere, which is not followed",
}
"""What is said of each code of a delivery attempt."""
