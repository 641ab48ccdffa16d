"""Where Callo's operations live, how else their paths are spelt, and by which verbs each is served."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps

from werkzeug.exceptions import MethodNotAllowed

from simulator.exchange import Answer
from simulator.vendor import RequestContext, VendorBlueprint
from simulator.vendors.callo.answers import answer_json
from simulator.vendors.callo.settings import CalloSettings

ROOT = "/manager"
API = "/cabapi_external/api/v1"
LEGACY_API = "/lk/cabapi_external/"
"""The older brand's path, still used by old clients (observed)."""


def canonical_path(path: str) -> str:
    """Return the path that is routed: single slashes (the vendor prints `/v1//phones/call/`), new prefix."""
    path = re.sub("/{2,}", "/", path) if "//" in path else path
    return f"{ROOT}/cabapi_external/" + path[len(LEGACY_API) :] if path.startswith(LEGACY_API) else path


def is_read(path: str) -> bool:
    """Tell whether an operation that only reads lives at `path`."""
    canonical = canonical_path(path)
    return any(route.reads and route.path == canonical for route in blueprint.rules)


blueprint = VendorBlueprint("callo", ROOT, append_slash=True)

Handler = Callable[[RequestContext], object]


def operation(path: str, *verbs: str, reads: bool = False) -> Callable[[Handler], Handler]:
    """Serve an operation, named as its handler is, at `path` below the API; by GET and POST without `verbs`.

    What the handler returns is answered as JSON, unless it is an answer already. One that only `reads` takes
    POST where the account's settings say so.
    """

    def keep(handler: Handler) -> Handler:
        @wraps(handler)
        def view(context: RequestContext) -> Answer:
            if (
                reads
                and context.request.method == "POST"
                and not CalloSettings.of(context.account).post_reads
            ):
                raise MethodNotAllowed
            value = handler(context)
            return value if isinstance(value, Answer) else answer_json(value, context.account.language)

        blueprint.add_url_rule(
            API + path, handler.__name__, view, methods=verbs or ("GET", "POST"), reads=reads
        )
        return handler

    return keep
