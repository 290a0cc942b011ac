"""Times as the vendor writes them in its lists: ISO 8601, of any year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def vendor_instant_us(text: object) -> int | None:
    """Read a time as microseconds since 1970, UTC where no zone is given; None where there is none.

    Raises:
        ValueError: it is no time.
    """
    if text is None or text == "":
        return None
    moment = datetime.fromisoformat(str(text))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)
