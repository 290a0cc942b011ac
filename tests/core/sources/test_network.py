"""The way to a server: certificates, proxies, and where the key may go."""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING

import pytest
from support.faketardis import EMPTY_DAY, FakeTardis
from support.faketardis.authority import make_authority
from support.vendorline import (
    DAY,
    FREE_DAY,
    PATH,
    SECRET,
    TRADES,
    ask,
    download,
    network_to,
    proxy,
    saying,
)

from tickreel import logs
from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.keys import NO_KEY, Key, KeyOrigin
from tickreel.market.types import DatasetKey, DataType
from tickreel.settings import load
from tickreel.sources.answers import Delivered, Later, LaterKind, Unreachable
from tickreel.sources.network import Network, network_of
from tickreel.sources.spelling import dataset_path, file_symbol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FREE_PATH = "binance-futures/trades/2024/07/01/BTCUSDT.csv.gz"
ELSEWHERE = "datasets.example"
"""No loopback name: whoever wants to go there needs the proxy."""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "7.part"


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeTardis]:
    with FakeTardis(tmp_path / "vendor") as started:
        started.put(PATH, EMPTY_DAY)
        started.put(FREE_PATH, EMPTY_DAY)
        yield started


@pytest.fixture
def safe_fake(tmp_path: Path) -> Iterator[FakeTardis]:
    """Give a fake whose certificate a private authority has signed, in ``ca.pem``."""
    with FakeTardis(tmp_path / "vendor", tls=make_authority(tmp_path)) as started:
        started.put(PATH, EMPTY_DAY)
        yield started


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def elsewhere(url: str) -> str:
    return url.replace("127.0.0.1", ELSEWHERE)


def test_a_certificate_of_an_unknown_authority_does_not_hold(safe_fake: FakeTardis, target: Path) -> None:
    answer = download(network_to(safe_fake), target)
    assert isinstance(answer, Unreachable)
    assert "certificate does not hold" in answer.reason
    assert "network.ca_file" in answer.reason
    assert safe_fake.requests == []


def test_the_authority_of_a_house_is_trusted_when_it_is_named(
    safe_fake: FakeTardis, target: Path, tmp_path: Path
) -> None:
    network = network_to(safe_fake, ca_file=tmp_path / "ca.pem")
    assert isinstance(download(network, target), Delivered)
    assert safe_fake.requests[0].key == "secret"


