"""What a status means, and how long the vendor asks to wait."""

from __future__ import annotations

import ssl
import time
from email.utils import formatdate

import httpx
import pytest

from tickreel.sources.answers import Denied, Later, LaterKind, Unreachable
from tickreel.sources.judging import judge_error, judge_status

NOW = "Thu, 18 Jul 2024 12:00:00 GMT"


@pytest.mark.parametrize(
    ("header", "after_s", "kind"),
    [
        ("7", 7.0, LaterKind.RATE),
        (" 300 ", 300.0, LaterKind.RATE),
        ("301", 301.0, LaterKind.QUOTA),
        ("Thu, 18 Jul 2024 12:00:09 GMT", 9.0, LaterKind.RATE),
        ("Thu, 18 Jul 2024 13:00:00 GMT", 3600.0, LaterKind.QUOTA),
        ("Thu, 18 Jul 2024 11:00:00 GMT", 0.0, LaterKind.RATE),
        *((odd, None, LaterKind.RATE) for odd in (None, "", "soon", "-5", "1e9", "inf", "nan", "²")),
    ],
)
def test_a_wait_is_told_in_seconds_or_as_a_date_by_the_vendors_own_clock(
    header: str | None, after_s: float | None, kind: LaterKind
) -> None:
    answer = judge_status(429, header, b"", date=NOW)
    assert isinstance(answer, Later)
    assert (answer.after_s, answer.kind) == (after_s, kind)


def test_a_date_without_the_vendors_clock_is_held_against_this_machines() -> None:
    answer = judge_status(429, formatdate(time.time() + 1000, usegmt=True), b"")
    assert isinstance(answer, Later)
    assert answer.after_s is not None
    assert 900 < answer.after_s <= 1000


@pytest.mark.parametrize("status", [403, 408, 500, 502, 503, 520, 599])
def test_what_passes_may_say_for_how_long(status: int) -> None:
    answer = judge_status(status, "12", b"")
    assert isinstance(answer, Later)
    assert answer.after_s == 12.0
    assert str(status) in answer.reason


@pytest.mark.parametrize("status", [400, 402, 405, 410, 414, 451])
def test_what_no_retry_cures_is_denied_with_the_vendors_words(status: int) -> None:
    answer = judge_status(status, None, b'{"code": 1, "message": "not\\n  this  way"}')
    assert isinstance(answer, Denied)
    assert (answer.status, "not this way" in answer.reason) == (status, True)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[1]", b'{"message": null}', b'{"code": 3}', b"\xff\xfe", b"[" * 99_999]
)
def test_a_body_in_any_form_is_no_trouble(body: bytes) -> None:
    assert isinstance(judge_status(400, None, body), Denied)


def test_long_words_are_cut() -> None:
    answer = judge_status(400, None, b'{"message": "%b"}' % (b"x" * 10_000))
    assert isinstance(answer, Denied)
    assert len(answer.reason) < 300


def _caused(error: httpx.HTTPError, cause: BaseException) -> httpx.HTTPError:
    error.__cause__ = cause
    return error


def test_only_a_certificate_that_does_not_hold_is_final_of_all_that_tls_may_say() -> None:
    distrust = ssl.SSLCertVerificationError(1, "certificate verify failed")
    distrust.verify_message = "self-signed certificate"
    answer = judge_error(_caused(httpx.ConnectError("no"), distrust), 1)
    assert isinstance(answer, Unreachable)
    assert "self-signed certificate" in answer.reason
    for error in (
        _caused(
            httpx.ConnectError("[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred"), ssl.SSLEOFError(8, "EOF")
        ),
        ssl.SSLError(1, "[SSL: DECRYPTION_FAILED_OR_BAD_RECORD_MAC] decryption failed"),
    ):
        answer = judge_error(error, 1)
        assert isinstance(answer, Later)
        assert answer.kind is LaterKind.CONNECTION
