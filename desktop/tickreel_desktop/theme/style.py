"""What a style sheet cannot draw: marks, combo and spin boxes, rows of tables.

Fusion underneath, with its marks replaced by the icons and colours of the theme. Hints and measures
are not among it: Qt asks for them hundreds of times as it makes and draws a single table, and each
answer from Python would cost more than all the rest of that. They stand in the style sheet, those of
the focus ring with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QHeaderView,
    QProxyStyle,
    QStyle,
    QStyleOption,
    QStyleOptionComplex,
    QStyleOptionHeader,
    QStyleOptionSpinBox,
    QStyleOptionViewItem,
    QTableView,
    QTreeView,
    QWidget,
)

from tickreel_desktop.theme.focus import RING_WIDTH_PX

if TYPE_CHECKING:
    from tickreel_desktop.theme.icons import Icons
    from tickreel_desktop.theme.tokens import ColourName, Tokens
    from tickreel_resources import IconName

_Primitive = QStyle.PrimitiveElement
_Complex = QStyle.ComplexControl
_Sub = QStyle.SubControl
_State = QStyle.StateFlag

_ARROWS: dict[QStyle.PrimitiveElement, IconName] = {
    _Primitive.PE_IndicatorArrowUp: "caret-up",
    _Primitive.PE_IndicatorArrowDown: "caret-down",
    _Primitive.PE_IndicatorArrowLeft: "caret-left",
    _Primitive.PE_IndicatorArrowRight: "caret-right",
    _Primitive.PE_IndicatorSpinUp: "caret-up",
    _Primitive.PE_IndicatorSpinDown: "caret-down",
}
_SELECTED = _State.State_Selected.value
_HOVERED = _State.State_MouseOver.value
_FOCUSED = _State.State_HasFocus.value
_LINE_EDIT_ICON = QStyle.PixelMetric.PM_LineEditIconSize
_FIELD_ICON_PX = 16
_FIELD_HEIGHT_PX = 26
_ARROW_WIDTH_PX = 24
_SPIN_WIDTH_PX = 20
_ACCENT_BAR_PX = 3


class TickreelStyle(QProxyStyle):
    """Draw Fusion in the colours, marks and measures of the theme."""

    def __init__(self, tokens: Tokens, icons: Icons, scale: float) -> None:
        super().__init__("Fusion")
        self._tokens = tokens
        self._icons = icons
        self._scale = scale
        self._colours: dict[ColourName, QColor] = {}

    def use(self, tokens: Tokens) -> None:
        """Draw in the colours of another theme from now on."""
        self._tokens = tokens
        self._colours.clear()

    def _px(self, length: int) -> int:
        return round(length * self._scale)

    def _colour(self, name: ColourName) -> QColor:
        colour = self._colours.get(name)
        if colour is None:
            colour = self._colours[name] = QColor(self._tokens.colour(name))
        return colour

    def _draw_icon(
        self, painter: QPainter, rect: QRect, name: IconName, colour: ColourName, size: int
    ) -> None:
        side = self._px(size)
        pixmap = self._icons.pixmap(name, colour, side, painter.device().devicePixelRatio())
        center = QRectF(rect).center()
        painter.drawPixmap(QPointF(round(center.x() - side / 2), round(center.y() - side / 2)), pixmap)

    def _draw_box(
        self, painter: QPainter, rect: QRect, ground: ColourName, edge: ColourName, radius: int
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._colour(ground))
        painter.setPen(QPen(self._colour(edge), 1))
        inner = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(inner, self._px(radius), self._px(radius))
        painter.restore()

    def _draw_check(self, option: QStyleOption, painter: QPainter) -> None:
        enabled = bool(option.state & _State.State_Enabled)
        filled = bool(option.state & (_State.State_On | _State.State_NoChange))
        side = self._px(14)
        rect = QRect(0, 0, side, side)
        rect.moveCenter(option.rect.center())
        if not enabled:
            self._draw_box(painter, rect, "raised", "line_strong", 3)
        elif filled:
            self._draw_box(painter, rect, "accent", "accent", 3)
        else:
            hovered = bool(option.state & _State.State_MouseOver)
            self._draw_box(painter, rect, "field", "text_2" if hovered else "control", 3)
        if filled:
            mark: IconName = "check" if option.state & _State.State_On else "minus"
            self._draw_icon(painter, rect, mark, "on_accent" if enabled else "text_3", 12)

    def _draw_radio(self, option: QStyleOption, painter: QPainter) -> None:
        enabled = bool(option.state & _State.State_Enabled)
        chosen = bool(option.state & _State.State_On)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(self._colour("field" if enabled else "raised"))
        edge: ColourName = "control" if enabled else "line_strong"
        if chosen:
            edge = "accent" if enabled else "text_3"
        width = self._px(4) if chosen else 1
        painter.setPen(QPen(self._colour(edge), width))
        side = self._px(14)
        rect = QRectF(0, 0, side, side)
        rect.moveCenter(QRectF(option.rect).center())
        painter.drawEllipse(rect.adjusted(width / 2, width / 2, -width / 2, -width / 2))
        painter.restore()

    def _draw_cell(self, option: QStyleOptionViewItem, painter: QPainter, view: QAbstractItemView) -> None:
        # Hundreds of cells are drawn at a time, so that flags are looked at as plain numbers.
        state = option.state.value
        rect = option.rect
        in_rows = isinstance(view, QTableView | QTreeView)
        if state & _SELECTED:
            painter.fillRect(rect, self._colour("selected" if view.hasFocus() else "hover"))
            if not in_rows or _begins_row(view, option):
                bar: ColourName = "accent" if view.hasFocus() else "text_3"
                painter.fillRect(0, rect.y(), self._px(_ACCENT_BAR_PX), rect.height(), self._colour(bar))
        elif (ground := option.backgroundBrush).style() is not Qt.BrushStyle.NoBrush:
            painter.fillRect(rect, ground)
        elif state & _HOVERED and not isinstance(view, QTableView):
            painter.fillRect(rect, self._colour("hover"))
        if in_rows:
            painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, self._colour("line"))
        if state & _FOCUSED and view.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange):
            painter.save()
            painter.setPen(QPen(self._colour("accent"), RING_WIDTH_PX))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
            painter.restore()

    def _draw_field(self, option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
        enabled = bool(option.state & _State.State_Enabled)
        edge: ColourName = "control" if enabled else "line_strong"
        if enabled and widget is not None and widget.property("error"):
            edge = "error"
        elif enabled and option.state & _State.State_MouseOver:
            edge = "text_3"
        self._draw_box(painter, option.rect, "field" if enabled else "raised", edge, 4)

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the marks of the theme and leave the rest to Fusion."""
        if element is _Primitive.PE_PanelItemViewRow or element is _Primitive.PE_FrameFocusRect:
            return  # the cells and the ring take their place
        if element is _Primitive.PE_PanelItemViewItem and isinstance(option, QStyleOptionViewItem):
            if isinstance(widget, QAbstractItemView):
                self._draw_cell(option, painter, widget)
        elif element in (_Primitive.PE_IndicatorCheckBox, _Primitive.PE_IndicatorItemViewItemCheck):
            self._draw_check(option, painter)
        elif element == _Primitive.PE_IndicatorRadioButton:
            self._draw_radio(option, painter)
        elif element in _ARROWS:
            on = bool(option.state & _State.State_Enabled)
            self._draw_icon(painter, option.rect, _ARROWS[element], "text_2" if on else "text_3", 12)
        elif element == _Primitive.PE_IndicatorHeaderArrow and isinstance(option, QStyleOptionHeader):
            # Qt names the mark of an ascending column "down".
            up = option.sortIndicator == QStyleOptionHeader.SortIndicator.SortDown
            # In the margin, clear of a title that stands at the right.
            margin = option.rect.translated(self._px(5), 0)
            self._draw_icon(painter, margin, "caret-up" if up else "caret-down", "text", 9)
        elif element == _Primitive.PE_IndicatorBranch:
            if option.state & _State.State_Children:
                is_open = bool(option.state & _State.State_Open)
                name: IconName = "caret-down" if is_open else "caret-right"
                self._draw_icon(painter, option.rect, name, "text_2", 12)
        elif element == _Primitive.PE_IndicatorMenuCheckMark:
            if option.state & _State.State_On:
                self._draw_icon(painter, option.rect, "check", "accent", 14)
        else:
            super().drawPrimitive(element, option, painter, widget)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw combo and spin boxes as fields with carets."""
        tint: ColourName = "text_2" if option.state & _State.State_Enabled else "text_3"
        if control == _Complex.CC_ComboBox:
            self._draw_field(option, painter, widget)
            arrow = self.subControlRect(control, option, _Sub.SC_ComboBoxArrow, widget)
            self._draw_icon(painter, arrow, "caret-down", tint, 12)
        elif control == _Complex.CC_SpinBox and isinstance(option, QStyleOptionSpinBox):
            self._draw_field(option, painter, widget)
            if option.buttonSymbols != QAbstractSpinBox.ButtonSymbols.NoButtons:
                up = self.subControlRect(control, option, _Sub.SC_SpinBoxUp, widget)
                down = self.subControlRect(control, option, _Sub.SC_SpinBoxDown, widget)
                self._draw_icon(painter, up, "caret-up", tint, 10)
                self._draw_icon(painter, down, "caret-down", tint, 10)
        else:
            super().drawComplexControl(control, option, painter, widget)

    def subControlRect(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        sub_control: QStyle.SubControl,
        widget: QWidget | None = None,
    ) -> QRect:
        """Place text and carets in combo and spin boxes."""
        rect = QRect(option.rect)
        if control == _Complex.CC_ComboBox and sub_control in (
            _Sub.SC_ComboBoxEditField,
            _Sub.SC_ComboBoxArrow,
        ):
            arrow = self._px(_ARROW_WIDTH_PX)
            if sub_control == _Sub.SC_ComboBoxEditField:
                placed = rect.adjusted(self._px(7), 1, -arrow, -1)
            else:
                placed = QRect(rect.right() - arrow + 1, rect.y(), arrow, rect.height())
            return self.visualRect(option.direction, rect, placed)
        if control == _Complex.CC_SpinBox and isinstance(option, QStyleOptionSpinBox):
            bare = option.buttonSymbols == QAbstractSpinBox.ButtonSymbols.NoButtons
            width = 0 if bare else self._px(_SPIN_WIDTH_PX)
            half = rect.height() // 2
            left = rect.right() - width + 1
            match sub_control:
                case _Sub.SC_SpinBoxEditField:
                    placed = rect.adjusted(self._px(7), 1, -max(width, self._px(7)), -1)
                case _Sub.SC_SpinBoxUp:
                    placed = QRect(left, rect.y() + 1, width, half - 1)
                case _Sub.SC_SpinBoxDown:
                    placed = QRect(left, rect.y() + half, width, half - 1)
                case _:
                    placed = rect
            return self.visualRect(option.direction, rect, placed)
        return super().subControlRect(control, option, sub_control, widget)  # type: ignore[arg-type]

    def sizeFromContents(
        self,
        type: QStyle.ContentsType,
        option: QStyleOption,
        size: QSize,
        widget: QWidget | None = None,
    ) -> QSize:
        """Give fields their height and check boxes a target that can be hit."""
        height = self._px(_FIELD_HEIGHT_PX)
        match type:
            case QStyle.ContentsType.CT_ComboBox:
                return QSize(size.width() + self._px(_ARROW_WIDTH_PX + 10), height)
            case QStyle.ContentsType.CT_SpinBox:
                return QSize(size.width() + self._px(_SPIN_WIDTH_PX + 10), height)
            case QStyle.ContentsType.CT_CheckBox | QStyle.ContentsType.CT_RadioButton:
                wanted = super().sizeFromContents(type, option, size, widget)  # type: ignore[arg-type]
                return wanted.expandedTo(QSize(0, self._px(22)))
            case QStyle.ContentsType.CT_ItemViewItem:
                wanted = super().sizeFromContents(type, option, size, widget)  # type: ignore[arg-type]
                return wanted.expandedTo(QSize(0, self._px(24)))
            case _:
                return super().sizeFromContents(type, option, size, widget)  # type: ignore[arg-type]


class EnlargedStyle(TickreelStyle):
    """The same where everything is enlarged: icons inside fields as well.

    A style of its own, since whatever is laid out asks for measures, and Python answers slowly.
    """

    def pixelMetric(
        self,
        metric: QStyle.PixelMetric,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
    ) -> int:
        """Enlarge what Qt measures without the style sheet."""
        if metric is _LINE_EDIT_ICON:
            return self._px(_FIELD_ICON_PX)
        return super().pixelMetric(metric, option, widget)


def _begins_row(view: QAbstractItemView, option: QStyleOptionViewItem) -> bool:
    """Whether a cell is the first of its row that is in view; hidden columns may stand before it."""
    header: QHeaderView | None = None
    if isinstance(view, QTableView):
        header = view.horizontalHeader()
    elif isinstance(view, QTreeView):
        header = view.header()
    column = option.index.column()
    return column == 0 if header is None else header.sectionPosition(column) == 0
