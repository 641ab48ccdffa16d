"""The one door through which the simulator reaches out: to vetted addresses only.

No redirects, no proxies or netrc from the environment, no decoding, and the reply's body is thrown away
unless the request reads it.
Real time passes here, because a receiver is real; when a callback is due is decided on the virtual clock.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from datetime import timedelta
from functools import partial
from http.client import HTTPException, LineTooLong
from ssl import SSLContext, SSLError, SSLSocket
from threading import Thread, Timer
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError
from urllib3.exceptions import SSLError as WrappedSSLError
from urllib3.util import SKIP_HEADER
from urllib3.util.ssl_ import create_urllib3_context

from simulator.exchange import Answer, CallbackRequest, DeliveryAttempt
from simulator.web.destinations import (
    HOP_HEADER,
    Destination,
    DestinationPolicy,
    RefusedDestination,
    Resolve,
    is_this_machine,
    next_hop,
    parse_destination,
)
from simulator.web.guard import UnsafeHeader, check_outgoing

CONNECT = timedelta(seconds=3)
LARGEST_REPLY = 65_536
_OWN = frozenset({"host", "content-length", "transfer-encoding", HOP_HEADER.lower()})


def resolve_by_system(host: str, port: int) -> list[str]:
    """Ask the system's resolver; raises OSError for an unknown name.

    Not every resolver knows names below `localhost`, which let a receiver of one's own have a host with a
    dot, where a vendor asks for that.
    """
    host = "localhost" if is_this_machine(host) else host
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in rows))


def attempt(
    request: CallbackRequest, policy: DestinationPolicy, resolve: Resolve, timeout: timedelta, *, pure: bool
) -> DeliveryAttempt:
    """Make one attempt, at most `timeout` long with all its parts; never raises for a receiver.

    A `pure` one has no header but those that the vendor sends.
    """
    with closing(_Deadline(timeout)) as deadline:
        try:
            destination = parse_destination(request.url)
            policy.check(destination)
            headers = _headers_of(request, destination, pure=pure)
            if policy.keeps(destination):
                return DeliveryAttempt(200, reply=Answer() if request.reads_reply else None)
            addresses = policy.vet(destination, partial(_resolve_within, deadline, resolve))
        except RefusedDestination as refused:
            return DeliveryAttempt(error="blocked_address", reason=str(refused))
        except UnsafeHeader as unsafe:
            return DeliveryAttempt(error="bad_request", reason=str(unsafe))
        except TimeoutError:
            return DeliveryAttempt(error="timeout", reason=f"no address within {deadline.seconds:g} seconds")
        except OSError as unknown:
            return DeliveryAttempt(error="unresolved", reason=str(unknown))
        deadline.begin()
        return _try_each(addresses, destination, request, headers, deadline)


class _Deadline:
    """Ends a conversation that has lasted too long since it began, whichever byte it waits for.

    Socket timeouts count from one byte to the next: a receiver that drips would hold us for ever.
    """

    def __init__(self, length: timedelta) -> None:
        self.seconds = length.total_seconds()
        self.expired = False
        self._handle: socket.socket | None = None
        self._timer = Timer(self.seconds, self._expire)
        self._timer.daemon = True

    def begin(self) -> None:
        """Start the time, unless it runs already."""
        if self._timer.ident is None:
            self._timer.start()

    def close(self) -> None:
        """Let go of whatever was begun."""
        if self._timer.ident is not None:
            self._timer.cancel()
            self._timer.join()
        self.release()

    def watch(self, sock: socket.socket) -> socket.socket:
        """Keep a second handle: TLS takes the first one over, and a shutdown must reach its handshake too."""
        self._handle = sock.dup()
        if self.expired:
            self._expire()
        return sock

    def release(self) -> None:
        """Close the handle of a conversation that is over."""
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()

    def _expire(self) -> None:
        self.expired = True
        handle = self._handle
        if handle is not None:
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)


class _Connection(HTTPConnection):
    """Connects to the vetted address and shows its socket to the deadline."""

    deadline: _Deadline

    def _new_conn(self) -> socket.socket:  # urllib3 has no public place between connect and TLS
        return self.deadline.watch(super()._new_conn())


class _SecureConnection(HTTPSConnection):
    """The same over TLS."""

    deadline: _Deadline

    def _new_conn(self) -> socket.socket:
        return self.deadline.watch(super()._new_conn())


class _TlsSocket(SSLSocket):
    """Leaves nothing open when the connection is gone before the handshake, where SSLSocket would."""

    def getpeername(self) -> Any:
        """Return who is there; raises ConnectionError, closed, where SSLSocket would look for leftovers."""
        try:
            return super().getpeername()
        except OSError as error:
            self.close()
            raise ConnectionError("the connection was gone before TLS began") from error


def trusting_context() -> SSLContext:
    """Return how receivers are spoken to over TLS: by the certificates that this machine trusts."""
    context = create_urllib3_context()
    context.load_default_certs()
    context.sslsocket_class = _TlsSocket
    return context


def _resolve_within(deadline: _Deadline, resolve: Resolve, host: str, port: int) -> Sequence[str]:
    """Resolve a name while the deadline runs, in a thread, for no resolver can be interrupted.

    Raises TimeoutError, and what the resolver raises.
    """
    deadline.begin()
    addresses: Future[Sequence[str]] = Future()

    def ask() -> None:
        try:
            addresses.set_result(resolve(host, port))
        except Exception as error:  # it is raised where the answer is awaited
            addresses.set_exception(error)

    Thread(target=ask, name="resolver", daemon=True).start()
    return addresses.result(deadline.seconds)


def _headers_of(request: CallbackRequest, destination: Destination, *, pure: bool) -> dict[str, str]:
    """Return the vendor's headers, with the Host and the hop count that only we can know."""
    check_outgoing((*request.headers, (request.method, "")))
    headers = {"Host": destination.host_header}
    headers.update((name, value) for name, value in request.headers if name.lower() not in _OWN)
    given = {name.lower() for name in headers}
    for name in ("User-Agent", "Accept-Encoding"):
        if name.lower() not in given:
            headers[name] = SKIP_HEADER
    hop = next_hop(request.headers)
    if not pure:
        headers[HOP_HEADER] = hop
    return headers


