"""What this window has for the palette: commands, datasets and moments, layouts, links."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from tickreel.market.units import format_full
from tickreel.replay import spell_plan
from tickreel_desktop.palette import Candidate, Provider
from tickreel_desktop.replay.naming import spell_symbols

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tickreel.replay.places import Place
    from tickreel_desktop.actions import Actions, Doing
    from tickreel_desktop.data import DatasetRow
    from tickreel_desktop.frame.layout_control import LayoutControl
    from tickreel_desktop.replay.setup_control import SetupControl

_MOST_DATASETS = 200
"""Datasets that are matched letter by letter; who types on sees those that are left."""


def commands(actions: Actions) -> Provider:
    """Offer every action of the table."""

    def offer(_text: str) -> Iterable[Candidate]:
        for doing in actions.doings():
            if doing.spec.is_listed and doing.is_offered:
                yield _candidate(actions, doing)

    return Provider("Commands", ">", "commands", offer, is_offered_untyped=True)


def _candidate(actions: Actions, doing: Doing) -> Candidate:
    spec = doing.spec
    return Candidate(
        id=spec.id,
        title=spec.name,
        detail=spec.menu,
        run=actions[spec.id].trigger,
        icon=spec.icon or "caret-right",
        keys=actions.keys(spec.id),
        words=f"{spec.tip} {spec.words}",
        command=doing.command,
        reason="" if doing.is_possible else doing.reason or "not possible now",
    )


def places(find: Callable[[str], Iterable[Place]], go_to: Callable[[Place], object]) -> Provider:
    """Offer symbols and moments: ``btcusdt 19 jul 2024 00:03``, a time of the open replay, a link."""

    def offer(text: str) -> Iterable[Candidate]:
        for place in find(text) if text else ():
            detail = "in this replay" if place.is_open else "replay"
            yield Candidate(
                id=f"place {place.words}",
                title=place.words,
                detail=detail if place.is_held else "not held",
                run=partial(go_to, place),
                icon="clock" if place.at_us is not None else "play-circle",
                command=place.link.text(),
                is_found=True,
            )

    return Provider("Replays and moments", ":", "time", offer)


def setups(control: SetupControl) -> Provider:
    """Offer the set-ups of replays that were kept; choosing one plays it."""

    def offer(_text: str) -> Iterable[Candidate]:
        for name in control.saved.names:
            plan = control.saved.plan(name)
            if plan is not None:
                yield Candidate(
                    id=f"set-up {name}",
                    title=f"Replay: {name}",
                    detail=spell_symbols(plan.symbols),
                    run=partial(control.open_saved, name),
                    icon="play-circle",
                    words="saved set-up play",
                    command=spell_plan(plan),
                )

    return Provider("Saved replays", "", "", offer)


def links(follow: Callable[[str], object]) -> Provider:
    """Offer to follow a link that was pasted, whatever it leads to."""

    def offer(text: str) -> Iterable[Candidate]:
        if text.startswith("tickreel://") and not text.startswith("tickreel://replay/"):
            yield Candidate("link", text, "link", partial(follow, text), "link", is_found=True)

    return Provider("Links", "", "", offer)


def datasets(
    rows: Callable[[], Sequence[DatasetRow]],
    show: Callable[[DatasetRow], object],
) -> Provider:
    """Offer every dataset that is held; choosing one shows it in the Data workspace.

    There may be thousands: their titles are made once for the rows that are held, and only the first
    that have all typed words go on to be matched.
    """
    held: Sequence[DatasetRow] | None = None
    titled: list[tuple[str, str, DatasetRow]] = []

    def offer(text: str) -> Iterable[Candidate]:
        nonlocal held
        if rows() is not held:
            held = rows()
            titles = (f"{row.key.exchange} {row.key.symbol} {row.key.type}" for row in held)
            titled[:] = [(title.casefold(), title, row) for title, row in zip(titles, held, strict=True)]
        words = text.casefold().split()
        fitting = (each for each in titled if words and all(word in each[0] for word in words))
        for _, title, row in islice(fitting, _MOST_DATASETS):
            days = "1 day" if row.held_days == 1 else f"{format_full(row.held_days)} days"
            yield Candidate(f"dataset {row.key}", title, days, partial(show, row), "database")

    return Provider("Datasets", "@", "datasets", offer)


def layouts(control: LayoutControl) -> Provider:
    """Offer the layouts of the workspace in front."""

    def offer(_text: str) -> Iterable[Candidate]:
        for name in control.names():
            yield Candidate(
                id=f"layout {name}",
                title=f"Layout: {name}",
                detail="Window",
                run=partial(control.choose, name),
                icon="columns",
                words="panels arrange",
            )

    return Provider("Layouts", "", "", offer)
