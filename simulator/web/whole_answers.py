"""Flask's test client, for a simulator: apart, for importing it takes 20 ms that only tests need."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse
from werkzeug.wrappers import Request as BaseRequest

EVENT_STREAM = "text/event-stream"


class WholeAnswers(FlaskClient):
    """A test client that takes each answer whole, as clients do: callbacks wait until an answer has left.

    An event stream is left open, to be read by whoever asked for it.
    """

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """Send a request and return the response, its body read."""
        if not (args and isinstance(args[0], EnvironBuilder | BaseRequest | dict)):
            options.setdefault("multithread", True)  # a stream goes on while the test asks for something else
        response = super().open(*args, **options)
        if response.mimetype != EVENT_STREAM:
            response.get_data()
            response.close()
        return response
