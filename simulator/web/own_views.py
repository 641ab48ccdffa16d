"""Views that somebody adds to the application, beside the vendors and the control plane."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import MapAdapter, RequestRedirect


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
