"""Of one day of one dataset there is one download at a time, in all processes and threads."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

from tickreel.fetch.flight import LocalFlights
from tickreel.filesystem import Disk
from tickreel.market.types import DatasetKey, DataType

if TYPE_CHECKING:
    from pathlib import Path

KEY = DatasetKey("okex", "BTC/USD:swap", DataType.TRADES)
DAY = date(2024, 7, 1)

_HOLDER = """
import sys, time
from datetime import date
from pathlib import Path
from tickreel.fetch.flight import LocalFlights
from tickreel.filesystem import Disk
from tickreel.market.types import DatasetKey, DataType
flight = LocalFlights(Path(sys.argv[1]), Disk()).claim(
    DatasetKey("okex", "BTC/USD:swap", DataType.TRADES), date(2024, 7, 1))
print("held" if flight else "refused", flush=True)
time.sleep(60)
"""


def test_one_has_it_and_the_others_do_not(tmp_path: Path) -> None:
    flights, others = LocalFlights(tmp_path, Disk()), LocalFlights(tmp_path, Disk())
    flight = flights.claim(KEY, DAY)
    assert flight is not None
    assert flights.claim(KEY, DAY) is None
    assert others.claim(KEY, DAY) is None
    other_day = others.claim(KEY, date(2024, 7, 2))
    assert other_day is not None
    flight.release()
    flight.release()
    again = others.claim(KEY, DAY)
    assert again is not None
    again.release()
    other_day.release()


def test_a_process_that_is_killed_lets_it_go(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        flights = LocalFlights(tmp_path, Disk())
        assert flights.claim(KEY, DAY) is None
        holder.kill()
        holder.wait()
        flight = flights.claim(KEY, DAY)
        assert flight is not None
        flight.release()
