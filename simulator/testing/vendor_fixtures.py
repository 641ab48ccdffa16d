"""The fixtures of the vendors that ship, each with the credentials of its vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from simulator.testing.fixtures import VendorFixture
from simulator.testing.worlds import FixtureWorld

if TYPE_CHECKING:
    from simulator.vendors.callo.clients import Credentials as CalloCredentials
    from simulator.vendors.callr.clients import Credentials as CallrCredentials
    from simulator.vendors.jaicp.clients import Credentials as JaicpCredentials
    from simulator.vendors.kaleyra.clients import Credentials as KaleyraCredentials


class CalloFixture(VendorFixture):
    """Callo in a test's world."""

    @property
    def credentials(self) -> CalloCredentials:
        """The key, the first campaign, and the first one of each type."""
        return cast("CalloCredentials", super().credentials)


class CallrFixture(VendorFixture):
    """Callr in a test's world."""

    @property
    def credentials(self) -> CallrCredentials:
        """The key, the SID that goes with it, and a number of the account's own."""
        return cast("CallrCredentials", super().credentials)


class JaicpFixture(VendorFixture):
    """JAICP in a test's world."""

    @property
    def credentials(self) -> JaicpCredentials:
        """The token of the first campaign, and those of all by their names."""
        return cast("JaicpCredentials", super().credentials)


class KaleyraFixture(VendorFixture):
    """Kaleyra in a test's world."""

    @property
    def credentials(self) -> KaleyraCredentials:
        """The key, and a number to call from and a group to call where the account has them."""
        return cast("KaleyraCredentials", super().credentials)


def vendor_fixture(world: FixtureWorld, name: str) -> VendorFixture:
    """Return the fixture of a vendor, which may be of a package besides."""
    shipped = {"callo": CalloFixture, "callr": CallrFixture, "jaicp": JaicpFixture, "kaleyra": KaleyraFixture}
    return shipped.get(name, VendorFixture)(world, name)
