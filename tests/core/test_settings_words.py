"""Every setting has its words, and what is shown of a value can be typed in again."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.settings import (
    SECTIONS,
    SETTINGS,
    EvictionPolicy,
    Kind,
    Setting,
    Settings,
    setting,
    text_of,
    value_of,
    value_of_text,
)
from tickreel.settings.form import Form, form_of

PAGE = files("tickreel_resources").joinpath("docs", "settings.md").read_text(encoding="utf-8")


def named(key: str) -> Setting:
    found = setting(key)
    assert found is not None
    return found


def test_every_setting_has_its_words_and_every_section_its_page() -> None:
    assert {each.name for each in SECTIONS} == set(Settings.__struct_fields__) - {"schema_version"}
    assert len({each.title for each in SECTIONS}) == len(SECTIONS)
    for each in SETTINGS:
        assert each.title, each.key
        assert each.title[-1] not in ".:", each.key
        assert each.explanation.endswith("."), each.key
        form = form_of(each)
        values = {value for value, _ in each.words}
        assert values >= set(form.specials), f"{each.key}: no word for one of {form.specials}"
        assert each.kind is not Kind.CHOICE or form.choices, each.key
    titles = [(each.section, each.title) for each in SETTINGS]
    assert len(set(titles)) == len(titles)


def test_the_form_of_a_setting_is_read_from_its_type() -> None:
    assert form_of(named("appearance.theme")).choices == ("system", "dark", "light")
    assert form_of(named("appearance.scale_percent")) == Form((), (), True, 80, 175)
    assert form_of(named("replay.speed")).specials == ("max",)
    assert form_of(named("store.quota_bytes")) == Form((), (None,), True, 0, None)


@pytest.mark.parametrize("each", SETTINGS, ids=lambda each: each.key)
def test_every_default_is_shown_as_it_is_read(each: Setting) -> None:
    default = value_of(Settings(), each.key)
    assert value_of_text(each, text_of(each, default)) == default


@given(size_bytes=st.integers(min_value=0, max_value=10**17))
def test_a_size_is_shown_exactly_and_read_back(size_bytes: int) -> None:
    quota = named("store.quota_bytes")
    assert value_of_text(quota, text_of(quota, size_bytes)) == size_bytes


@given(speed=st.floats(min_value=1e-3, max_value=1e9))
def test_a_number_is_read_back_to_fifteen_digits(speed: float) -> None:
    known = named("replay.speed")
    assert value_of_text(known, text_of(known, speed)) == pytest.approx(speed, rel=1e-14)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("store.quota_bytes", "2 TB", 2 * 10**12),
        ("store.quota_bytes", "500gb", 5 * 10**11),
        ("store.quota_bytes", "1\u2009.5 GB".replace("\u2009", ""), 15 * 10**8),
        ("store.quota_bytes", "1 GiB", 2**30),
        ("store.quota_bytes", "61 944 207", 61_944_207),
        ("store.quota_bytes", "no limit", None),
        ("store.quota_bytes", "none", None),
        ("store.quota_bytes", "", None),
        ("fetch.bandwidth_bytes_per_s", "10 MB/s", 10**7),
        ("fetch.bandwidth_bytes_per_s", "10 MB", 10**7),
        ("store.trash_days", "1 day", 1),
        ("store.trash_days", "7 days", 7),
        ("store.trash_days", "7", 7),
        ("appearance.scale_percent", "125%", 125),
        ("network.connect_timeout_s", "2.5 s", 2.5),
        ("replay.speed", "MAX", "max"),
        ("replay.speed", "As fast as possible", "max"),
        ("replay.speed", "20", 20.0),
        ("store.eviction", "LRU", EvictionPolicy.LRU),
        ("store.eviction", "least recently used", EvictionPolicy.LRU),
        ("network.ca_file", "/etc/House.pem", "/etc/House.pem"),
    ],
)
def test_a_value_is_read_as_people_write_it(key: str, text: str, value: object) -> None:
    assert value_of_text(named(key), text) == value


@pytest.mark.parametrize(
    ("key", "text", "told"),
    [
        ("store.quota_bytes", "2 T", "write it as 500 GB or 2 TB"),
        ("store.quota_bytes", "-1", "write it as 500 GB or 2 TB"),
        ("store.quota_bytes", "0.3 B", "no whole number of bytes"),
        ("store.trash_days", "99999", "'99999' is not accepted; write a whole number of days, at most 36500"),
        ("store.trash_days", "", "'' is not accepted; write a whole number of days"),
        ("appearance.scale_percent", "300 %", "'300 %' is not accepted; write a whole number from 80 to 175"),
        ("appearance.theme", "pink", "write system, dark or light"),
        ("network.proxy", "http://desk:hunter2@proxy:1", "not kept in a file; set TICKREEL_PROXY"),
        ("network.proxy", "desk:hunter2@proxy:1", "this value is not accepted"),
    ],
)
def test_what_is_not_accepted_is_told_with_what_is(key: str, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        value_of_text(named(key), text)
    assert told in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_password_in_a_url_is_not_shown() -> None:
    proxy = named("network.proxy")
    assert text_of(proxy, "http://desk:p@ss@proxy:3128") == "http://***@proxy:3128"


def settings_table() -> str:
    """Write the table of the page: one row a setting, by section."""
    lines: list[str] = []
    for section in SECTIONS:
        lines += [
            f"## {section.title}",
            "",
            "| key | environment | meaning | accepts | default |",
            "|" + "---|" * 5,
        ]
        for each in SETTINGS:
            if each.section == section.name:
                default = text_of(each, value_of(Settings(), each.key))
                restart = " From the next start on." if each.needs_restart else ""
                lines.append(
                    f"| `{each.key}` | `{each.environment}` | {each.title}. {each.explanation}{restart} "
                    f"| {each.accepts} | {default} |"
                )
        lines.append("")
    return "\n".join(lines)


def test_the_page_of_settings_has_every_setting_as_the_table_has_it() -> None:
    assert settings_table().strip() in PAGE
