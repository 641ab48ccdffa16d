"""How Callo names what happened: 14 status codes, 33 dial statuses, and their displays.

The codes and the Russian displays were seen in three clients that agree. English displays marked "vendor"
stand in the vendor's document, the others are translations. Which outcome gets which code is documented only
by the samples; the rest is inferred from the displays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from simulator.telephony.attempt_planner import script_of
from simulator.telephony.calls import Attempt, Call, CallResult
from simulator.telephony.campaign_settings import Method
from simulator.telephony.ivr import Press, Result
from simulator.telephony.outcomes import Disposition

LANGUAGES = ("en", "ru")


class Display(NamedTuple):
    """The same words in both languages of the cabinet."""

    en: str
    ru: str

    def to(self, language: str) -> str:
        """Return the words in `language`; English for any but Russian."""
        return self.ru if language == "ru" else self.en


CALL_STATUSES: Mapping[str, Display] = {
    "in_process": Display("In process", "В процессе"),
    "attempts_exc": Display("Attempts ended", "Попытки закончились"),  # vendor
    "compl_finished": Display("Finished successfully", "Закончен удачно"),  # vendor
    "compl_nofinished": Display("Incorrect answer", "Некорректный ответ"),
    "user": Display("Custom IVR", "Пользовательский IVR"),  # vendor
    "novalid_button": Display("Invalid button", "Невалидная кнопка"),
    "deleted": Display("Removed from dialing", "Удалён из прозвона"),
    "interrupted": Display("Interrupted by settings", "Прерван по настройкам"),
    "duration_error": Display(
        "Invalid max call duration", "Некорректная максимальная продолжительность звонка"
    ),
    "expires": Display("Call lifetime expired", "Истекло время жизни звонка"),
    "no_provider": Display("No suitable provider", "Нет подходящего провайдера"),
    "pincode_ok": Display("PIN correct", "Пинкод верный"),
    "pincode_nook": Display("PIN incorrect", "Пинкод неверный"),
    "synth_error": Display("Clip generation error", "Ошибка генерации ролика"),
}

DIAL_STATUSES: Mapping[int, Display] = {
    0: Display("Waiting for the call", "Ожидание вызова (звонка ещё нет)"),
    1: Display("Error while calling the subscriber", "Ошибка при вызове абонента"),
    2: Display("The subscriber declined the call", "Абонент сбросил звонок"),
    3: Display("Could not get through", "Не дозвонились"),
    4: Display("Subscriber is busy / Unavailable", "Абонент занят"),  # vendor
    5: Display("The subscriber answered", "Абонент ответил"),  # vendor
    6: Display("Answering machine (deprecated)", "Ответил автоответчик (deprecated)"),  # or is it 7?
    7: Display("Answering machine", "Ответил автоответчик"),
    8: Display("Invalid button", "Невалидная кнопка"),
    9: Display("Unknown status", "Неизвестный статус"),
    10: Display("Completed without client action", "Завершен без действия клиента"),  # vendor
    11: Display("User stop list", "Пользовательский стоп-лист"),
    12: Display("Global stop list", "Глобальный стоп-лист"),
    13: Display(
        "The subscriber answered, but the talk was too short to count in the statistics",
        "Абонент ответил, но продолжительности разговора не достаточно для фиксации результата в статистике",
    ),
    14: Display("The number is the same as the CallerID", "Номер абонента совпадает с CallerID"),
    15: Display("The number is removed from dialing", "Номер удалён из прозвона"),
    16: Display("Non-click action", "Действие без нажатия"),  # vendor
    17: Display("By maximum call duration", "По максимальной продолжительности звонка"),
    18: Display("Internal server error", "Внутренняя ошибка сервера"),
    19: Display("Listened to the clip and pressed no button", "Прослушал ролик и не нажал кнопку"),
    20: Display("Internal error in the menu", "Внутренняя ошибка в меню"),
    21: Display(
        "Event by button and talk duration", "Событие по нажатию кнопки и продолжительности разговора"
    ),
    22: Display("Event by talk duration", "Событие по продолжительности разговора"),
    23: Display("Attempt suspended by negative balance", "Попытка приостановлена по отрицательному балансу"),
    24: Display("No trunk found for the call", "Не найден транк для звонка"),
    25: Display("No outgoing number found for the call", "Не найден исходящий номер для звонка"),
    26: Display("This direction is blocked", "Данное направление заблокировано"),
    27: Display("Clip generation error", "Ошибка генерации ролика"),
    28: Display("The clip is too short", "Слишком короткий ролик"),
    29: Display("No provider found for the call", "Не найден провайдер для звонка"),
    30: Display("Call lifetime expired", "Истекло время жизни звонка"),
    31: Display("Attempts ended", "Попытки закончились"),
    35: Display("Duplicate call", "Дублирующий звонок"),
}

DIAL_BY_DISPOSITION: Mapping[Disposition, int] = {
    Disposition.ANSWERED: 5,
    Disposition.VOICEMAIL: 7,  # the vendor's sample of an attempt
    Disposition.TOO_SHORT: 13,
    Disposition.NO_ANSWER: 3,
    Disposition.BUSY: 4,
    Disposition.REJECTED: 2,
    Disposition.CANCELLED: 3,
    Disposition.CONGESTION: 1,
    Disposition.INVALID: 1,
    Disposition.FAILED: 1,
    Disposition.STOP_LISTED: 11,
    Disposition.GLOBAL_STOP_LISTED: 12,
    Disposition.BLOCKED_DESTINATION: 26,
    Disposition.NO_ROUTE: 24,
    Disposition.NO_PROVIDER: 29,
    Disposition.NO_CALLER_ID: 25,
    Disposition.SAME_AS_CALLER_ID: 14,
    Disposition.NO_FUNDS: 23,
    Disposition.SYNTHESIS_FAILED: 27,
    Disposition.CLIP_TOO_SHORT: 28,
    Disposition.MENU_FAILED: 20,
    Disposition.EXPIRED: 30,
    Disposition.REMOVED: 15,
    Disposition.DUPLICATE: 35,
}

DIAL_BY_ENDING: Mapping[CallResult | None, int] = {
    CallResult.REMOVED: DIAL_BY_DISPOSITION[Disposition.REMOVED],
    CallResult.EXPIRED: DIAL_BY_DISPOSITION[Disposition.EXPIRED],
}
"""Ends from outside, which count whatever the last attempt came to."""

DIAL_BY_RESULT: Mapping[Result, int] = {
    Result.NO_INPUT: 10,
    Result.INVALID_KEY: 8,
    Result.HUNG_UP: 13,
    Result.CUT_OFF: 17,
}
"""What an open line adds; any other talk is 5."""

STATUS_BY_ENDING: Mapping[CallResult, str] = {
    CallResult.EXHAUSTED: "attempts_exc",
    CallResult.REFUSED: "interrupted",
    CallResult.REMOVED: "deleted",
    CallResult.EXPIRED: "expires",
    CallResult.STOPPED: "interrupted",
}

STATUS_BY_DISPOSITION: Mapping[Disposition, str] = {
    Disposition.NO_ROUTE: "no_provider",
    Disposition.NO_PROVIDER: "no_provider",
    Disposition.NO_CALLER_ID: "no_provider",
    Disposition.BLOCKED_DESTINATION: "no_provider",
    Disposition.SYNTHESIS_FAILED: "synth_error",
    Disposition.CLIP_TOO_SHORT: "synth_error",
    Disposition.EXPIRED: "expires",
    Disposition.REMOVED: "deleted",
}
"""Why a call failed that was refused or has no attempts left, where the reason has a code of its own."""

STATUS_BY_RESULT: Mapping[Result, str] = {
    Result.CHOSEN: "user",
    Result.CODE_RIGHT: "pincode_ok",
    Result.CODE_WRONG: "pincode_nook",
}

ACTIONS: Mapping[str, Display] = {
    "sms_to_owner": Display("SMS to the customer at {phone}", "Смс заказчику на номер {phone}"),  # vendor
    "sms_to_client": Display("SMS to the client at {phone}", "Смс клиенту на номер {phone}"),
}
"""Actions behind a button whose code was seen, and how `user_choice_display` tells them."""

ACTION_NUMBERS: Mapping[str, int] = {"": 0, "sms_to_owner": 1, "sms_to_client": 2}
"""The integers of `ivr_data[].action_type`; integers were observed, their values are inferred."""

BUTTON = Display("Button {key}", "Кнопка {key}")
TOTAL = Display("Total", "Всего")


def status_of(call: Call) -> str:
    """Return the status code of a call as of now."""
    if call.ending is None:
        return "in_process"
    last = call.settled
    if call.ending is CallResult.COMPLETED:
        return _status_of_talk(call, last) if last else "compl_finished"
    if call.ending in (CallResult.EXHAUSTED, CallResult.REFUSED) and last:
        return STATUS_BY_DISPOSITION.get(last.disposition, STATUS_BY_ENDING[call.ending])
    return STATUS_BY_ENDING[call.ending]


def dial_status_of(call: Call) -> int | None:
    """Return the dial status of a call, or None while no attempt has a result (observed)."""
    if call.ending in DIAL_BY_ENDING:
        return DIAL_BY_ENDING[call.ending]
    last = call.settled
    return dial_status_of_attempt(call, last) if last else None


def dial_status_of_attempt(call: Call, attempt: Attempt) -> int:
    """Return the dial status of one attempt; 0 while it is under way."""
    if not attempt.closed:
        return 0
    talk = attempt.conversation
    if talk is None or attempt.disposition is not Disposition.ANSWERED:
        flashed = attempt.disposition is Disposition.CANCELLED and call.campaign.method is Method.FLASH
        return 10 if flashed else DIAL_BY_DISPOSITION[attempt.disposition]
    result, chosen = talk.result, talk.chosen
    if script_of(call).code is not None and result is Result.NO_INPUT:
        return 19
    if chosen is not None and result is Result.CHOSEN and not is_button(chosen.key):
        return 16
    return DIAL_BY_RESULT.get(result, 5)


def chosen_in(call: Call) -> Press | None:
    """Return the branch that a completed call took, or None."""
    last = call.settled
    if last is None or last.conversation is None or call.ending is not CallResult.COMPLETED:
        return None
    return last.conversation.chosen


def is_button(key: str) -> bool:
    """Tell a button from a spoken word."""
    return len(key) == 1 and key in "0123456789*#"


def _status_of_talk(call: Call, attempt: Attempt) -> str:
    talk = attempt.conversation
    if talk is None:
        return "compl_finished"
    if talk.chosen is not None and talk.result in (Result.CHOSEN, Result.CUT_OFF):
        return "user"
    if talk.result is Result.CUT_OFF:
        return "duration_error" if talk.length < script_of(call).opening.length else "interrupted"
    if talk.result is Result.INVALID_KEY:
        return "novalid_button" if is_button(talk.presses[-1].key) else "compl_nofinished"
    if script_of(call).code is not None and talk.result is Result.NO_INPUT:
        return "compl_nofinished"
    return STATUS_BY_RESULT.get(talk.result, "compl_finished")


def own_status_of(call: Call) -> str | None:
    """Return the status that a user defined by naming a button, which is its key, or None."""
    chosen = chosen_in(call)
    return chosen.key if chosen and chosen.key.isdigit() and name_of(chosen) else None


def name_of(press: Press) -> str | None:
    """Return the label of a branch: the call's own `status_name`, or the campaign's."""
    choice = press.choice
    return (choice.detail.get("status_name") or choice.label or None) if choice else None
