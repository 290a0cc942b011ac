"""The life of days by hand: pins, times, the trash, eviction, verification, exports and the quota."""

from tickreel_desktop.care.control import CareControl
from tickreel_desktop.care.quota_bar import QuotaBar

__all__ = ["CareControl", "QuotaBar"]