def _try_each(
    addresses: Sequence[str],
    destination: Destination,
    request: CallbackRequest,
    headers: dict[str, str],
    deadline: _Deadline,
) -> DeliveryAttempt:
    """Talk to the first address that lets us connect."""
    attempt = DeliveryAttempt(error="timeout", reason="no address answered in time")
    for address in addresses:
        connection = _connection_to(address, destination, deadline)
        try:
            connection.connect()
            return _converse(connection, destination, request, headers)
        except (NewConnectionError, ConnectTimeoutError) as error:
            attempt = _failure(error, deadline)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            return _failure(error, deadline)
        finally:
            connection.close()
            deadline.release()
        if deadline.expired:
            break
    return attempt


def _connection_to(
    address: str, destination: Destination, deadline: _Deadline
) -> _Connection | _SecureConnection:
    timeout = min(CONNECT.total_seconds(), deadline.seconds)
    connection: _Connection | _SecureConnection
    if destination.scheme == "https":
        connection = _SecureConnection(
            address,
            destination.port,
            timeout=timeout,
            ssl_context=trusting_context(),
            server_hostname=destination.host,
            assert_hostname=destination.host,
        )
    else:
        connection = _Connection(address, destination.port, timeout=timeout)
    connection.deadline = deadline
    return connection


def _converse(
    connection: _Connection | _SecureConnection,
    destination: Destination,
    request: CallbackRequest,
    headers: dict[str, str],
) -> DeliveryAttempt:
    """Send and read at most 64 KB as they come: an endless or inflating reply costs no more."""
    connection.timeout = connection.deadline.seconds
    connection.request(
        request.method,
        destination.target,
        request.body or None,
        headers,
        preload_content=False,
        decode_content=False,
    )
    response = connection.getresponse()
    if 300 <= response.status < 400:
        return DeliveryAttempt(response.status, "redirect", "redirects are not followed")
    size, kept = 0, b""
    while piece := response.read1(16_384, decode_content=False):
        size += len(piece)
        kept += piece if request.reads_reply else b""
        if size > LARGEST_REPLY:
            return DeliveryAttempt(
                response.status, "too_large", f"the reply is longer than {LARGEST_REPLY} bytes"
            )
    if connection.deadline.expired:
        return _out_of_time(connection.deadline)
    if not request.reads_reply:
        return DeliveryAttempt(response.status)
    kept_headers = tuple((name, value) for name, value in response.headers.items())
    return DeliveryAttempt(response.status, reply=Answer(response.status, kept, kept_headers))


def _out_of_time(deadline: _Deadline) -> DeliveryAttempt:
    return DeliveryAttempt(error="timeout", reason=f"no whole answer within {deadline.seconds:g} seconds")


def _tls_failure(error: Exception) -> str:
    """Say in the words of OpenSSL what a handshake failed of, such as `self-signed certificate`."""
    cause = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    named = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or type(cause).__name__
    return str(named).replace("_", " ").lower()


def _failure(error: Exception, deadline: _Deadline) -> DeliveryAttempt:
    """Name what went wrong; a shutdown by our own deadline looks like many things and is one."""
    if deadline.expired or isinstance(error, ReadTimeoutError | TimeoutError):
        return _out_of_time(deadline)
    if isinstance(error, NewConnectionError):  # urllib3 derives it from the next one
        return DeliveryAttempt(error="refused", reason="nobody accepts connections there")
    if isinstance(error, ConnectTimeoutError):
        return DeliveryAttempt(error="timeout", reason="no connection in time")
    if isinstance(error, SSLError | WrappedSSLError):
        return DeliveryAttempt(error="tls", reason=f"no trusted TLS connection: {_tls_failure(error)}")
    if isinstance(error, LineTooLong) or "more than" in str(error):
        return DeliveryAttempt(error="too_large", reason="the reply's headers are too long")
    return DeliveryAttempt(error="broken", reason=f"the receiver broke off ({type(error).__name__})")
