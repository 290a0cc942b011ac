"""The classes of the article that Tickreel grew out of, with their names, over Tickreel's own.

They are thin: whoever starts anew uses :mod:`tickreel.ticks`, :mod:`tickreel.shared` and
:mod:`tickreel.replay` directly. Where the article's code lost ticks, counted wrongly or swallowed errors,
these do not; ``docs/article.md`` of the resources says call by call what works how.
"""

from tickreel.article.batchbacktest import batch_backtest
from tickreel.article.redistickcache import RedisTickCache
from tickreel.article.tickcache import TardisTickCache
from tickreel.article.tickevent import TickEvent
from tickreel.article.tickreplay import TickKind, TickReplayEngine

__all__ = ["RedisTickCache", "TardisTickCache", "TickEvent", "TickKind", "TickReplayEngine", "batch_backtest"]
