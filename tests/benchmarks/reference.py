"""What requests are compared with: a Flask application that does nothing, also on the bundled server."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from flask import Flask

from simulator.serving.protocol import Connection
from simulator.serving.server import Listener, Server
from simulator.serving.sockets import bind


def empty_flask() -> Flask:
    """Return an application that answers `/` with an empty body and looks at nothing."""
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/", view_func=lambda: "", methods=["GET", "POST"])
    return app


@contextmanager
def serving_reference(server: str = "ours", beside: Path = Path()) -> Iterator[int]:
    """Serve it in a process of its own, on our server or on one from a folder `beside`; give the port."""
    line = [sys.executable, "-m", "tests.benchmarks.reference", server]
    paths = os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(beside)])
    environment = {**os.environ, "PYTHONPATH": paths}
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


if __name__ == "__main__":
    sock = bind("127.0.0.1", 0)
    sys.stdout.write(f"{sock.getsockname()[1]}\n")
    sys.stdout.flush()
    if sys.argv[1] == "ours":
        Server(empty_flask(), [Listener(sock, Connection)]).run()
    else:
        logging.disable(logging.WARNING)  # of how many wait
        import_module(sys.argv[1]).serve(empty_flask(), sockets=[sock])
