"""A page of help as a text document: parsed by Qt, dressed by the theme.

Qt's own markdown parser knows all that the pages use; what it lacks is looks. So its document is
taken and every heading, paragraph, list, table, piece of code and link gets the format of the theme.
Colours are fixed in a document, so that another theme needs another document.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QBrush,
    QFont,
    QFontMetricsF,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextImageFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
)

from tickreel_desktop.help.pages import COPY_SCHEME, link_words, number_anchors
from tickreel_desktop.help.pictures import PictureDocument, fitted
from tickreel_desktop.theme import FontRole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tickreel_desktop.theme import Theme

_MEASURE_CHARACTERS = 84
_SAMPLE = "the quick brown fox jumps over the lazy dog, and what it says is of the usual mix"
_WIDEST_PX = 860
_MARGIN_PX = 24
_INDENT_PX = 20
_LINE_HEIGHT_PERCENT = 140
_CELL_LINE_HEIGHT_PERCENT = 120
_CODE_LINE_HEIGHT_PERCENT = 130
_COPY_WIDTH_PX = 56
_HEADING_ROLES = {1: FontRole.METRIC, 2: FontRole.TITLE}
_SPACE_ABOVE_PX = {1: 0, 2: 24}
_PARAGRAPH_GAP_PX = 8
_ITEM_GAP_PX = 4
_Property = QTextFormat.Property
_HORIZONTAL = Qt.AlignmentFlag.AlignHorizontal_Mask


@dataclass(frozen=True, slots=True)
class PageDocument:
    """Hold a dressed page, where its headings are, and its pieces of code as they are copied."""

    document: QTextDocument
    anchors: dict[str, int] = field(default_factory=dict)
    """Position in the document of each heading, by its anchor."""
    codes: tuple[str, ...] = ()


def make_document(theme: Theme, markdown: str, width_px: int) -> PageDocument:
    """Parse a page and dress it for a width; it is laid out where it is shown."""
    document = PictureDocument(theme.colour("line"))
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(theme.px(_MARGIN_PX))
    document.setDefaultFont(theme.font(FontRole.HEADING, QFont.Weight.Normal))
    document.setIndentWidth(theme.px(_INDENT_PX))
    document.setMarkdown(markdown)
    _mend_first_cells(document)
    dresser = _Dresser(theme, document, _prose_margin_px(theme, width_px))
    dresser.dress_blocks()
    dresser.dress_tables()
    fit_pictures(theme, document, width_px)
    codes = dresser.frame_codes()
    return PageDocument(document, _find_anchors(document), codes)


def widest_px(theme: Theme) -> int:
    """Tell how wide a page gets at most; tables and code use all of it."""
    return theme.px(_WIDEST_PX)


def fit_prose(theme: Theme, document: QTextDocument, width_px: int) -> None:
    """Hold running text to a readable measure in a page that has another width now."""
    margin = QTextBlockFormat()
    margin.setRightMargin(_prose_margin_px(theme, width_px))
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    for block in _blocks(document):
        if _cell_row(block) is not None or _picture(block) is not None:
            continue
        if block.blockFormat().rightMargin() != margin.rightMargin():
            cursor.setPosition(block.position())
            cursor.mergeBlockFormat(margin)
    cursor.endEditBlock()
    fit_pictures(theme, document, width_px)


def fit_pictures(theme: Theme, document: QTextDocument, width_px: int) -> None:
    """Give every picture of a page the size that it has at a width; those of small pages are smaller."""
    room_px = width_px - 2 * theme.px(_MARGIN_PX)
    cursor = QTextCursor(document)
    for block in _blocks(document):
        if (look := _picture(block)) is not None:
            cursor.setPosition(block.position())
            cursor.setPosition(block.position() + 1, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(fitted(theme, look, room_px))


def _prose_margin_px(theme: Theme, width_px: int) -> int:
    metrics = QFontMetricsF(theme.font(FontRole.HEADING, QFont.Weight.Normal))
    measure_px = _MEASURE_CHARACTERS * metrics.horizontalAdvance(_SAMPLE) / len(_SAMPLE)
    return max(0, round(width_px - 2 * theme.px(_MARGIN_PX) - measure_px))


class _Dresser:
    def __init__(self, theme: Theme, document: QTextDocument, prose_margin_px: int) -> None:
        self._theme = theme
        self._document = document
        self._prose_margin_px = prose_margin_px
        self._looks: dict[tuple[FontRole, QFont.Weight | None], QTextCharFormat] = {}
        """How words look that are no link, made once for hundreds of pieces."""

    def dress_blocks(self) -> None:
        """Give all text but code its fonts, colours and spacing."""
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()  # else the document looks through itself after each of a thousand changes
        for block in _blocks(self._document):
            if _is_code(block):
                continue
            if _picture(block) is not None:
                cursor.setPosition(block.position())
                cursor.setBlockFormat(self._picture_format())
                continue
            row = _cell_row(block)
            cursor.setPosition(block.position())
            if block.text():
                cursor.mergeBlockFormat(self._block_format(block, is_cell=row is not None))
            else:
                # The empty line after a table is no paragraph.
                cursor.setBlockFormat(self._block_format(block, is_cell=row is not None))
            for position, length, char_format in self._char_formats(block, row):
                cursor.setPosition(position)
                cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
                cursor.setCharFormat(char_format)
        cursor.endEditBlock()

    def dress_tables(self) -> None:
        """Rule the tables by lines between rows, under a raised head."""
        theme = self._theme
        for table in _tables(self._document):
            look = QTextTableFormat()
            look.setBorderCollapse(True)
            look.setBorder(1)
            look.setBorderBrush(QBrush(theme.colour("line")))
            look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            look.setCellPadding(theme.px(5))
            look.setHeaderRowCount(1)
            look.setTopMargin(theme.px(4))
            look.setBottomMargin(theme.px(12))
            table.setFormat(look)
            for column in range(table.columns()):
                cell = table.cellAt(0, column)
                head = cell.format()
                head.setBackground(theme.colour("raised"))
                cell.setFormat(head)

    def frame_codes(self) -> tuple[str, ...]:
        """Set each piece of code on a raised ground with a link to copy it, and give the pieces."""
        runs = _code_runs(self._document)
        texts = ["\n".join(block.text() for block in run) for run in runs]
        spans = [(run[0].position(), run[-1].position() + run[-1].length() - 1) for run in runs]
        # From the last to the first, so that the earlier positions stay true.
        for number in reversed(range(len(spans))):
            self._frame_code(*spans[number], texts[number], number)
        return tuple(texts)

    def _frame_code(self, start: int, end: int, text: str, number: int) -> None:
        theme = self._theme
        cursor = QTextCursor(self._document)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        look = QTextTableFormat()
        look.setBorder(0)
        look.setCellSpacing(0)
        look.setCellPadding(theme.px(8))
        look.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        look.setColumnWidthConstraints(
            [
                QTextLength(QTextLength.Type.VariableLength, 0),
                QTextLength(QTextLength.Type.FixedLength, theme.px(_COPY_WIDTH_PX)),
            ]
        )
        look.setTopMargin(theme.px(2))
        look.setBottomMargin(theme.px(12))
        cursor.setBlockFormat(_gap_format())
        table = cursor.insertTable(1, 2, look)
        for column in range(2):
            cell = table.cellAt(0, column)
            ground = cell.format()
            ground.setBackground(theme.colour("raised"))
            cell.setFormat(ground)
        code = table.cellAt(0, 0).firstCursorPosition()
        code.setBlockFormat(self._code_block_format())
        code.insertText(text, self._code_format())
        copy = table.cellAt(0, 1).firstCursorPosition()
        right = QTextBlockFormat()
        right.setAlignment(Qt.AlignmentFlag.AlignRight)
        copy.setBlockFormat(right)
        link = self._link_format(QTextCharFormat(), f"{COPY_SCHEME}:{number}")
        link.setFont(theme.font(FontRole.CAPTION, QFont.Weight.Medium))
        copy.insertText("Copy", link)
        cursor.setPosition(table.lastPosition() + 1)
        cursor.setBlockFormat(_gap_format())

    def _block_format(self, block: QTextBlock, *, is_cell: bool) -> QTextBlockFormat:
        px = self._theme.px
        look = QTextBlockFormat()
        level = block.blockFormat().headingLevel()
        percent = _CELL_LINE_HEIGHT_PERCENT if is_cell else _LINE_HEIGHT_PERCENT
        look.setLineHeight(percent, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if not is_cell:
            look.setRightMargin(self._prose_margin_px)
        if level:
            look.setTopMargin(px(_SPACE_ABOVE_PX.get(level, 16)))
            look.setBottomMargin(px(_PARAGRAPH_GAP_PX))
        elif is_cell:
            look.setAlignment(block.blockFormat().alignment() & _HORIZONTAL)
        elif not block.text():
            return _gap_format()
        else:
            look.setTopMargin(0)
            is_between_items = _is_item(block) and _is_item(block.next())
            look.setBottomMargin(px(_ITEM_GAP_PX if is_between_items else _PARAGRAPH_GAP_PX))
        return look

    def _picture_format(self) -> QTextBlockFormat:
        """Make a block as high as its picture, whatever the height of lines, that has all the width."""
        look = QTextBlockFormat()
        look.setTopMargin(self._theme.px(4))
        look.setBottomMargin(self._theme.px(16))
        return look

    def _char_formats(self, block: QTextBlock, row: int | None) -> list[tuple[int, int, QTextCharFormat]]:
        """Dress the pieces of a block, which stands in a *row* of a table, or in none."""
        level = block.blockFormat().headingLevel()
        found: list[tuple[int, int, QTextCharFormat]] = []
        parts = block.begin()
        while not parts.atEnd():
            part = parts.fragment()
            before = part.charFormat()
            if level:
                look = self._look(_HEADING_ROLES.get(level, FontRole.HEADING))
            elif before.fontFixedPitch():
                # Within words a machine's letters are a step larger, so that both look alike.
                look = self._code_format(FontRole.MONO if row is not None else FontRole.BODY)
            else:
                weight = QFont.Weight.Normal
                if before.fontWeight() >= QFont.Weight.DemiBold or row == 0:
                    weight = QFont.Weight.DemiBold
                elif before.fontItalic():
                    weight = QFont.Weight.Medium  # the type of Tickreel has no italics
                look = self._look(FontRole.HEADING if row is None else FontRole.BODY, weight)
            if before.isAnchor():
                look = self._link_format(QTextCharFormat(look), before.anchorHref())
            found.append((part.position(), part.length(), look))
            parts += 1
        return found

    def _look(self, role: FontRole, weight: QFont.Weight | None = None) -> QTextCharFormat:
        look = self._looks.get((role, weight))
        if look is None:
            look = self._looks[role, weight] = QTextCharFormat()
            look.setFont(self._theme.font(role, weight))
            look.setForeground(self._theme.colour("text"))
        return look

    def _code_format(self, size: FontRole = FontRole.MONO) -> QTextCharFormat:
        font = self._theme.font(FontRole.MONO)
        font.setPixelSize(self._theme.font(size).pixelSize())
        look = QTextCharFormat()
        look.setFont(font)
        look.setForeground(self._theme.colour("text"))
        return look

    def _code_block_format(self) -> QTextBlockFormat:
        look = QTextBlockFormat()
        height = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value
        look.setLineHeight(_CODE_LINE_HEIGHT_PERCENT, height)
        return look

    def _link_format(self, look: QTextCharFormat, href: str) -> QTextCharFormat:
        look.setAnchor(True)
        look.setAnchorHref(href)
        look.setToolTip(link_words(href))
        look.setForeground(self._theme.colour("accent"))
        look.setFontUnderline(True)
        return look


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _tables(document: QTextDocument) -> list[QTextTable]:
    return [frame for frame in document.rootFrame().childFrames() if isinstance(frame, QTextTable)]


def _mend_first_cells(document: QTextDocument) -> None:
    """Take away the empty line that Qt puts into the first cell of a table right after code."""
    for table in _tables(document):
        cursor = table.cellAt(0, 0).firstCursorPosition()
        if not cursor.block().text() and cursor.block() != table.cellAt(0, 0).lastCursorPosition().block():
            cursor.deleteChar()


def _is_code(block: QTextBlock) -> bool:
    return block.blockFormat().hasProperty(_Property.BlockCodeLanguage.value)


def _picture(block: QTextBlock) -> QTextImageFormat | None:
    """Give the format of the picture that a block is; pictures stand in blocks of their own."""
    parts = block.begin()
    look = None if parts.atEnd() else parts.fragment().charFormat()
    return look.toImageFormat() if look is not None and look.isImageFormat() else None


def _is_item(block: QTextBlock) -> bool:
    return block.isValid() and block.blockFormat().objectIndex() >= 0  # the list that it belongs to


def _cell_row(block: QTextBlock) -> int | None:
    """Tell in which row of a table a block is; None outside of tables."""
    frame = QTextCursor(block).currentFrame()
    return frame.cellAt(block.position()).row() if isinstance(frame, QTextTable) else None


def _code_runs(document: QTextDocument) -> list[list[QTextBlock]]:
    """Give the blocks of each piece of code; Qt makes one of every line, and names its language."""
    runs: list[list[QTextBlock]] = []
    was_code = False
    for block in _blocks(document):
        is_code = _is_code(block)
        if is_code and was_code:
            runs[-1].append(block)
        elif is_code:
            runs.append([block])
        was_code = is_code
    return runs


def _gap_format() -> QTextBlockFormat:
    """Make the empty line that Qt needs beside a table as low as it can be."""
    look = QTextBlockFormat()
    look.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
    return look


def _find_anchors(document: QTextDocument) -> dict[str, int]:
    headings = [block for block in _blocks(document) if block.blockFormat().headingLevel()]
    anchors = number_anchors(block.text() for block in headings)
    return {anchor: block.position() for anchor, block in zip(anchors, headings, strict=True)}
