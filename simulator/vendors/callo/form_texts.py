"""What Callo's forms say of a mistake, in both languages of the cabinet.

The wording is Django's, or django-phonenumber-field's, with their own Russian translations: inferred. Texts
of the vendor's own, such as that for a wrong campaign type, were seen in English alone.
"""

from __future__ import annotations

from simulator.vendors.callo.statuses import Display

REQUIRED = Display("This field is required.", "Обязательное поле.")
WHOLE_NUMBER = Display("Enter a whole number.", "Введите целое число.")
VALID_VALUE = Display("Enter a valid value.", "Введите правильное значение.")
VALID_DATE = Display("Enter a valid date/time.", "Введите правильную дату и время.")
VALID_PHONE = Display(
    "Enter a valid phone number (e.g. +12125552368).",
    "Введите корректный номер телефона (например, +12125552368).",
)
EMPTY_FILE = Display("The submitted file is empty.", "Отправленный файл пуст.")


class Mistake(ValueError):
    """A value that a field does not take; `text` says why."""

    def __init__(self, text: Display) -> None:
        super().__init__(text.en)
        self.text = text


def own(text: str) -> Display:
    """Return a text of the vendor's own, of which no translation is known."""
    return Display(text, text)


def no_choice(value: str) -> Display:
    """Return what is said of a value that is none of those to choose from."""
    return Display(
        f"Select a valid choice. {value} is not one of the available choices.",
        f"Выберите корректный вариант. {value} нет среди допустимых значений.",
    )


def bad_item(place: int, why: Display) -> Display:
    """Return what is said of one item of a list, counted from 1."""
    return Display(
        f"Item {place} in the array did not validate: {why.en}",
        f"Элемент {place} в массиве не прошёл проверку: {why.ru}",
    )


def too_many_items(count: int, most: int) -> Display:
    """Return what is said of a list that is too long."""
    return Display(
        f"List contains {count} items, it should contain no more than {most}.",
        f"Список содержит {_items(count)}, но должен содержать не более {most}.",
    )


def _items(count: int) -> str:
    if count % 10 == 1 and count % 100 != 11:
        return f"{count} элемент"
    few = count % 10 in (2, 3, 4) and count % 100 not in (12, 13, 14)
    return f"{count} элемента" if few else f"{count} элементов"
