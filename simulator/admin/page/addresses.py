"""The page's addresses: its views, its forms, its files, and the way in where a token is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from hmac import compare_digest, new
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from simulator.admin.page import call_view, forms, lists, overviews, references, telephones
from simulator.admin.page.visit import Visit
from simulator.admin.problems import Problem, problem_of
from simulator.engine.sandbox import MAIN, Sandbox
from simulator.engine.worlds import Worlds
from simulator.exchange import Request
from simulator.web.guard import WORLD
from simulator.web.masking import Shown

REQUEST = "simulator.control.request"
COOKIE = "simulator-page"
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
}
"""What holds for a page beyond what holds for the control API; a form needs a referrer for its origin."""

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".txt": "text/plain"}


def live(visit: Visit) -> Response:
    """Show what happens: calls, messages, callbacks, requests."""
    kind = visit.query.get("show", "calls")
    kind = kind if kind in lists.KINDS else "calls"
    with visit.sandbox.lock:
        table, figures = lists.list_rows(visit, kind, visit.query), list(lists.figures(visit))
    bases = Shown({vendor: visit.base_of(vendor) for vendor in visit.worlds.vendors})
    return visit.show("live", "Live", kind=kind, kinds=lists.KINDS, table=table, figures=figures, bases=bases)


def call(visit: Visit, name: str) -> Response:
    """Show one call."""
    with visit.sandbox.lock:
        known = call_view.show_call(visit, name)
    return visit.show("call", f"Call {known['row']['ref']}", **known)


def recording(visit: Visit, name: str, number: int) -> Response:
    """Play a recording of a call, from any place on, as players ask."""
    sound = call_view.play(visit, name, number)
    response = Response(sound, content_type="audio/wav")
    response.make_conditional(request, accept_ranges=True, complete_length=len(sound))
    return response


def telephone(visit: Visit) -> Response:
    """Show telephones, side by side."""
    with visit.sandbox.lock:
        numbers = telephones.numbers_of(visit)
        read = telephones.understood(visit)
        phones = [telephones.show_telephone(visit, number) for number in numbers]
        others = telephones.suggested(visit, numbers)
    full = len(numbers) >= telephones.MOST_PHONES
    shown = {"phones": phones, "others": others, "numbers": ",".join(numbers), "full": full, "read": read}
    return visit.show("telephone", "Telephone", **shown)


def now(visit: Visit) -> Response:
    """Show the clock alone, for whoever looks at it every second."""
    return visit.show("now", "Clock")


VIEWS: Mapping[str, Callable[..., Response]] = {
    "/": live,
    "/calls/<name>": call,
    "/calls/<name>/recordings/<int:number>.wav": recording,
    "/telephone": telephone,
    "/now": now,
    "/clock": overviews.show_clock,
    "/callbacks": overviews.show_callbacks,
    "/callbacks/<delivery>": overviews.show_callback,
    "/requests/<exchange>": overviews.show_exchange,
    "/findings": overviews.show_findings,
    "/coverage": overviews.show_coverage,
    "/campaigns": overviews.show_campaigns,
    "/campaigns/<name>": overviews.show_campaign,
    "/faults": overviews.show_faults,
    "/scenario": overviews.show_scenario,
    "/reference": references.show_reference,
    "/reference/words": references.show_words,
    "/reference/magic": references.show_magic,
    "/reference/<vendor>": references.show_vendor,
    "/reference/<vendor>/<operation>": references.show_operation,
}


def make_blueprint(worlds: Worlds, root: str) -> Blueprint:
    """Return the blueprint of the page; every request to it has passed the guard of the control plane."""
    blueprint = Blueprint("page", __name__, url_prefix=root, template_folder="templates")
    for path, view in VIEWS.items():
        _add(blueprint, path, view.__name__, partial(_view, worlds, view), "GET")
    _add(blueprint, "/do/<name>", "do", partial(_view, worlds, forms.do), "POST")
    _add(blueprint, "/static/<name>", "static", _file, "GET")
    _add(blueprint, "/sign-in", "sign_in", partial(_sign_in, worlds), "POST")
    blueprint.register_error_handler(Exception, partial(problem_page, worlds))
    return blueprint


def _add(blueprint: Blueprint, path: str, name: str, view: Callable[..., Any], verb: str) -> None:
    blueprint.add_url_rule(path, name, view, methods=[verb], provide_automatic_options=False)


def _view(worlds: Worlds, view: Callable[..., Response], **variables: Any) -> Response:
    admitted: Request = request.environ[REQUEST]
    if view is live and not (
        wants_html(request.headers.get("Accept", "")) or "HX-Request" in request.headers
    ):
        return _signpost()
    response = view(_visit(worlds, admitted), **variables)
    response.headers.update(SECURITY)
    return response


def _visit(worlds: Worlds, admitted: Request) -> Visit:
    query = {name: values[0] for name, values in request.args.lists()}
    world = request.environ.get(WORLD) or query.pop("world", None) or MAIN
    return _visit_of(worlds.current(world), worlds, admitted, query)


def _visit_of(sandbox: Sandbox, worlds: Worlds, asked: Request, query: Mapping[str, str]) -> Visit:
    after, form = sandbox.recorder.feed.last, _form_of(asked)
    return Visit(worlds=worlds, sandbox=sandbox, request=asked, query=query, form=form, after=after)


def _form_of(admitted: Request) -> MultiDict[str, str]:
    """Return the fields of a form; anything else that is sent has none."""
    if admitted.media_type != "application/x-www-form-urlencoded":
        return MultiDict()
    return MultiDict(parse_qsl(admitted.body.decode("utf-8", "replace"), keep_blank_values=True))


def wants_html(accepted: str) -> bool:
    """Tell whether somebody who accepts this looks with a browser."""
    return "text/html" in accepted


def _signpost() -> Response:
    """Tell a program where everything is."""
    root = f"{request.script_root}/_simulator"
    body = f'{{"control": "{root}/v1", "openapi": "{root}/openapi.json", "page": "{root}/"}}\n'
    return Response(body, content_type="application/json")


def _file(name: str) -> Response:
    """Serve one of the page's own files."""
    kind = next((kind for ending, kind in KINDS.items() if name.endswith(ending)), None)
    known = {entry.name: entry for entry in (files("simulator.admin.page") / "static").iterdir()}
    if kind is None or name not in known:
        raise Problem(404, "no such file", "the page has no such file")
    return Response(known[name].read_bytes(), content_type=f"{kind}; charset=utf-8")


