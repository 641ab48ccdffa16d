from __future__ import annotations

from ipaddress import ip_address

import pytest

from simulator.web.destinations import (
    HOP_HEADER,
    DestinationPolicy,
    Profile,
    RefusedDestination,
    classify,
    hop_of,
    next_hop,
    parse_destination,
)

PUBLIC = "93.184.216.34"


def nobody(host: str, port: int) -> list[str]:
    raise AssertionError(f"{host}:{port} was resolved")


def rule_of(url: str, policy: DestinationPolicy, *addresses: str) -> str | None:
    """Return the rule that refuses a URL whose host resolves to `addresses`, or None."""
    try:
        policy.vet(parse_destination(url), (lambda _host, _port: list(addresses)) if addresses else nobody)
    except RefusedDestination as refused:
        return refused.rule
    return None


SHARED = DestinationPolicy("shared", ("hooks.example", "10.1.0.0/16", "192.168.7.7", "fd00:1::/64"))
LOCAL = DestinationPolicy("local", (), frozenset({8070}))
PROFILES: tuple[Profile, ...] = ("fixture", "local", "shared")


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "0x7f.1",
        "0",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.0x4",
        "01.2.3.4",
        "127.0.0.1.1",
        "a.1",
        "a.0x",
    ],
)
def test_odd_spellings_of_addresses_are_refused(host: str) -> None:
    with pytest.raises(RefusedDestination, match="odd-address"):
        parse_destination(f"http://{host}/x")


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://①②⑦.⓪.⓪.①/", "url-characters"),
        ("http://127。0。0。1/", "url-characters"),
        ("http://evil\\@good/", "url-characters"),
        ("http://good\n.evil/", "url-characters"),
        ("http://good\t/", "url-characters"),
        ("http://good/ x", "url-characters"),
        ("http://good%00.evil/", "url-characters"),
        ("http://good/%00", "url-characters"),
        ("http://go%6fd/", "url-host"),
        ("http://user:pass@good/", "url-userinfo"),
        ("http://good@evil:80/", "url-userinfo"),
        ("http://good:99999/", "url-port"),
        ("http://good:0/", "url-port"),
        ("http://good:/", "url-host"),
        ("http://good:80:80/", "url-host"),
        ("http://:80/", "url-host"),
        ("http:///x", "url-host"),
        ("http://a..b/", "url-host"),
        ("http://-a/", "url-host"),
        ("http://localhost./", "url-host"),
        ("http://[::1/", "url-host"),
        ("http://[::1]evil/", "url-host"),
        ("http://[fe80::1%25eth0]/", "url-host"),
        ("http://[::zz]/", "url-host"),
        ("http://[1:2]/", "url-host"),
        ("file:///etc/passwd", "url-scheme"),
        ("gopher://good/", "url-scheme"),
        ("ftp://good/", "url-scheme"),
        ("unix:/run/x", "url-scheme"),
        ("//good/", "url-scheme"),
        ("good/", "url-scheme"),
        ("http:/good/", "url-scheme"),
        ("", "url-scheme"),
        ("http://good/" + "x" * 10_000, "url-length"),
    ],
)
def test_urls_that_parsers_read_differently_are_refused(url: str, rule: str) -> None:
    with pytest.raises(RefusedDestination) as caught:
        parse_destination(url)

    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("url", "host_header", "target"),
    [
        ("http://Hooks.Example", "hooks.example", "/"),
        ("http://hooks.example:80?a=1", "hooks.example", "/?a=1"),
        ("https://hooks.example:8443/x?y=%2f+#z", "hooks.example:8443", "/x?y=%2f+"),
        ("http://[::1]:5000/a", "[::1]:5000", "/a"),
        ("http://my_app:5000//a?u=http://b@c", "my_app:5000", "//a?u=http://b@c"),
    ],
)
def test_honest_urls_are_taken_apart_and_kept_as_written(url: str, host_header: str, target: str) -> None:
    destination = parse_destination(url)

    assert (destination.host_header, destination.target) == (host_header, target)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("::ffff:10.0.0.1", "private"),
        ("2002:c0a8:1::", "private"),
        ("10.0.0.1", "private"),
        ("172.31.255.255", "private"),
        ("172.32.0.1", "public"),
        ("192.168.0.1", "private"),
        ("fd12::1", "private"),
        ("169.254.1.1", "link_local"),
        ("fe80::1", "link_local"),
        ("169.254.169.254", "metadata"),
        ("::ffff:169.254.169.254", "metadata"),
        ("64:ff9b::a9fe:a9fe", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("100.100.100.200", "metadata"),
        ("168.63.129.16", "metadata"),
        ("0.0.0.0", "reserved"),
        ("100.64.0.1", "reserved"),
        ("192.0.0.8", "reserved"),
        ("192.0.2.1", "reserved"),
        ("198.18.0.1", "reserved"),
        ("203.0.113.9", "reserved"),
        ("224.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("::", "reserved"),
        ("::127.0.0.1", "reserved"),
        ("64:ff9b:1::7f00:1", "reserved"),
        ("100::1", "reserved"),
        ("2001:db8::1", "reserved"),
        ("3fff::1", "reserved"),
        ("5f00::1", "reserved"),
        ("fec0::1", "reserved"),
        ("ff02::1", "reserved"),
        ("4000::1", "reserved"),
        ("2001:0:5db8:d822:0:0:80ff:fffe", "loopback"),  # Teredo, client 127.0.0.1
        ("8.8.8.8", "public"),
        ("2606:4700::1111", "public"),
        ("64:ff9b::808:808", "public"),
    ],
)
def test_addresses_are_what_they_reach(address: str, kind: str) -> None:
    assert classify(ip_address(address)) == kind


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "[fd00:ec2::254]",
        "metadata.google.internal",
        "METADATA",
        "[::ffff:169.254.169.254]",
    ],
)
def test_metadata_services_are_refused_in_every_profile(profile: Profile, host: str) -> None:
    policy = DestinationPolicy(profile, ("0.0.0.0/0", "::/0", "metadata", "metadata.google.internal"))

    assert rule_of(f"http://{host}/latest/", policy) == "metadata"


