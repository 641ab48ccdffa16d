"""A client without a socket: requests to a WSGI callable, spelled out by hand so that they cost little."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

SCENARIO = Path(__file__).with_name("bench.yaml")
KEY = "0123456789abcdef0123456789abcdef"
API = "/callo/manager/cabapi_external/api/v1"
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "a-boundary-of-the-benchmark"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def visit(
    app: Application,
    method: str,
    path: str,
    query: str = "",
    body: bytes = b"",
    kind: str = FORM,
    key: str = "",
) -> bytes:
    """Return the body of an answer; anything but a 200 ends the benchmark."""
    statuses: list[str] = []
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_USER_AGENT": "benchmark",
        "HTTP_ACCEPT": "*/*",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if key:
        environ["HTTP_X_API_KEY"] = key
    parts = app(environ, lambda status, _headers, *_: statuses.append(status))
    answer = b"".join(parts)
    getattr(parts, "close", lambda: None)()
    if not statuses[0].startswith("200"):
        raise SystemExit(f"{method} {path}: {statuses[0]}: {answer[:500]!r}")
    return answer


def add_call_form(campaign: object, serial: int) -> bytes:
    """Return the form of one call to a number of its own: the three parameters of the simplest example."""
    return urlencode(
        {
            "public_key": KEY,
            "campaign_id": campaign,
            "phone": f"+4479{serial:08}",
        }
    ).encode()


def numbers_form(campaign: object, count: int) -> tuple[str, bytes]:
    """Return the content type and the body of an upload of that many numbers as a CSV file."""
    fields = {"public_key": KEY, "campaign_id": campaign}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="phones_file"; filename="phones.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    numbers = "".join(f"4479{serial:08}\r\n" for serial in range(count))
    body = ("".join(parts) + numbers + f"\r\n--{BOUNDARY}--\r\n").encode()
    return f"multipart/form-data; boundary={BOUNDARY}", body


def upload_numbers(app: Application, campaign: object, count: int) -> bytes:
    """Upload that many numbers to `append/calls/`; return the answer's body."""
    kind, body = numbers_form(campaign, count)
    return visit(app, "POST", f"{API}/phones/append/calls/", body=body, kind=kind)
