"""How commands print: line by line, and a mistake of whoever runs them without a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from simulator.errors import SimulatorError


class PlainErrors(click.Group):
    """Commands whose mistakes are told in a line or two, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a SimulatorError ends it with exit code 2, or its own."""
        try:
            return super().invoke(ctx)
        except SimulatorError as error:
            click.echo(f"simulator: {error}", err=True)
            ctx.exit(getattr(error, "exit_code", 2))


def tell(lines: Iterable[str]) -> None:
    """Print lines."""
    for line in lines:
        click.echo(line)