def test_a_name_that_resolves_to_metadata_or_link_local_is_refused_though_allowed() -> None:
    policy = DestinationPolicy("local", ("0.0.0.0/0", "::/0", "hooks.example"))

    assert rule_of("http://hooks.example/", policy, "169.254.169.254") == "metadata"
    assert rule_of("http://hooks.example/", policy, "fe80::1%eth0") == "link-local"


@pytest.mark.parametrize(
    ("host", "kept"),
    [
        *(("127.0.0.1:5000", False), ("[::1]:5000", False), ("LOCALHOST", False), ("hook.localhost", False)),
        *(("hooks.example", True), ("10.0.0.1", True), (PUBLIC, True), ("localhost.example", True)),
    ],
)
def test_a_fixture_keeps_what_is_not_allowed_out(host: str, kept: bool) -> None:
    destination = parse_destination(f"http://{host}/hook")

    assert DestinationPolicy("fixture", ("127.0.0.0/8", "::1/128")).keeps(destination) is kept
    assert DestinationPolicy("fixture").keeps(destination)
    assert not LOCAL.keeps(destination)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "172.18.0.5", "fd12::1"])
def test_local_reaches_this_machine_and_its_neighbours(address: str) -> None:
    assert rule_of("http://client:5000/hook", LOCAL, address) is None


@pytest.mark.parametrize("address", [PUBLIC, "0.0.0.0", "224.0.0.1", "100.64.0.1", "fec0::1"])
def test_local_reaches_nothing_else_unless_allowed(address: str) -> None:
    assert rule_of("http://client:5000/hook", LOCAL, address) in ("public", "reserved")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fec0::1]",
        "224.0.0.1",
        "100.64.0.1",
        "10.0.0.1",
        PUBLIC,
        "0.0.0.0",
    ],
)
def test_shared_reaches_no_literal_address_unless_allowed(host: str) -> None:
    assert rule_of(f"http://{host}/", SHARED) is not None


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://hooks.example/", [PUBLIC]),
        ("http://HOOKS.example:8443/", [PUBLIC, "2606:4700::1111"]),
        ("http://anything/", ["10.1.2.3"]),
        ("http://10.1.2.3/", []),
        ("http://192.168.7.7/", []),
        ("http://[fd00:1::5]/", []),
    ],
)
def test_shared_reaches_what_is_allowed(url: str, addresses: list[str]) -> None:
    assert rule_of(url, SHARED, *addresses) is None


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.2.0.1"], [PUBLIC, "10.2.0.1"], ["::ffff:127.0.0.1"], [PUBLIC, "::1"]]
)
def test_an_allowed_name_may_not_move_to_an_inner_address(addresses: list[str]) -> None:
    assert rule_of("http://hooks.example/", SHARED, *addresses) in ("loopback", "private")


def test_names_beside_the_allowed_one_are_refused() -> None:
    assert rule_of("http://hooks.example.evil/", SHARED, PUBLIC) == "public"
    assert rule_of("http://x.hooks.example/", SHARED, PUBLIC) == "public"


@pytest.mark.parametrize(
    "target",
    ["/_simulator/v1/reset", "//_simulator/", "/%5fsimulator/", "/%255Fsimulator", "/@w/_SIMULATOR/x"],
)
def test_our_own_control_api_is_never_called_back(target: str) -> None:
    assert rule_of(f"http://127.0.0.1:8070{target}", LOCAL) == "own-control-api"
    assert rule_of(f"http://127.0.0.1:8071{target}", LOCAL) is None
    assert rule_of("http://127.0.0.1:8070/callo/x", LOCAL) is None


def test_a_callback_that_comes_round_five_times_stops() -> None:
    hop = "0"
    for _ in range(5):
        hop = next_hop(((HOP_HEADER.lower(), hop),))

    assert hop == "5"
    with pytest.raises(RefusedDestination, match="too-many-hops"):
        next_hop(((HOP_HEADER, hop),))


@pytest.mark.parametrize(("value", "hop"), [("3", 3), ("77", 5), ("-1", 5), ("x", 5), ("٣", 5), ("", 5)])
def test_a_malformed_hop_count_counts_as_the_last(value: str, hop: int) -> None:
    assert hop_of(((HOP_HEADER, value),)) == hop
    assert hop_of(()) == 0


def test_a_broken_allow_list_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="host bits"):
        DestinationPolicy("shared", ("10.0.0.1/8",))


@pytest.mark.parametrize("host", ["169.254.169.254", "169.254.1.1", "[fe80::1]", "[::ffff:169.254.169.254]"])
def test_what_is_never_called_is_not_kept_as_delivered_in_a_test_either(host: str) -> None:
    with pytest.raises(RefusedDestination):
        DestinationPolicy("fixture").check(parse_destination(f"http://{host}/"))
