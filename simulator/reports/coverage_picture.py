"""What of contracts was called, as SVG: a square for each operation."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.reports.drawing import LEFT, RIGHT, WIDTH, Drawing


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
            title = f"{name}: {_called(count)}"
            picture.box(
                LEFT + 26 * column,
                y + 26 * row,
                22,
                22,
                kind="talk" if count else "calm",
                title=title,
                rounded=4,
            )
        y += max(26 * (-(-len(operations) // per_row)), 40) + 14
    return picture.end(y)


def _called(count: int) -> str:
    return f"called {count} times" if count > 1 else "called" if count else "never called"
