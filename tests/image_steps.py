"""`make image-steps`: the steps of the image without an engine, in a clean virtual environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

SOURCES = ["simulator", "contracts", "scenarios", "pictures", "requirements"]
FILES = ["pyproject.toml", "README.md", "LICENSE"]


def main() -> int:
    """Do what the file says: copy, install, start and ask for its health."""
    text = (files("simulator") / "serving" / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    steps = text.replace("\\\n", "")
    with TemporaryDirectory() as place:
        folder = Path(place)
        for name in SOURCES:
            shutil.copytree(name, folder / name)
        for name in FILES:
            shutil.copy(name, folder / name)
        inside = re.sub(r"(?<!\w)/simulator\b", f"{folder}/venv", steps)
        [install] = re.findall(r"^RUN (.* -r .*)$", inside, re.MULTILINE)
        install = install.replace("python -m venv", f"{sys.executable} -m venv", 1)
        subprocess.run(install, shell=True, check=True, cwd=folder)  # noqa: S602 - our own file
        [entry] = re.findall(r"^ENTRYPOINT (\[.*\])$", inside, re.MULTILINE)
        [health] = re.findall(r" CMD (\[.*\])$", inside, re.MULTILINE)
        environment = {**os.environ, "SIMULATOR_ADMIN_TOKEN": "token", "XDG_DATA_HOME": f"{folder}/authority"}
        with subprocess.Popen(json.loads(entry), cwd="/", env=environment) as server:
            try:
                while subprocess.run(json.loads(health), check=False, stderr=subprocess.DEVNULL).returncode:
                    if server.poll() is not None:
                        return 1
                    Event().wait(0.2)
            finally:
                server.terminate()
    sys.stdout.write("the steps of the image were done, and its server is healthy\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
