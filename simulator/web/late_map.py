"""A routing map that is made when somebody first routes by it: for many rules that takes a while."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

from werkzeug.routing import Map, Rule, RuleFactory


class LateRule(Rule):
    """A rule whose builder of addresses is compiled when it first builds one: nine tenths of its making."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        """Return a function that builds an address from values, as Werkzeug's own does."""
        compiled = cache(super()._compile_builder)

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return compiled(append_unknown)(rule, **values)

        return build


class LateMap(Map):
    """A map whose rules wait, in their order, until it is first asked; from any thread.

    Of those that come when it is no more `late` whatever is wrong shows at once. A path with a doubled slash
    is another path: Werkzeug before 3 has to be told so when a map is made.
    """

    late = True

    def __init__(self, *rules: Any, **options: Any) -> None:
        self._waiting: list[RuleFactory] = []
        self._adding = Lock()
        super().__init__(*rules, **{"merge_slashes": False, **options})

    def add(self, rulefactory: RuleFactory) -> None:
        """Take a rule, or several."""
        self._waiting.append(rulefactory)
        if not self.late:
            self._add_waiting()

    def update(self) -> None:
        """Add what waits and put all in order, as is done before each look at the map."""
        if self._waiting:
            self._add_waiting()
        super().update()

    def _add_waiting(self) -> None:
        with self._adding:
            while self._waiting:
                try:
                    super().add(self._waiting[0])
                finally:
                    del self._waiting[0]
