"""What has an identity in a world, as an account or a call has: it equals itself alone, whatever it holds."""

from __future__ import annotations

from msgspec import Struct


class Entity(Struct, eq=False):
    """One thing with an identity; its first field says what it is called, or which of its kind it is."""

    def __repr__(self) -> str:
        """Return its kind with its first field: the others lead to all of its account."""
        first = self.__struct_fields__[0]
        return f"{type(self).__name__}({first}={getattr(self, first)!r})"