def problem_page(worlds: Worlds, error: Exception) -> Response:
    """Return what went wrong as a view, or as the control API says it to a program."""
    problem = problem_of(error, worlds)
    admitted: Request = request.environ[REQUEST]
    name = request.environ.get(WORLD) or request.args.get("world") or MAIN
    sandbox = next((one for one in worlds if one.world.name == name), worlds.sandbox())
    visit = _visit_of(sandbox, worlds, admitted, {})
    back = _form_of(admitted).get("back", "")
    back = back if back.startswith(visit.url().partition("?")[0]) else visit.url()
    response = visit.show(
        "problem", problem.title, status=problem.status, problem=problem.as_json(), back=Shown(url=back)
    )
    response.headers.update(SECURITY)
    return response


# -- the way in where a token is asked for --------------------------------------------------------------


def pass_of(token: str) -> str:
    """Return what a browser keeps as its cookie in place of the token."""
    return new(token.encode(), b"the page of the simulator", sha256).hexdigest()


def is_signed_in(cookies: str, token: str | None) -> bool:
    """Tell whether a Cookie header holds the pass that belongs to the token."""
    passes = (pair.strip().partition("=") for pair in cookies.split(";"))
    return token is not None and any(
        name == COOKIE and compare_digest(value.encode("latin-1", "replace"), pass_of(token).encode())
        for name, _, value in passes
    )


WRONG = (
    '<p class="note bad" role="alert">This is not the token. It was given to <code>simulator serve</code> as '
    "<code>--admin-token</code>, by a file or by the environment.</p>"
)


def sign_in_page(status: int, root: str, note: str = "") -> Response:
    """Return the view that asks for the token, with a note of what was wrong with one."""
    text = (files("simulator.admin.page") / "sign_in.html").read_text("utf-8")
    html = text.replace("{root}", root).replace("{note}", note)
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers.update(SECURITY)
    return response


def _sign_in(worlds: Worlds) -> Response:
    """Give a browser its pass where the form has the token."""
    token, given = worlds.settings.admin_token, _form_of(request.environ[REQUEST]).get("token", "")
    root = f"{request.script_root}/_simulator"
    if token is None or not compare_digest(given.encode(), token.encode()):
        return sign_in_page(401, root, WRONG)
    response = Response(b"", 303, {"Location": f"{root}/"})
    response.set_cookie(COOKIE, pass_of(token), path=root, httponly=True, samesite="Strict")
    return response
