"""A network of its own for this process and what it starts: an own loopback, and names that lead there.

It is Linux's namespaces, entered before anything else is there, for a process with threads cannot. A command
that is started keeps its user, and has no way back.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from simulator.errors import SimulatorError

NEW_MOUNTS, NEW_USER, NEW_NETWORK = 0x00020000, 0x10000000, 0x40000000
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x40000
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 0x1
HOSTS = "/etc/hosts"
OWN_NAMES = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.0.1 hook.localhost\n"


class CannotIsolate(SimulatorError):
    """This system gives us no network of our own."""

    def __init__(self, step: str, error: OSError | None = None) -> None:
        why = f": {error.strerror}" if error else ""
        super().__init__(
            f"--isolate needs Linux's network namespaces, which this system does not give us ({step}{why})",
            "in a container allow them (Docker: `--cap-add SYS_ADMIN --security-opt seccomp=unconfined`); "
            "or use --intercept --guard, and names of vendors that lead to `serve --tls --tls-port 443`",
        )


def isolate(names: Iterable[str]) -> None:
    """Leave every network but an own loopback, where `names` lead; raises CannotIsolate.

    Nothing outside can be reached any more, whatever is tried, and nobody else sees the names.
    """
    if sys.platform != "linux":
        raise CannotIsolate("it is not Linux")
    libc, user, group = ctypes.CDLL(None, use_errno=True), os.getuid(), os.getgid()
    has_user = not libc.unshare(NEW_USER | NEW_MOUNTS | NEW_NETWORK)
    if not has_user and libc.unshare(NEW_MOUNTS | NEW_NETWORK):
        raise CannotIsolate("unshare", _error())
    try:
        if has_user:
            Path("/proc/self/setgroups").write_text("deny", "utf-8")
            Path("/proc/self/uid_map").write_text(f"{user} {user} 1", "utf-8")
            Path("/proc/self/gid_map").write_text(f"{group} {group} 1", "utf-8")
        _raise_loopback()
        _cover_hosts(libc, names)
    except OSError as error:
        raise CannotIsolate("setting it up", error) from None


def _raise_loopback() -> None:
    import fcntl  # noqa: PLC0415 - not on Windows

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        asked = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack("16xH14x", fcntl.ioctl(sock, GET_FLAGS, asked))
        fcntl.ioctl(sock, SET_FLAGS, struct.pack("16sH14x", b"lo", flags | UP))


def _cover_hosts(libc: ctypes.CDLL, names: Iterable[str]) -> None:
    """Put a file of our own in the place of the one with names, for this process and its children."""
    with NamedTemporaryFile("w", prefix="simulator-hosts-") as file:
        file.write(OWN_NAMES + "".join(f"127.0.0.1 {name}\n" for name in names))
        file.flush()
        Path(file.name).chmod(0o644)
        if libc.mount(None, b"/", None, RECURSIVE | PRIVATE, None):
            raise _error()
        if libc.mount(file.name.encode(), HOSTS.encode(), None, BIND, None):
            raise _error()


def _error() -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number))
