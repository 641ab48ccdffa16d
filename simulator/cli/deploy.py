"""`simulator deploy`: files that run a simulator elsewhere, or in a pipeline."""

from __future__ import annotations

from importlib.resources import files

import click

FILES = {
    "dockerfile": "Dockerfile",
    "compose": "compose.yaml",
    "kubernetes": "kubernetes.yaml",
    "balancer": "balancer.conf",
    "github-action": "github-action.yml",
    "gitlab": "gitlab.yml",
}


@click.command()
@click.argument("kind", type=click.Choice([*FILES]))
def deploy(kind: str) -> None:
    """Print a file to run a simulator by; its head says what to do with it, and what of it was tried."""
    click.echo(
        (files("simulator") / "serving" / "deploy" / FILES[kind]).read_text(encoding="utf-8"), nl=False
    )
