"""Messages of the core as they are shown: it spells them for the middle of a line, and for a terminal."""

from __future__ import annotations

_ENDS = (".", "?", "!")


def capital(text: str) -> str:
    """Begin with a capital, unless the first word has to be spelled as it is: a path, an id, a command."""
    first = text.split(maxsplit=1)[0].rstrip(":,") if text.strip() else ""
    return f"{text[:1].upper()}{text[1:]}" if first.isalpha() and first.islower() else text


def sentence(text: str) -> str:
    """Make a sentence, without the marks that set off commands on a terminal."""
    text = capital(text.replace("`", ""))
    return text if text.endswith(_ENDS) else f"{text}."
