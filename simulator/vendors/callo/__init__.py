"""Callo (callo.com; zvonok.com in Russia): automatic calls, verification by call, bulk campaigns."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType

from simulator.telephony.limits import Limit
from simulator.telephony.operators import Vocabulary
from simulator.vendor import Vendor
from simulator.vendors.callo.callbacks import EVENTS, PLACEHOLDERS, POSTBACKS, callbacks
from simulator.vendors.callo.clients import (
    KEY,
    credentials,
    fitting,
    new_credential,
    questions,
    read_key,
    recordings,
    try_it,
)
from simulator.vendors.callo.endpoint import API, ROOT, canonical_path
from simulator.vendors.callo.provisioning import KINDS, configure_campaign, new_id, provision
from simulator.vendors.callo.refusals import CATALOGUE, ON_DEMAND, refusal, refused
from simulator.vendors.callo.routes import blueprint
from simulator.vendors.callo.settings import LARGEST_BODY, CalloSettings, edition_of
from simulator.vendors.callo.statuses import ACTIONS, LANGUAGES

__all__ = ["vendor"]


class Callo(Vendor):
    """Callo: keys are parameters, and callbacks templates that a campaign fills in."""

    name = "callo"
    title = "Callo"
    home = "RU"
    hosts = ("callo.com", "zvonok.com", "calltools.ru", "zvanok.by")
    blueprint = blueprint
    key_form = KEY
    settings = CalloSettings
    refusals = CATALOGUE
    on_demand = ON_DEMAND
    vocabulary = Vocabulary(
        events=EVENTS,
        postbacks=POSTBACKS,
        campaigns=tuple(KINDS),
        actions=tuple(ACTIONS),
        placeholders=PLACEHOLDERS,
        languages=LANGUAGES,
        unread=("groups",),
        towards_nobody=("bad_key",),
        towards_nobody_alone=("bad_key",),
    )
    limits = (
        Limit(
            name="callo documentation: 20 requests a second",
            where="callo.*",
            allow=20,
            per=timedelta(seconds=1),
            by=("public_key",),
        ),
    )
    callees = ("phone", "phones", "ct_phone")
    sends_date = True  # as the samples of `phones/call/` have one (documented)
    largest_body = LARGEST_BODY
    urls = MappingProxyType({"API_URL": f"{ROOT}{API}"})

    credential = staticmethod(read_key)
    refusal = staticmethod(refusal)
    refused = staticmethod(refused)
    new_id = staticmethod(new_id)
    edition = staticmethod(edition_of)
    provision = staticmethod(provision)
    configure_campaign = staticmethod(configure_campaign)
    callbacks = staticmethod(callbacks)
    credentials = staticmethod(credentials)
    fitting = staticmethod(fitting)
    new_credential = staticmethod(new_credential)
    canonical_path = staticmethod(canonical_path)
    try_it = staticmethod(try_it)
    questions = staticmethod(questions)
    recordings = staticmethod(recordings)


vendor = Callo()