def test_a_file_of_authorities_that_was_changed_is_read_again(
    safe_fake: FakeTardis, target: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    named = tmp_path / "named.pem"
    shutil.copy(make_authority(tmp_path / "other").ca_file, named)
    network = network_to(safe_fake, ca_file=named)
    assert isinstance(download(network, target), Unreachable)
    shutil.copy(tmp_path / "ca.pem", named)
    assert isinstance(download(network, target), Delivered)


def test_a_certificate_for_another_name_holds_through_no_proxy(
    safe_fake: FakeTardis, target: Path, tmp_path: Path
) -> None:
    with proxy() as server:
        url = elsewhere(safe_fake.datasets_url)
        network = Network(url, url, url, proxy=server.url, ca_file=tmp_path / "ca.pem")
        answer = download(network, target)
    assert isinstance(answer, Unreachable)
    assert "Hostname mismatch" in answer.reason
    assert server.asked[0].startswith(b"CONNECT datasets.example:")
    assert b"secret" not in b"".join(server.asked)


def test_a_file_of_authorities_that_is_none_is_told(fake: FakeTardis, target: Path, tmp_path: Path) -> None:
    for name, text in (("missing.pem", None), ("odd.pem", "no certificate")):
        if text is not None:
            (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(EnvironmentProblem, match=rf"network\.ca_file .*{name} cannot be read"):
            download(network_to(fake, ca_file=tmp_path / name), target)


def test_tls_to_a_server_that_speaks_none_is_no_passing_trouble(fake: FakeTardis, target: Path) -> None:
    url = fake.datasets_url.replace("http:", "https:")
    answer = download(Network(url, url, url), target)
    assert isinstance(answer, Unreachable)
    assert "does not speak TLS" in answer.reason


@pytest.mark.parametrize(
    "url", ["http://datasets.example/v1", "http://10.0.0.7:8000/v1", "http://localhost.example"]
)
def test_a_key_is_not_sent_where_it_can_be_read_on_the_way(target: Path, url: str) -> None:
    safe = "https://api.tardis.dev/v1"
    for network in (Network(url, safe, safe), Network(safe, url, safe)):
        with pytest.raises(UsageError, match="the key is not sent to http://") as caught:
            download(network, target)
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3"])
def test_a_key_is_sent_to_this_machine_itself(fake: FakeTardis, target: Path, host: str) -> None:
    url = fake.datasets_url.replace("127.0.0.1", host)
    answer = download(Network(url, url, url), target)
    if isinstance(answer, Delivered):  # not every system listens on all of 127/8
        assert fake.requests[0].key == "secret"
    else:
        assert host == "127.1.2.3"


@pytest.mark.parametrize("secret", ["two words", "pässword", "line\nbreak"])
def test_what_cannot_be_a_key_is_not_sent(fake: FakeTardis, target: Path, secret: str) -> None:
    with pytest.raises(UsageError, match="the key from the environment is no key") as caught:
        download(network_to(fake), target, key=Key(secret, KeyOrigin.ENVIRONMENT))
    assert secret not in str(caught.value)


def test_the_proxy_of_the_settings_is_used(fake: FakeTardis, target: Path) -> None:
    url = elsewhere(fake.datasets_url)
    with proxy() as server:
        network = Network(url, url, url, proxy=server.url.replace("http://", "http://desk:pass-word@"))
        answer = download(network, target, day=FREE_DAY, key=NO_KEY)
    assert isinstance(answer, Delivered)
    assert server.asked[0].startswith(f"GET {url}/{FREE_PATH} HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic " in server.asked[0]
    assert "pass-word" not in repr(network)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_the_proxies_of_the_environment_are_used(
    fake: FakeTardis, target: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    url = elsewhere(fake.datasets_url)
    with proxy() as server:
        monkeypatch.setenv(name, server.url)
        answer = download(Network(url, url, url), target, day=FREE_DAY, key=NO_KEY)
    assert isinstance(answer, Delivered)
    assert len(server.asked) == 1


def test_this_machine_is_asked_through_no_proxy_that_could_read_the_key(
    fake: FakeTardis, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy() as server:
        assert isinstance(download(network_to(fake, proxy=server.url), target), Delivered)
        monkeypatch.setenv("HTTP_PROXY", server.url)
        assert isinstance(download(network_to(fake), target), Delivered)
    assert server.asked == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_a_password_says_what_to_set(target: Path, scheme: str) -> None:
    url = f"{scheme}://{ELSEWHERE}/v1"
    with saying(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as server:
        answer = download(Network(url, url, url, proxy=server.url), target, key=NO_KEY)
    assert isinstance(answer, Unreachable)
    assert "TICKREEL_PROXY" in answer.reason


def test_a_proxy_that_cannot_reach_the_vendor_is_passing_trouble(target: Path) -> None:
    url = f"https://{ELSEWHERE}/v1"
    with saying(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") as server:
        answer = download(Network(url, url, url, proxy=server.url), target)
    assert isinstance(answer, Later)
    assert answer.kind is LaterKind.CONNECTION
    assert b"secret" not in b"".join(server.asked)


@pytest.mark.parametrize(("name", "told"), [("ALL_PROXY", "HTTPS_PROXY"), (None, r"network\.proxy")])
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(
    target: Path, monkeypatch: pytest.MonkeyPatch, name: str | None, told: str
) -> None:
    socks = "socks4://desk:pass-word@proxy:1080"
    url = f"https://{ELSEWHERE}/v1"
    if name is not None:
        monkeypatch.setenv(name, socks)
    network = Network(url, url, url, proxy=None if name else socks)
    with pytest.raises(UsageError, match=f"{told}.* cannot be used") as caught:
        download(network, target, key=NO_KEY)
    assert "pass-word" not in str(caught.value)


def test_requests_do_not_fill_the_log_and_no_key_is_in_it(fake: FakeTardis, target: Path, home: Path) -> None:
    ring = logs.configure(home, "debug")
    logging.getLogger("tickreel").info("sent with %s", SECRET.value)
    assert isinstance(download(network_to(fake), target), Delivered)
    texts = [entry.text for entry in ring.entries() if "HTTP Request" in entry.text]
    assert texts == []
    assert all("secret" not in entry.text for entry in ring.entries() if entry.logger.startswith("http"))


def test_settings_say_where_the_servers_are(home: Path) -> None:
    environ = {
        "TICKREEL_TARDIS_API_URL": "http://127.0.0.1:1/v1/",
        "TICKREEL_PROXY": "http://desk:pass-word@proxy:3128",
        "TICKREEL_SILENCE_TIMEOUT_S": "7",
    }
    network = network_of(load(home, environ=environ, policy_path=home / "none").values)
    assert network.api_url == "http://127.0.0.1:1/v1"
    assert network.datasets_url == "https://datasets.tardis.dev/v1"
    assert (network.proxy, network.silence_timeout_s) == ("http://desk:pass-word@proxy:3128", 7.0)
    assert "pass-word" not in repr(network)


def test_a_list_is_asked_for_with_the_same_care(safe_fake: FakeTardis, tmp_path: Path) -> None:
    assert isinstance(ask(network_to(safe_fake), "/exchanges"), Unreachable)
    assert isinstance(ask(network_to(safe_fake, ca_file=tmp_path / "ca.pem"), "/exchanges"), list)


@pytest.mark.parametrize(
    ("symbol", "spelt", "name"),
    [
        ("btcusdt", "BTCUSDT", "BTCUSDT"),
        ("XBT/USD", "XBT-USD", "XBT-USD"),
        ("BTCF0:USTF0", "BTCF0-USTF0", "BTCF0-USTF0"),
        ("pi_xbtusd", "PI_XBTUSD", "PI_XBTUSD"),
        ("A+B#1 %", "A+B#1 %", "A%2BB%231%20%25"),
        ("..", "..", ".."),
        ("OPTIONS", "OPTIONS", "OPTIONS"),
    ],
)
def test_files_are_named_by_the_vendors_rules(symbol: str, spelt: str, name: str) -> None:
    assert file_symbol(symbol) == spelt
    path = dataset_path(DatasetKey("deribit", symbol, DataType.OPTIONS_CHAIN), DAY)
    assert path == f"deribit/options_chain/2024/07/18/{name}.csv.gz"
    assert dataset_path(TRADES, DAY) == PATH
