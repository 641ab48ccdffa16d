"""Kaleyra (once SolutionsInfini): click-to-call, incoming calls, follow-ups and outbound dialing in India."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from simulator.telephony.operators import Vocabulary
from simulator.vendor import RequestContext, Route, Vendor
from simulator.vendors.kaleyra.callbacks import EVENTS, callbacks
from simulator.vendors.kaleyra.clients import (
    KEY,
    credentials,
    new_credential,
    questions,
    read_key,
    recordings,
    try_it,
)
from simulator.vendors.kaleyra.endpoint import (
    ADDRESSES,
    METHODS,
    OBD_PATH,
    VOICE_PATH,
    canonical_path,
    selected_method,
)
from simulator.vendors.kaleyra.phones import read_number
from simulator.vendors.kaleyra.provisioning import (
    INCOMING,
    KINDS,
    check_settings,
    configure_campaign,
    new_id,
    provision,
)
from simulator.vendors.kaleyra.refusals import CATALOGUE, refusal, refused, wording
from simulator.vendors.kaleyra.routes import blueprint
from simulator.vendors.kaleyra.settings import KaleyraSettings

__all__ = ["vendor"]


class Kaleyra(Vendor):
    """Kaleyra: one address and a method, and envelopes in XML, JSON or PHP."""

    name = "kaleyra"
    title = "Kaleyra"
    hosts = (
        "api-voice.kaleyra.com",
        "obd.kaleyra.com",
        "api-voice.solutionsinfini.com",
        "voice.solutionsinfini.com",
        "obd.solutionsinfini.com",
        "voice.sinfini.com",
    )
    blueprint = blueprint
    key_form = KEY
    settings = KaleyraSettings
    refusals = CATALOGUE
    vocabulary = Vocabulary(
        events=EVENTS,
        campaigns=KINDS,
        receiving=(INCOMING,),
        unread=("language", "zone"),
        towards_nobody=("errors", "cors_origin"),
    )
    callees = (
        "to",
        "callto",
        "call to",
        "call_to",
        "receiver",
        "phone",
        "number",
        "numbers",
        "mobile",
        "caller",
    )
    urls = MappingProxyType({"VOICE_URL": VOICE_PATH, "OBD_URL": OBD_PATH})
    json_by_shape = True

    credential = staticmethod(read_key)
    read_number = staticmethod(read_number)
    refusal = staticmethod(refusal)
    refused = staticmethod(refused)
    wording = staticmethod(wording)
    new_id = staticmethod(new_id)
    provision = staticmethod(provision)
    configure_campaign = staticmethod(configure_campaign)
    callbacks = staticmethod(callbacks)
    credentials = staticmethod(credentials)
    new_credential = staticmethod(new_credential)
    check_settings = staticmethod(check_settings)
    canonical_path = staticmethod(canonical_path)
    try_it = staticmethod(try_it)
    questions = staticmethod(questions)
    recordings = staticmethod(recordings)

    def operations(self) -> Iterable[Route]:
        """Return the methods, each with the path that it shares with others, and the recordings."""
        yield from (Route(one.operation, one.verbs, ADDRESSES[one.endpoint]) for one in METHODS)
        yield from (rule for rule in self.blueprint.rules if rule.operation not in ADDRESSES)

    def select(self, context: RequestContext) -> str:
        """Return what `method`, and other parameters, choose."""
        return selected_method(context).operation if context.endpoint in ADDRESSES else context.endpoint


vendor = Kaleyra()
