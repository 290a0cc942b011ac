"""A private certificate authority, as companies have them, made with the ``openssl`` program."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_DAYS = ("-days", "3650")


@dataclass(frozen=True, slots=True)
class Authority:
    """The authority's certificate, and one for loopback addresses that it has signed."""

    ca_file: Path
    certificate: Path
    private_key: Path

    def server_context(self) -> ssl.SSLContext:
        """Give what a server needs."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.private_key)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Give what a client that trusts only this authority needs."""
        return ssl.create_default_context(cafile=str(self.ca_file))


def make_authority(folder: Path) -> Authority:
    """Make an authority and a certificate in *folder*, or skip the test where there is no openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl program to make a private authority with")
    ca_file, ca_key = folder / "ca.pem", folder / "ca.key"
    certificate, private_key = folder / "server.pem", folder / "server.key"
    _openssl(
        *("req", "-x509", *_KEY, *_DAYS, "-subj", "/CN=Private Authority of the Tests"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout", ca_key, "-out", ca_file),
    )
    request, more = folder / "server.csr", folder / "server.cnf"
    more.write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n", encoding="ascii"
    )
    _openssl("req", *_KEY, "-subj", "/CN=localhost", "-keyout", private_key, "-out", request)
    _openssl(
        *("x509", "-req", "-in", request, "-CA", ca_file, "-CAkey", ca_key, "-CAcreateserial"),
        *(*_DAYS, "-extfile", more, "-out", certificate),
    )
    return Authority(ca_file, certificate, private_key)


def _openssl(*words: str | Path) -> None:
    ran = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=False)
    if ran.returncode:
        raise AssertionError(f"openssl made no certificate: {ran.stderr}")
