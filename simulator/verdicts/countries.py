"""Where a number is at home: the time zones of a country, by its calling code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from simulator.telephony.phone_numbers import E164

ZONES: Mapping[str, str] = MappingProxyType(
    {
        "1": "America/St_Johns America/New_York America/Chicago America/Denver America/Los_Angeles "
        "America/Anchorage Pacific/Honolulu",
        "7": "Europe/Kaliningrad Europe/Moscow Asia/Yekaterinburg Asia/Almaty Asia/Novosibirsk "
        "Asia/Irkutsk Asia/Yakutsk Asia/Vladivostok Asia/Kamchatka",
        "20": "Africa/Cairo",
        "27": "Africa/Johannesburg",
        "30": "Europe/Athens",
        "31": "Europe/Amsterdam",
        "32": "Europe/Brussels",
        "33": "Europe/Paris",
        "34": "Europe/Madrid Atlantic/Canary",
        "36": "Europe/Budapest",
        "39": "Europe/Rome",
        "40": "Europe/Bucharest",
        "41": "Europe/Zurich",
        "43": "Europe/Vienna",
        "44": "Europe/London",
        "45": "Europe/Copenhagen",
        "46": "Europe/Stockholm",
        "47": "Europe/Oslo",
        "48": "Europe/Warsaw",
        "49": "Europe/Berlin",
        "51": "America/Lima",
        "52": "America/Cancun America/Mexico_City America/Tijuana",
        "54": "America/Argentina/Buenos_Aires",
        "55": "America/Noronha America/Sao_Paulo America/Manaus America/Rio_Branco",
        "56": "America/Punta_Arenas America/Santiago Pacific/Easter",
        "57": "America/Bogota",
        "58": "America/Caracas",
        "60": "Asia/Kuala_Lumpur",
        "61": "Australia/Sydney Australia/Adelaide Australia/Darwin Australia/Perth",
        "62": "Asia/Jayapura Asia/Makassar Asia/Jakarta",
        "63": "Asia/Manila",
        "64": "Pacific/Auckland Pacific/Chatham",
        "65": "Asia/Singapore",
        "66": "Asia/Bangkok",
        "81": "Asia/Tokyo",
        "82": "Asia/Seoul",
        "84": "Asia/Ho_Chi_Minh",
        "86": "Asia/Shanghai",
        "90": "Europe/Istanbul",
        "91": "Asia/Kolkata",
        "92": "Asia/Karachi",
        "94": "Asia/Colombo",
        "98": "Asia/Tehran",
        "212": "Africa/Casablanca",
        "213": "Africa/Algiers",
        "216": "Africa/Tunis",
        "233": "Africa/Accra",
        "234": "Africa/Lagos",
        "254": "Africa/Nairobi",
        "351": "Europe/Lisbon Atlantic/Azores",
        "353": "Europe/Dublin",
        "358": "Europe/Helsinki",
        "359": "Europe/Sofia",
        "370": "Europe/Vilnius",
        "371": "Europe/Riga",
        "372": "Europe/Tallinn",
        "373": "Europe/Chisinau",
        "374": "Asia/Yerevan",
        "375": "Europe/Minsk",
        "380": "Europe/Kyiv",
        "381": "Europe/Belgrade",
        "385": "Europe/Zagreb",
        "386": "Europe/Ljubljana",
        "420": "Europe/Prague",
        "421": "Europe/Bratislava",
        "852": "Asia/Hong_Kong",
        "880": "Asia/Dhaka",
        "886": "Asia/Taipei",
        "966": "Asia/Riyadh",
        "971": "Asia/Dubai",
        "972": "Asia/Jerusalem",
        "977": "Asia/Kathmandu",
        "992": "Asia/Dushanbe",
        "993": "Asia/Ashgabat",
        "994": "Asia/Baku",
        "995": "Asia/Tbilisi",
        "996": "Asia/Bishkek",
        "998": "Asia/Tashkent",
    }
)
"""The zones of a calling code, where there are several from east to west; other codes are unknown."""

LONGEST_CODE = 3


@cache
def _zones_of(code: str) -> tuple[ZoneInfo, ...]:
    return tuple(ZoneInfo(name) for name in ZONES[code].split())


def zones_of(number: E164) -> tuple[ZoneInfo, ...]:
    """Return the zones in which a number may be at home by its calling code; none where that is not known."""
    digits = number[1:]
    for length in range(LONGEST_CODE, 0, -1):
        if digits[:length] in ZONES:
            return _zones_of(digits[:length])
    return ()
