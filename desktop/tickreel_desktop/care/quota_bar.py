"""The quota at a glance: how the room is shared out, what is left of it, and what happens when it is full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QPushButton, QSizePolicy

from tickreel.market.units import format_bytes
from tickreel_desktop.care.evict_dialog import policy_words
from tickreel_desktop.care.room_bar import Share, paint_bar, paint_share, shares_of, spoken
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QWidget

    from tickreel.settings import EvictionPolicy
    from tickreel.store.care.statistics import Statistics
    from tickreel_desktop.theme import Theme

WIDTH_PX = 190
_PADDING_PX = 12
_BAR_PX = 10
_LINE_PX = 16
_SWATCH_PX = 8
_GAP_PX = 6


class QuotaBar(QPushButton):
    """Show the room of the cache at the foot of a list; pressing it opens what changes the quota."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shares = shares_of(pinned=0, evictable=0, own=0, trash=0)
        self._whole = 0
        self._quota = "reading"
        self._text = ""
        self._is_over = False
        self._is_locked = False
        self.setAutoDefault(False)
        self.setFlat(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(theme.px(WIDTH_PX))
        self.setAccessibleName("Cache quota")
        theme.changed.connect(self.update)
        self._fit()

    def text_below(self) -> str:
        """Give the sentence under the legend."""
        return self._text

    def show_room(self, sums: Statistics, policy: EvictionPolicy, *, is_locked: bool) -> None:
        """Show the figures of a home."""
        shares, quota = sums.shares, sums.quota_bytes
        self._shares = shares_of(
            pinned=shares.pinned, evictable=shares.evictable, own=shares.own, trash=sums.trash_bytes
        )
        self._is_locked = is_locked
        over = 0 if quota is None else sums.used_bytes - quota
        self._is_over = over > 0
        free = f"{format_bytes(sums.disk_free_bytes)} free on the disk."
        if quota is None:
            self._quota = "no limit"
            self._whole = sums.used_bytes + sums.disk_free_bytes
            self._text = f"No limit is set. {free}"
        else:
            self._quota = format_bytes(quota)
            self._whole = max(quota, sums.used_bytes)
            self._text = f"When it is full, what is {policy_words(policy)} leaves first."
            if self._is_over:
                self._text = f"{format_bytes(over)} over it. Pinned and imported days stay."
        tip = "Locked by the policy of this machine" if is_locked else "Change the quota"
        self.setToolTip(f"{tip}. {free}")
        self.setAccessibleName(f"Cache quota: {self._quota}")
        self.setAccessibleDescription(f"{spoken(self._shares)}. {self._text}")
        self._fit()
        self.update()

    def _fit(self) -> None:
        self.setFixedHeight(self._height())

    def _height(self) -> int:
        px = self._theme.px
        lines = px(_LINE_PX) * (1 + len(self._shares))
        return px(2 * _PADDING_PX) + lines + px(_BAR_PX) + 3 * px(_GAP_PX) + self._text_height()

    def _text_height(self) -> int:
        metrics = QFontMetrics(self._theme.font(FontRole.CAPTION))
        width = max(self.width(), self._theme.px(WIDTH_PX)) - self._theme.px(2 * _PADDING_PX)
        flags = int(Qt.TextFlag.TextWordWrap.value)
        return metrics.boundingRect(0, 0, width, 1000, flags, self._text).height() if self._text else 0

    def sizeHint(self) -> QSize:
        """Want the width of the list it stands under."""
        return QSize(self._theme.px(WIDTH_PX), self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take the height that the sentence needs at this width."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw heading, bar, legend and sentence from the top."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        if self.isDown():
            painter.fillRect(self.rect(), theme.colour("accent_bg"))
        elif self.underMouse():
            painter.fillRect(self.rect(), theme.colour("hover"))
        pad, line, gap = px(_PADDING_PX), px(_LINE_PX), px(_GAP_PX)
        width = self.width() - 2 * pad
        top = pad
        self._paint_line(painter, QRectF(pad, top, width, line), "Cache quota", self._quota, is_heading=True)
        top += line + gap
        paint_bar(painter, theme, QRectF(pad, top, width, px(_BAR_PX)), self._shares, self._whole)
        top += px(_BAR_PX) + gap
        for share in self._shares:
            self._paint_share(painter, QRectF(pad, top, width, line), share)
            top += line
        if self._text:
            painter.setFont(theme.font(FontRole.CAPTION))
            painter.setPen(theme.colour("warning" if self._is_over else "text_3"))
            rect = QRectF(pad, top + gap, width, self.height() - top)
            painter.drawText(rect, int(Qt.TextFlag.TextWordWrap.value), self._text)
        painter.end()

    def _paint_share(self, painter: QPainter, rect: QRectF, share: Share) -> None:
        size = self._theme.px(_SWATCH_PX)
        swatch = QRectF(rect.left(), rect.center().y() - size / 2, size, size)
        paint_share(painter, self._theme, swatch, share)
        words = rect.adjusted(size + self._theme.px(6), 0, 0, 0)
        self._paint_line(painter, words, share.name, format_bytes(share.bytes))

    def _paint_line(
        self, painter: QPainter, rect: QRectF, left: str, right: str, *, is_heading: bool = False
    ) -> None:
        theme = self._theme
        middle = Qt.AlignmentFlag.AlignVCenter
        weight = QFont.Weight.DemiBold if is_heading else None
        painter.setFont(theme.font(FontRole.BODY, weight))
        painter.setPen(theme.colour("text" if is_heading else "text_2"))
        painter.drawText(rect, int(middle | Qt.AlignmentFlag.AlignLeft), left)
        end = rect
        if is_heading and self._is_locked:
            icon = theme.pixmap("lock-simple", "text_2", 12, self.devicePixelRatioF())
            place = rect.right() - theme.px(12)
            painter.drawPixmap(round(place), round(rect.center().y() - theme.px(6)), icon)
            end = rect.adjusted(0, 0, -theme.px(16), 0)
        painter.setFont(theme.font(FontRole.BODY))
        painter.setPen(theme.colour("text_3" if is_heading else "text"))
        painter.drawText(end, int(middle | Qt.AlignmentFlag.AlignRight), right)
