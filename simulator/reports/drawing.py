"""Drawing SVG: whole pixels, colours as attributes, and classes by which a page shows them in its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

WIDTH, LEFT, RIGHT = 860, 116, 24
LANE, TOP = 34, 42
COLOURS = {
    "ground": "#ffffff", "ink": "#16202e", "soft": "#566274", "calm": "#e8edf5",
    "ring": "#d98a00", "talk": "#1c8a4a", "bad": "#b3261e", "accent": "#1f5fd0",
}  # fmt: skip


class Drawing:
    """An SVG being drawn, each thing on top of what is there; texts go through `mask`."""

    def __init__(self, width: int, title: str, mask: Callable[[str], str] = str) -> None:
        self._mask = mask
        self._width = width
        self._title = title
        self._parts: list[str] = []

    def box(
        self, x: int, y: int, width: int, height: int, /, *, kind: str, title: str = "", rounded: int = 0
    ) -> None:
        """Draw a filled box."""
        shape = f'<rect x="{x}" y="{y}" width="{max(width, 1)}" height="{height}" rx="{rounded}"'
        self._add(shape, kind, title)

    def dot(self, x: int, y: int, radius: int, /, *, kind: str, title: str = "") -> None:
        """Draw a filled circle."""
        self._add(f'<circle cx="{x}" cy="{y}" r="{radius}"', kind, title)

    def text(
        self,
        x: int,
        y: int,
        text: str,
        /,
        *,
        kind: str = "ink",
        anchor: str = "start",
        size: int = 12,
        bold: bool = False,
    ) -> None:
        """Write a line of text."""
        weight = ' font-weight="600"' if bold else ""
        place = f'x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}"{weight}'
        fill = COLOURS[kind]
        self._parts.append(f'<text class="{kind}" fill="{fill}" {place}>{self._written(text)}</text>')

    def line(self, x1: int, y1: int, x2: int, y2: int, /, *, dashed: bool = False) -> None:
        """Draw a thin line."""
        look = 'stroke="#dde2ea" fill="none"' + (' stroke-dasharray="3 4"' if dashed else "")
        self._parts.append(f'<path class="rule" d="M{x1} {y1}L{x2} {y2}" {look}/>')

    def steps(self, points: Sequence[tuple[int, int]]) -> None:
        """Draw a line through points."""
        path = "L".join(f"{x} {y}" for x, y in points)
        look = f'stroke="{COLOURS["accent"]}" stroke-width="2" fill="none"'
        self._parts.append(f'<path class="stroke" d="M{path}" {look}/>')

    def end(self, height: int) -> str:
        """Return the picture."""
        size = f'viewBox="0 0 {self._width} {height}" width="{self._width}" height="{height}"'
        ground = f'<rect class="ground" width="{self._width}" height="{height}" fill="{COLOURS["ground"]}"/>'
        look = 'role="img" font-family="system-ui, sans-serif"'
        title = f"<title>{self._written(self._title)}</title>"
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {look}>{title}{ground}'
        return f"{head}{''.join(self._parts)}</svg>\n"

    def _add(self, shape: str, kind: str, title: str) -> None:
        name = shape[1:].partition(" ")[0]
        inside = f"><title>{self._written(title)}</title></{name}>" if title else "/>"
        self._parts.append(f'{shape} class="{kind}" fill="{COLOURS[kind]}"{inside}')

    def legend(self, y: int, entries: Sequence[tuple[str, str]]) -> None:
        """Write what colours mean, side by side."""
        for place, (kind, name) in enumerate(entries):
            self.dot(LEFT + 6 + 130 * place, y, 5, kind=kind)
            self.text(LEFT + 16 + 130 * place, y + 4, name, kind="soft", size=11)

    def _written(self, text: str) -> str:
        return escape(self._mask(text))


def coverage_picture(vendors: Sequence[tuple[str, Sequence[tuple[str, int]]]]) -> str:
    """Return by vendor a square for each operation, with its name: filled where it was called."""
    picture, y = Drawing(WIDTH, "Operations that were called"), 16
    per_row = (WIDTH - LEFT - RIGHT) // 26
    for vendor, operations in vendors:
        called = sum(count > 0 for _, count in operations)
        picture.text(LEFT - 14, y + 16, vendor, anchor="end", bold=True)
        picture.text(LEFT - 14, y + 32, f"{called} of {len(operations)}", kind="soft", anchor="end", size=11)
        for place, (name, count) in enumerate(operations):
            row, column = divmod(place, per_row)
            kind, title = "talk" if count else "calm", f"{name}: {_called(count)}"
            picture.box(LEFT + 26 * column, y + 26 * row, 22, 22, kind=kind, title=title, rounded=4)
        y += max(26 * (-(-len(operations) // per_row)), 40) + 14
    return picture.end(y)


def _called(count: int) -> str:
    return f"called {count} times" if count > 1 else "called" if count else "never called"
