"""Real Redis servers for tests: the system's own program, on a port or a socket of its own."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pytest
import redis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.faketardis.authority import Authority

_START_S = 30.0
_SLOTS = 16_384


_LAST_OF_A_NODE = 55_000
"""The bus of a Cluster's node is 10,000 ports above its own."""


def free_port() -> int:
    """Find a port of loopback that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RedisServer:
    """One server, which is started at once; a context manager that ends it."""

    options: dict[str, str] = field(default_factory=dict)
    users: tuple[str, ...] = ()
    """Rules of the access list, one for each user."""
    authority: Authority | None = None
    """Speaks TLS alone, with the authority's certificate."""
    password: str | None = None
    """Of the default user."""
    port: int = 0

    def __post_init__(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("there is no redis-server: install it (Debian: apt-get install redis-server)")
        self._program = program
        self.port = self.port or free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="tr-redis-"))  # short: the path of a socket has a limit
        self.socket_path = self._folder / "s"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def folder(self) -> Path:
        """Where it writes its own data, if it writes any."""
        return self._folder

    @property
    def url(self) -> str:
        """The address as a setting has it; without a password."""
        return f"{'rediss' if self.authority else 'redis'}://127.0.0.1:{self.port}/0"

    @property
    def unix_url(self) -> str:
        """The address of its socket."""
        return f"unix://{self.socket_path}"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        words = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "unixsocket": str(self.socket_path),
            "dir": str(self._folder),
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
            "logfile": str(self._folder / "log"),
            **self.options,
        }
        if self.authority is not None:
            words |= {
                "port": "0",
                "tls-port": str(self.port),
                "tls-cert-file": str(self.authority.certificate),
                "tls-key-file": str(self.authority.private_key),
                "tls-ca-cert-file": str(self.authority.ca_file),
                "tls-auth-clients": "no",
            }
        if self.password is not None:
            words["requirepass"] = self.password
        lines = [f'{name} "{value}"' for name, value in words.items()]
        lines += [f"user {rule}" for rule in self.users]
        (self._folder / "conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._process = subprocess.Popen(
            [self._program, str(self._folder / "conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        ends_s = monotonic() + _START_S
        while True:
            try:
                with self.admin() as client:
                    client.ping()
                return
            except redis.BusyLoadingError:
                return
            except (redis.ConnectionError, redis.TimeoutError):
                if self._process.poll() is not None or monotonic() > ends_s:
                    raise AssertionError((self._folder / "log").read_text("utf-8")) from None
                sleep(0.02)

    def admin(self) -> redis.Redis:
        """Give a plain client, which may do everything."""
        return redis.Redis(unix_socket_path=str(self.socket_path), password=self.password, protocol=2)

    def info(self, section: str) -> dict[str, Any]:
        """Ask the server about itself."""
        with self.admin() as client:
            found: dict[str, Any] = client.info(section)
            return found

    def pause(self) -> None:
        """Let the process stand still, with all its connections."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let the process run again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End it and remove what it left."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> RedisServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _free_port_of_a_node() -> int:
    port = free_port()
    return port if port <= _LAST_OF_A_NODE else port - 10_000


@dataclass
class LoneNode(RedisServer):
    """A Cluster of one primary, which has all slots at first; a context manager."""

    def __post_init__(self) -> None:
        self.port = self.port or _free_port_of_a_node()
        self.options |= {"cluster-enabled": "yes", "cluster-node-timeout": "500"}
        super().__post_init__()
        self.own_slots()

    def own_slots(self) -> None:
        """Let it have all slots that nobody has."""
        with self.admin() as admin:
            admin.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, _SLOTS - 1)
        self.wait_for_state("ok")

    def lose_slots(self) -> None:
        """Let nobody have any slot."""
        with self.admin() as admin:
            admin.execute_command("CLUSTER", "DELSLOTSRANGE", 0, _SLOTS - 1)
        self.wait_for_state("fail")

    def wait_for_state(self, state: str) -> None:
        """Wait until the node says that its Cluster is as it should be, or is not."""
        ends_s = monotonic() + _START_S
        with self.admin() as admin:
            while f"cluster_state:{state}".encode() not in admin.execute_command("CLUSTER", "INFO"):
                assert monotonic() < ends_s
                sleep(0.02)

    def clients(self) -> list[str]:
        """List who is connected by a port."""
        with self.admin() as admin:
            return [one["addr"] for one in admin.client_list() if not one["addr"].endswith(":0")]


@dataclass
class RedisCluster:
    """A Cluster of three primaries with a replica each, on loopback; a context manager."""

    timeout_ms: int = 1500

    def __post_init__(self) -> None:
        options = {
            "cluster-enabled": "yes",
            "cluster-node-timeout": str(self.timeout_ms),
            "cluster-config-file": "nodes.conf",
            "cluster-require-full-coverage": "no",
            "repl-diskless-sync-delay": "0",  # a replica that never had the data is not promoted
        }
        self.servers: list[RedisServer] = []
        try:
            for _ in range(6):
                self.servers.append(RedisServer(options, port=_free_port_of_a_node()))
            nodes = [f"127.0.0.1:{server.port}" for server in self.servers]
            made = subprocess.run(
                ["redis-cli", "--cluster", "create", *nodes, "--cluster-replicas", "1", "--cluster-yes"],
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            assert made.returncode == 0, made.stdout + made.stderr
            self.wait_until_ok()
            self._wait_for_replicas()
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        """The address of one node, which tells of the others."""
        return self.servers[0].url

    @property
    def whole_url(self) -> str:
        """The address of all nodes, of which any may be down."""
        return f"redis://{','.join(f'127.0.0.1:{server.port}' for server in self.servers)}/0"

    def wait_until_ok(self) -> None:
        """Wait until every living node says that the Cluster serves all keys."""
        ends_s = monotonic() + 60
        while True:
            states = []
            for server in self.servers:
                try:
                    with server.admin() as client:
                        told = client.execute_command("CLUSTER INFO")
                        states.append(
                            b"cluster_state:ok" in told
                            if isinstance(told, bytes)
                            else told.get("cluster_state") == "ok"
                        )
                except redis.ConnectionError:
                    continue
            if states and all(states):
                return
            assert monotonic() < ends_s, "the Cluster does not come up"
            sleep(0.1)

    def _wait_for_replicas(self) -> None:
        ends_s = monotonic() + 60
        for server in self.servers:
            while server.info("replication").get("master_link_status", "up") != "up":
                assert monotonic() < ends_s, "a replica does not get the data of its primary"
                sleep(0.05)

    def close(self) -> None:
        """End all servers."""
        for server in self.servers:
            server.close()

    def __enter__(self) -> RedisCluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serving(**given: Any) -> Iterator[RedisServer]:
    """Serve for as long as a fixture lives."""
    with RedisServer(**given) as server:
        yield server
