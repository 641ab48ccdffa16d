"""Callr (callr.com): calls, messages, numbers and scripts over a REST API, version 2.0."""

from __future__ import annotations

from types import MappingProxyType

from simulator.telephony.operators import Vocabulary
from simulator.vendor import Vendor
from simulator.vendors.callr.callbacks import EVENTS, SUBSCRIPTIONS, callbacks, tamper_signature
from simulator.vendors.callr.clients import (
    KEY,
    credentials,
    new_credential,
    questions,
    read_credential,
    try_it,
)
from simulator.vendors.callr.provisioning import (
    apply_settings,
    check_settings,
    find_doubts,
    new_id,
    provision,
)
from simulator.vendors.callr.refusals import CATALOGUE, ON_DEMAND, refusal, refused
from simulator.vendors.callr.routes import (  # noqa: F401 - the blueprint collects their handlers
    account,
    actions,
    audio_files,
    blueprint,
    calls,
    end_users,
    number_store,
    phone_numbers,
    recordings,
    sms,
    webhooks,
)
from simulator.vendors.callr.settings import CallrSettings, edition_of

__all__ = ["vendor"]


class Callr(Vendor):
    """Callr: REST in JSON, with webhooks that are subscribed to and scripts that take calls."""

    name = "callr"
    title = "Callr"
    hosts = ("api.callr.com",)
    blueprint = blueprint
    key_form = KEY
    settings = CallrSettings
    refusals = CATALOGUE
    on_demand = ON_DEMAND
    vocabulary = Vocabulary(
        events=EVENTS,
        signs=True,
        subscriptions=SUBSCRIPTIONS,
        unread=("language", "zone", "groups", "campaigns", "credit"),
        towards_nobody=("absent_credential",),
        towards_nobody_alone=("absent_credential",),
    )
    callees = ("to", "number")
    urls = MappingProxyType({"API_URL": "/v2.0"})

    credential = staticmethod(read_credential)
    refusal = staticmethod(refusal)
    refused = staticmethod(refused)
    new_id = staticmethod(new_id)
    provision = staticmethod(provision)
    apply_settings = staticmethod(apply_settings)
    edition = staticmethod(edition_of)
    callbacks = staticmethod(callbacks)
    credentials = staticmethod(credentials)
    new_credential = staticmethod(new_credential)
    check_settings = staticmethod(check_settings)
    find_doubts = staticmethod(find_doubts)
    tamper_signature = staticmethod(tamper_signature)
    try_it = staticmethod(try_it)
    questions = staticmethod(questions)


vendor = Callr()
