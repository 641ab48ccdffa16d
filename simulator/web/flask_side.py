"""What of a simulator is Flask's: its map of routes, views that somebody adds, the input of hooks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import SEEK_SET, RawIOBase, UnsupportedOperation
from threading import Lock
from typing import Any

from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, MapAdapter, RequestRedirect, Rule, RuleFactory


class LateRule(Rule):
    """A rule whose builder of addresses is compiled when it first builds one: nine tenths of its making."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        """Return a function that builds an address from values, as Werkzeug's own does."""
        compiled = cache(super()._compile_builder)

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return compiled(append_unknown)(rule, **values)

        return build


class LateMap(Map):
    """A map whose rules wait, in their order, until it is first asked; from any thread.

    Of those that come when it is no more `late` whatever is wrong shows at once. A path with a doubled slash
    is another path: Werkzeug before 3 has to be told so when a map is made.
    """

    late = True

    def __init__(self, *rules: Any, **options: Any) -> None:
        self._waiting: list[RuleFactory] = []
        self._adding = Lock()
        super().__init__(*rules, **{"merge_slashes": False, **options})

    def add(self, rulefactory: RuleFactory) -> None:
        """Take a rule, or several."""
        self._waiting.append(rulefactory)
        if not self.late:
            self._add_waiting()

    def update(self) -> None:
        """Add what waits and put all in order, as is done before each look at the map."""
        if self._waiting:
            self._add_waiting()
        super().update()

    def _add_waiting(self) -> None:
        with self._adding:
            while self._waiting:
                try:
                    super().add(self._waiting[0])
                finally:
                    del self._waiting[0]


class OwnViews:
    """The views of an application that it does not have yet; true when there are some."""

    def __init__(self, app: Flask) -> None:
        self._map = app.url_map
        self._all = app.view_functions
        self._ours = frozenset(app.view_functions)

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return len(self._all) > len(self._ours)

    def answer(self, environ: dict[str, Any], routed: str) -> bool:
        """Tell whether a request is theirs to answer; `routed` is the path at which a vendor has it, if any.

        An operation that a vendor has at its own host or port goes before a view at the same path.
        """
        urls = self._map.bind_to_environ(environ)
        if _endpoint_at(urls, urls.path_info) is None:
            return False
        return not routed or _endpoint_at(urls, routed) not in self._ours


def _endpoint_at(urls: MapAdapter, path: str) -> str | None:
    """Return what lives at a path, by whatever verb, and with a slash more if need be; None for nothing."""
    try:
        endpoint, _ = urls.match(path)
    except MethodNotAllowed as error:
        endpoint, _ = urls.match(path, next(iter(error.valid_methods or ())))
    except RequestRedirect:
        return _endpoint_at(urls, f"{path}/")
    except NotFound:
        return None
    return str(endpoint)


class KeptInput(RawIOBase):
    """A WSGI input of which what was read is read again after `seek(0)`; the rest comes as it came."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._kept = bytearray()
        self._at = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what comes next, and return how many bytes that were."""
        if self._at == len(self._kept):
            self._kept += self._stream.read(len(buffer))
        piece = self._kept[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Go back to the start; raises UnsupportedOperation for any other place."""
        if (offset, whence) != (0, SEEK_SET):
            raise UnsupportedOperation
        self._at = 0
        return 0
