"""The small widgets that every screen of Tickreel is made of.

Each is given the theme first, has an accessible name, and knows nothing of the market.
"""

from tickreel_desktop.components.banner import Banner, BannerKind
from tickreel_desktop.components.buttons import ButtonKind, WordedButton, action_button, button, tool_button
from tickreel_desktop.components.chip import Chip
from tickreel_desktop.components.command_line import CommandLine
from tickreel_desktop.components.dock_title import DockTitle
from tickreel_desktop.components.elided_label import ElidedLabel
from tickreel_desktop.components.empty_state import EmptyState
from tickreel_desktop.components.flow import FlowLayout
from tickreel_desktop.components.icon_label import IconLabel
from tickreel_desktop.components.key_cap import KeyCap, key_caps_width_px, key_names, paint_key_caps
from tickreel_desktop.components.key_values import KeyValues
from tickreel_desktop.components.labels import label
from tickreel_desktop.components.progress_bar import BarState, ProgressBar
from tickreel_desktop.components.rail import Rail
from tickreel_desktop.components.row_delegate import RowDelegate
from tickreel_desktop.components.row_table import RowTable
from tickreel_desktop.components.segments import Segment, Segments
from tickreel_desktop.components.sheet import open_over, open_soon
from tickreel_desktop.components.status_item import StatusItem
from tickreel_desktop.components.still import Still
from tickreel_desktop.components.tag import Tag
from tickreel_desktop.components.toast import KeptMessage, Message, MessageAction, ToastHost, ToastKind
from tickreel_desktop.components.tone import Tone

__all__ = [
    "Banner",
    "BannerKind",
    "BarState",
    "ButtonKind",
    "Chip",
    "CommandLine",
    "DockTitle",
    "ElidedLabel",
    "EmptyState",
    "FlowLayout",
    "IconLabel",
    "KeptMessage",
    "KeyCap",
    "KeyValues",
    "Message",
    "MessageAction",
    "ProgressBar",
    "Rail",
    "RowDelegate",
    "RowTable",
    "Segment",
    "Segments",
    "StatusItem",
    "Still",
    "Tag",
    "ToastHost",
    "ToastKind",
    "Tone",
    "WordedButton",
    "action_button",
    "button",
    "key_caps_width_px",
    "key_names",
    "label",
    "open_over",
    "open_soon",
    "paint_key_caps",
    "tool_button",
]
