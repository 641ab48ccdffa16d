"""The recordings of a world: kept, processed on the clock, marked and removed."""

from __future__ import annotations

from functools import partial

from simulator.telephony.accounts import Account
from simulator.telephony.errors import UnknownRecording
from simulator.telephony.network import Network
from simulator.telephony.owners import Ref
from simulator.telephony.recordings import PROCESSING, Recording, RecordingState


class Recordings:
    """The recordings of a world; each change of one is told as `recording.updated`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def keep(self, recording: Recording) -> Recording:
        """Keep a recording under a reference of its own, which it gets here; it is ready a little later."""
        account = self._network.account_of(recording.account)
        recording.ref = self._network.mint(
            account, "recording", account.recordings, recording.call, len(account.recordings)
        )
        account.recordings[recording.ref] = recording
        self._network.tell(account, "recording.updated", recording)
        self._network.clock.after(PROCESSING, partial(self._finish, recording))
        return recording

    def find(self, account: Account, ref: Ref) -> Recording:
        """Return a recording of `account`; raises UnknownRecording."""
        try:
            return account.recordings[ref]
        except KeyError:
            raise UnknownRecording(ref) from None

    def mark(self, recording: Recording, *, read: bool) -> None:
        """Note that somebody listened to it, or take that back."""
        if read and recording.read_at is not None:
            return
        recording.read_at = self._network.clock.now if read else None
        self._network.tell(recording.account, "recording.updated", recording)

    def remove(self, recording: Recording) -> None:
        """Forget a recording, whether or not it is still kept."""
        recording.removed = True
        self._network.account_of(recording.account).recordings.pop(recording.ref, None)

    def _finish(self, recording: Recording) -> None:
        recording.state = RecordingState.READY
        if not recording.removed:
            self._network.tell(recording.account, "recording.updated", recording)
