"""JAICP (Just AI; Aimylogic and Tovie elsewhere): calling campaigns by token, in two editions of its API."""

from __future__ import annotations

from types import MappingProxyType

from simulator.telephony.operators import Vocabulary
from simulator.vendor import Vendor
from simulator.vendors.jaicp.callbacks import callbacks, read_clearance
from simulator.vendors.jaicp.clients import (
    KEY,
    credentials,
    new_credential,
    questions,
    read_token,
    try_it,
)
from simulator.vendors.jaicp.fields import read_number
from simulator.vendors.jaicp.provisioning import configure_campaign, new_id, provision
from simulator.vendors.jaicp.refusals import CATALOGUE, ON_DEMAND, refusal, refused
from simulator.vendors.jaicp.routes import blueprint
from simulator.vendors.jaicp.settings import LARGEST_BODY, JaicpSettings, edition_of

__all__ = ["vendor"]


class Jaicp(Vendor):
    """JAICP: a campaign is opened by its token, and asks whether to dial."""

    name = "jaicp"
    title = "JAICP"
    hosts = ("app.jaicp.com", "*.just-ai.com", "app.aimylogic.com", "platform.tovie.ai")
    blueprint = blueprint
    key_form = KEY
    settings = JaicpSettings
    refusals = CATALOGUE
    on_demand = ON_DEMAND
    vocabulary = Vocabulary(
        events=("clearance.asked",), campaigns=("broadcast",), unread=("language", "zone", "groups")
    )
    callees = ("phone", "phones")
    keyed_campaigns = True
    largest_body = LARGEST_BODY
    urls = MappingProxyType({"API_URL": "/api/calls/campaign"})

    credential = staticmethod(read_token)
    read_number = staticmethod(read_number)
    refusal = staticmethod(refusal)
    refused = staticmethod(refused)
    new_id = staticmethod(new_id)
    provision = staticmethod(provision)
    configure_campaign = staticmethod(configure_campaign)
    callbacks = staticmethod(callbacks)
    credentials = staticmethod(credentials)
    new_credential = staticmethod(new_credential)
    edition = staticmethod(edition_of)
    try_it = staticmethod(try_it)
    questions = staticmethod(questions)
    read_clearance = staticmethod(read_clearance)


vendor = Jaicp()
