"""The page on serving names every option, data type and command there is, and its calls by curl run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, get_args

import msgspec
import pyarrow as pa
import pytest

from tickreel.progress import UNWATCHED
from tickreel.sample import store_sample
from tickreel.server import HostedServer, ServerPlan, options
from tickreel.server.commands import Command, read_command
from tickreel.server.datatypes import Plain, message_type
from tickreel.store import open_cache
from tickreel_resources import page_text

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = page_text("serve")
CALLS = re.findall(r"^    (curl .*(?:\n        .*)*)", PAGE, re.MULTILINE)


def first_cells(head: str) -> list[str]:
    (rows,) = re.findall(rf"^\| {head} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [name for row in rows.splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


def test_every_option_is_told() -> None:
    known = {field.encode_name for field in msgspec.structs.fields(options._Asked)}
    assert {*first_cells("key"), "data_types"} == known


def test_every_data_type_that_is_told_can_be_asked_for_and_none_is_left_out() -> None:
    told = first_cells("data type")
    assert [name for name in told if message_type(name) is None] == []
    assert {plain.value for plain in Plain} <= set(told)


def test_every_command_is_told_and_can_be_read() -> None:
    told = [type(read_command(text)) for text in first_cells("command")]
    assert set(told) == set(get_args(Command))


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with open_cache(tmp_path_factory.mktemp("served") / "home") as cache:
        store_sample(cache, UNWATCHED)
        hosted = HostedServer(cache, ServerPlan(port=0))
        hosted.start()
        try:
            yield hosted.server.port
        finally:
            hosted.close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.split()[2].rpartition("/")[2])
def test_a_call_by_curl_is_answered(call: str, port: int) -> None:
    line = call.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("\\\n", "")
    shell = ["/bin/sh", "-c", f"{line} --silent --show-error --fail"]
    ran = subprocess.run(shell, capture_output=True, check=True, timeout=60)
    if "/rows" in call:
        with pa.ipc.open_stream(ran.stdout) as rows:
            assert rows.read_all().num_rows > 100_000
    else:
        kinds = {json.loads(text)["type"] for text in ran.stdout.splitlines()}
        assert kinds == {"trade", "book_snapshot"}


def test_the_page_has_calls_by_curl() -> None:
    assert len(CALLS) == 2
