"""Ways into a simulator without a socket, for requests and httpx: same bytes, same errors, no waiting.

Neither library is needed to import this module; each is imported by the transport that speaks for it.
"""

from __future__ import annotations

import os
from asyncio import to_thread
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.util import setup_testing_defaults

from simulator.app import Simulator
from simulator.engine.gateway import Gateway
from simulator.engine.sandbox import MAIN
from simulator.errors import SimulatorError
from simulator.exchange import Headers, find_header
from simulator.serving.reading import environ_key
from simulator.serving.secure import every_host, hosts_of
from simulator.testing.host_routes import HostRoutes, RealVendor, Tried, tell_nobody
from simulator.web.handover import ConnectionCut, NoAnswer
from simulator.web.host_names import domains_of

if TYPE_CHECKING:
    import requests
    from requests.adapters import BaseAdapter

Application = Callable[..., Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class WsgiAnswer:
    """What came back for one request; `cut` tells that the body is shorter than its head promised."""

    status: int
    reason: str
    headers: Headers
    body: bytes
    cut: bool


class InProcess:
    """One world of a simulator, as a WSGI application that nobody waits for.

    It answers at a vendor's real hosts, and at any URL whose path names a world itself. It has a gateway
    of its own: at the simulator's, on a socket, somebody may be made to wait.
    """

    def __init__(self, simulator: Simulator, world: str) -> None:
        self.hosts = hosts_of(simulator)
        self._process = os.getpid()
        self._gateway = Gateway(simulator.worlds, simulator.control)
        self._prefix = f"/@{world}"

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one WSGI request, in this world; raises SimulatorError in a copy of its process."""
        check_process(self._process)
        path = environ["PATH_INFO"]
        if not path.startswith("/@"):
            environ = {**environ, "PATH_INFO": self._prefix + path}
        return self._gateway(environ, start_response)


def check_process(process: int) -> None:
    """Raise SimulatorError where we are not the `process` of a test, but a copy that it forked."""
    if os.getpid() != process:
        raise SimulatorError(
            "this process was forked from the one of the test, which would not see what is asked in its copy",
            "read `base_url` before the fork, and ask there by a session of the new process",
        )


def ask(application: Application, method: str, url: str, headers: Headers, body: bytes) -> WsgiAnswer:
    """Send one request to a WSGI application and read its whole answer.

    Raises ConnectionCut when the connection is reset and NoAnswer when a client would wait in vain.
    """
    started: list[tuple[int, str, Headers]] = []

    def start(status: str, pairs: Iterable[tuple[str, str]], _raised: object = None) -> Callable[..., None]:
        started.append((int(status[:3]), status[4:], tuple(pairs)))
        return lambda _piece: None

    pieces, cut = bytearray(), False
    answered = application(_environ(method, url, headers, body), start)
    try:
        for piece in answered:
            pieces += piece
    except ConnectionCut:
        cut = True
    finally:
        if (close := getattr(answered, "close", None)) is not None:
            close()
    code, phrase, answer_headers = started[-1]
    return WsgiAnswer(code, phrase, answer_headers, bytes(pieces), cut)


def _environ(method: str, url: str, headers: Headers, body: bytes) -> dict[str, Any]:
    """Return the WSGI environ of a request, percent-decoded as servers do it."""
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc.rpartition("@")[2],
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": BytesIO(body),
    }
    setup_testing_defaults(environ)
    for name, value in _with_length(headers, body):
        key = environ_key(name.encode("latin-1"))
        environ[key] = f"{environ[key]},{value}" if key in environ and key != "HTTP_HOST" else value
    return environ


def _with_length(headers: Headers, body: bytes) -> Iterator[tuple[str, str]]:
    """Return headers with the length of a body that was read whole, in the place of chunks."""
    yield from (pair for pair in headers if pair[0].lower() not in ("content-length", "transfer-encoding"))
    if body or find_header(headers, "Content-Length") is not None:
        yield "Content-Length", str(len(body))


class RequestsAdapter:
    """An adapter for `requests.Session.mount`; faults arrive as requests' own exceptions.

    What is no vendor's, nor at the root of the `routes`, is passed on to the adapter that takes it
    `otherwise`.
    """

    def __init__(self, application: InProcess, routes: HostRoutes, otherwise: BaseAdapter | None) -> None:
        from requests.adapters import HTTPAdapter  # noqa: PLC0415 - our users choose their HTTP library

        self._application = application
        self._routes = routes
        self._builder = HTTPAdapter()
        self._otherwise = otherwise or self._builder

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Answer what is asked of a vendor, and pass on what is not.

        Raises requests' ConnectionError and ReadTimeout where a fault says so, and ConnectionError for a real
        vendor that nobody stands in for.
        """
        import requests  # noqa: PLC0415 - see above
        from urllib3 import HTTPHeaderDict, HTTPResponse  # noqa: PLC0415

        url, root = request.url or "", self._routes.root
        try:
            is_ours = bool(root) and url.startswith(root)
            if not is_ours and not self._routes.stands_for(url, "requests"):
                return self._otherwise.send(request, **options)
        except RealVendor as error:
            raise requests.ConnectionError(error, request=request) from None
        headers = tuple((str(name), _text(value)) for name, value in request.headers.items())
        try:
            answer = ask(self._application, request.method or "GET", url, headers, _bytes(request.body))
        except ConnectionCut as error:
            raise requests.ConnectionError(error, request=request) from None
        except NoAnswer as error:
            raise requests.ReadTimeout(error, request=request) from None
        raw = HTTPResponse(  # urllib3 itself complains about a body that is cut short
            BytesIO(answer.body),
            HTTPHeaderDict(answer.headers),
            answer.status,
            reason=answer.reason,
            preload_content=False,
            request_method=request.method,
        )
        return self._builder.build_response(request, raw)

    def close(self) -> None:
        """Close what `requests` keeps."""
        self._builder.close()


def mount(
    session: requests.Session,
    simulator: Simulator,
    world: str = MAIN,
    root: str = "",
    tried: Tried = tell_nobody,
) -> None:
    """Mount one world on a session at the vendors' real hosts, and at `root` if the simulator is served.

    What is asked of a vendor that nobody stands in for is refused, and `tried` is told.
    """
    application = InProcess(simulator, world)
    routes = HostRoutes(root, application.hosts, tried)
    for scheme in ("https://", "http://"):
        adapter = RequestsAdapter(application, routes, session.adapters.get(scheme))
        session.mount(scheme, cast("BaseAdapter", adapter))


def _httpx_transport(library: ModuleType, application: InProcess, tried: Tried) -> Any:
    """Return a transport for a `Client` or an `AsyncClient` of a library.

    It raises the library's ReadError, RemoteProtocolError or ReadTimeout for faults, and its ConnectError for
    a real vendor that nobody stands in for.
    """
    routes = HostRoutes("", application.hosts, tried)

    class Transport(library.BaseTransport, library.AsyncBaseTransport):  # type: ignore[name-defined,misc]
        def handle_request(self, request: Any) -> Any:
            return respond(request, request.read())

        async def handle_async_request(self, request: Any) -> Any:
            return await to_thread(respond, request, await request.aread())

    def respond(request: Any, body: bytes) -> Any:
        try:
            routes.stands_for(str(request.url), library.__name__)
        except RealVendor as error:
            raise library.ConnectError(str(error), request=request) from None
        headers = tuple(request.headers.multi_items())
        try:
            answer = ask(application, request.method, str(request.url), headers, body)
        except ConnectionCut as error:
            raise library.ReadError(str(error), request=request) from None
        except NoAnswer as error:
            raise library.ReadTimeout(str(error), request=request) from None
        if answer.cut:
            raise library.RemoteProtocolError("the answer ended before its Content-Length", request=request)
        return library.Response(
            answer.status, headers=list(answer.headers), stream=library.ByteStream(answer.body)
        )

    return Transport()


def httpx_mounts(
    library: ModuleType,
    simulator: Simulator,
    world: str = MAIN,
    root: str = "",
    tried: Tried = tell_nobody,
) -> Mapping[str, Any]:
    """Return the `mounts` of a client of httpx or httpx2 that reach one world, as `mount` does."""
    transport = _httpx_transport(library, InProcess(simulator, world), tried)
    places = [f"all://{before}{domain}" for domain in domains_of(every_host()) for before in ("", "*.")]
    return dict.fromkeys([*places, root] if root else places, transport)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    """Return what requests would send: nothing, text, bytes, a file, or pieces."""
    if body is None:
        return b""
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str | bytes | bytearray):
        return body.encode() if isinstance(body, str) else bytes(body)
    return b"".join(piece.encode() if isinstance(piece, str) else piece for piece in body)
