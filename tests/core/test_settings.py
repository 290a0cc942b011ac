"""Each value comes from the highest place that names it, and no user's file stops the start."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickreel.errors import EnvironmentProblem, UsageError
from tickreel.settings import (
    SETTINGS,
    EvictionPolicy,
    LoadedSettings,
    LogLevel,
    Origin,
    Settings,
    Source,
    Theme,
    Tiers,
    home_dir,
    load,
    machine_policy_path,
    save,
    settings_path,
)
from tickreel.settings.tree import value_of


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _load(home: Path, policy: Path, **environ: str) -> LoadedSettings:
    return load(home, environ=environ, policy_path=policy)


def test_without_any_file_everything_has_its_default(home: Path, policy: Path) -> None:
    loaded = _load(home, policy)
    assert loaded.values == Settings()
    assert loaded.problems == ()
    assert {loaded.origin(each.key) for each in SETTINGS} == {Origin(Source.DEFAULT)}
    assert not home.exists()


def test_file_environment_flag_and_policy_stand_in_this_order(home: Path, policy: Path) -> None:
    key = "appearance.theme"

    def loaded(flag: str | None = None, **environ: str) -> tuple[Theme, Origin]:
        found = load(home, environ=environ, flags={key: flag}, policy_path=policy)
        return found.values.appearance.theme, found.origin(key)

    assert loaded() == (Theme.SYSTEM, Origin(Source.DEFAULT))
    _write(settings_path(home), '[appearance]\ntheme = "dark"\n')
    assert loaded() == (Theme.DARK, Origin(Source.FILE, str(settings_path(home))))
    variable = {"TICKREEL_THEME": "light"}
    assert loaded(**variable) == (Theme.LIGHT, Origin(Source.ENVIRONMENT, "TICKREEL_THEME"))
    assert loaded("dark", **variable) == (Theme.DARK, Origin(Source.FLAG))
    _write(policy, '[appearance]\ntheme = "system"\n')
    assert loaded("dark", **variable) == (Theme.SYSTEM, Origin(Source.POLICY, str(policy)))


def test_every_setting_can_come_from_its_environment_variable(home: Path, policy: Path) -> None:
    spelled = {
        "TICKREEL_THEME": "dark",
        "TICKREEL_SCALE": "125",
        "TICKREEL_TIME_ZONE": "Asia/Kolkata",
        "TICKREEL_REDUCE_MOTION": "true",
        "TICKREEL_SPEED": "2.5",
        "TICKREEL_LOG_LEVEL": "debug",
        "TICKREEL_QUOTA_BYTES": "5000000000",
        "TICKREEL_EVICTION": "largest",
        "TICKREEL_TTL_DAYS": "90",
        "TICKREEL_TRASH_DAYS": "7",
        "TICKREEL_KEEP_FREE_BYTES": "0",
        "TICKREEL_TARDIS_API_URL": "http://127.0.0.1:1/v1",
        "TICKREEL_TARDIS_DATASETS_URL": "https://mirror.example/v1",
        "TICKREEL_TARDIS_MACHINE_URL": "http://machine:8000",
        "TICKREEL_PROXY": "http://desk:p@ss:word@proxy:3128",
        "TICKREEL_CA_FILE": "~/house.pem",
        "TICKREEL_CONNECT_TIMEOUT_S": "2.5",
        "TICKREEL_SILENCE_TIMEOUT_S": "90",
        "TICKREEL_FETCH_CONCURRENCY": "60",
        "TICKREEL_FETCH_BANDWIDTH": "1000000",
        "TICKREEL_REDIS_URL": "rediss://desk:p@ss@a:1,b:2",
        "TICKREEL_TIERS": "local + shared",
        "TICKREEL_REDIS_USERNAME": "desk",
        "TICKREEL_REDIS_CA_FILE": "~/redis.pem",
        "TICKREEL_REDIS_REPLICAS": "true",
        "TICKREEL_REDIS_POOL": "7",
        "TICKREEL_REDIS_CONNECT_TIMEOUT_S": "1.5",
        "TICKREEL_REDIS_TIMEOUT_S": "4",
        "TICKREEL_REDIS_TTL_S": "3600",
        "TICKREEL_REDIS_COMPRESS_FROM": "512",
        "TICKREEL_REDIS_FAILURES": "3",
        "TICKREEL_REDIS_RECOVERY_S": "10",
        "TICKREEL_BACKTEST_MEMORY": "2000000000",
        "TICKREEL_BACKTEST_STALL_S": "90",
        "TICKREEL_BACKTEST_WORKERS": "3",
        "TICKREEL_BACKTEST_EDITOR": "code -g {file}:{line}",
        "TICKREEL_LLM_BASE_URL": "http://127.0.0.1:2/v1",
        "TICKREEL_LLM_MODEL": "gpt-4.1",
        "TICKREEL_LLM_ALLOWED_HOSTS": "127.0.0.1:2",
        "TICKREEL_LLM_CAP_CALL_USD": "0.01",
        "TICKREEL_LLM_CAP_SESSION_USD": "0.1",
        "TICKREEL_LLM_CAP_DAY_USD": "1",
        "TICKREEL_LLM_ANSWER_TOKENS": "500",
        "TICKREEL_LLM_CONCURRENCY": "2",
        "TICKREEL_LLM_CALLS_PER_MINUTE": "30",
        "TICKREEL_UPDATES_CHECK": "true",
        "TICKREEL_UPDATES_URL": "https://updates.desk.example/newest.json",
    }
    assert {each.environment for each in SETTINGS} == set(spelled)
    loaded = _load(home, policy, **spelled)
    values = [value_of(loaded.values, each.key) for each in SETTINGS]
    looks = [Theme.DARK, 125, "Asia/Kolkata", True, 2.5, LogLevel.DEBUG]
    servers = ["http://127.0.0.1:1/v1", "https://mirror.example/v1", "http://machine:8000"]
    ways = ["http://desk:p@ss:word@proxy:3128", "~/house.pem", 2.5, 90.0]
    kept = [5_000_000_000, EvictionPolicy.LARGEST, 90, 7, 0]
    models = ["http://127.0.0.1:2/v1", "gpt-4.1", "127.0.0.1:2", 0.01, 0.1, 1.0, 500, 2, 30]
    shared = ["rediss://desk:p@ss@a:1,b:2", Tiers.LOCAL_AND_SHARED, "desk", "~/redis.pem", True, 7, 1.5, 4.0]
    shared += [3_600, 512, 3, 10.0]
    runs = [2_000_000_000, 90.0, 3, "code -g {file}:{line}"]
    assert values == [
        *looks,
        *kept,
        *servers,
        *ways,
        60,
        1_000_000,
        *shared,
        *runs,
        *models,
        True,
        "https://updates.desk.example/newest.json",
    ]
    assert _load(home, policy, TICKREEL_SPEED="max").values.replay.speed == "max"
    assert _load(home, policy, TICKREEL_THEME="").origin("appearance.theme").source is Source.DEFAULT


def test_the_table_names_exactly_the_leaves_of_the_tree() -> None:
    tree = Settings()
    leaves = [
        f"{section}.{name}"
        for section in Settings.__struct_fields__
        if section != "schema_version"
        for name in type(getattr(tree, section)).__struct_fields__
    ]
    assert [each.key for each in SETTINGS] == leaves
    for each in SETTINGS:
        assert each.read(value_of(tree, each.key)) == value_of(tree, each.key)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("scale_percent = 79", "whole number from 80 to 175"),
        ("scale_percent = 176", "whole number from 80 to 175"),
        ("scale_percent = 100.5", "whole number from 80 to 175"),
        ('scale_percent = "100"', "whole number from 80 to 175"),
        ("scale_percent = true", "whole number from 80 to 175"),
        ('colour = "red"', "appearance.colour is not a setting"),
    ],
)
def test_what_is_wrong_in_the_users_file_is_told_and_the_rest_is_kept(
    home: Path, policy: Path, line: str, told: str
) -> None:
    _write(settings_path(home), f'[appearance]\n{line}\ntheme = "dark"\n[logs]\nlevel = "error"\n')
    loaded = _load(home, policy)
    assert loaded.values.appearance.theme is Theme.DARK
    assert loaded.values.appearance.scale_percent == 100
    assert loaded.values.logs.level is LogLevel.ERROR
    (problem,) = loaded.problems
    assert told in problem
    assert str(settings_path(home)) in problem


def test_a_time_zone_is_taken_by_its_name_in_any_letters(home: Path, policy: Path) -> None:
    def zone(text: str) -> str:
        return _load(home, policy, TICKREEL_TIME_ZONE=text).values.appearance.time_zone

    assert zone("") == "UTC"
    assert [zone(text) for text in ("utc", "System", "asia/kolkata", "America/Argentina/Salta")] == [
        *("UTC", "system", "Asia/Kolkata"),
        "America/Argentina/Salta",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("London", "'London' is not a time zone; write Europe/London"),
        ("new york", "write America/New_York"),
        ("Europe/Lundon", "write Europe/London"),
        ("Europe", "is not a time zone"),
        ("../../etc/passwd", "is not a time zone; write UTC, system, or a name such as Europe/London"),
    ],
)
def test_a_time_zone_that_is_none_is_refused_with_those_that_may_be_meant(
    home: Path, policy: Path, text: str, told: str
) -> None:
    with pytest.raises(UsageError, match="TICKREEL_TIME_ZONE") as caught:
        _load(home, policy, TICKREEL_TIME_ZONE=text)
    assert told in str(caught.value)
    _write(settings_path(home), f"[appearance]\ntime_zone = '{text}'\n")
    loaded = _load(home, policy)
    assert loaded.values.appearance.time_zone == "UTC"
    assert told in loaded.problems[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [("5000000000", 5_000_000_000), ("5e9", 5_000_000_000), ("30.0", 30), ("0", 0)],
)
def test_a_whole_number_of_the_environment_may_be_spelled_as_people_do(
    home: Path, policy: Path, text: str, value: int
) -> None:
    found = _load(home, policy, TICKREEL_QUOTA_BYTES=text).values.store.quota_bytes
    assert (found, type(found)) == (value, int)


@pytest.mark.parametrize("text", ["1.5", "-1", "inf", "nan", "5 GB", "true", "0x10"])
def test_a_word_of_the_environment_that_is_no_whole_number_is_refused(
    home: Path, policy: Path, text: str
) -> None:
    with pytest.raises(UsageError, match=r"TICKREEL_QUOTA_BYTES.*a whole number of bytes"):
        _load(home, policy, TICKREEL_QUOTA_BYTES=text)


@pytest.mark.parametrize(
    "line",
    [
        "quota_bytes = -1",
        "quota_bytes = true",
        "quota_bytes = '5'",
        'eviction = "random"',
        "trash_days = -1",
        "ttl_days = 1.5",
        "trash_days = 1e9",
    ],
)
def test_a_limit_of_the_store_that_makes_no_sense_is_told_and_its_default_holds(
    home: Path, policy: Path, line: str
) -> None:
    _write(settings_path(home), f"[store]\n{line}\n")
    loaded = _load(home, policy)
    assert loaded.values == Settings()
    assert f"store.{line.split()[0]}" in loaded.problems[0]


@pytest.mark.parametrize(
    "line",
    [
        'tardis.api_url = "api.tardis.dev/v1"',
        'tardis.api_url = "ftp://api.tardis.dev/v1"',
        'tardis.datasets_url = "https://datasets.tardis.dev/v1?a=b"',
        'tardis.machine_url = "http://"',
        'network.proxy = "socks5://proxy:1080"',
        'network.proxy = ""',
        'network.ca_file = ""',
        "network.connect_timeout_s = 0",
        "network.silence_timeout_s = inf",
        "fetch.concurrency = 0",
        "fetch.concurrency = 61",
        "fetch.bandwidth_bytes_per_s = 0",
    ],
)
def test_a_way_to_the_vendor_that_makes_no_sense_is_told_and_its_default_holds(
    home: Path, policy: Path, line: str
) -> None:
    _write(settings_path(home), f"{line}\n")
    loaded = _load(home, policy)
    assert loaded.values == Settings()
    assert f"{line.split()[0]}: " in loaded.problems[0]


_URLS_WITH_SECRETS = [
    ("tardis.api_url", "https://desk:hunter2@api.tardis.dev/v1"),
    ("tardis.machine_url", "http://hunter2@machine:8000"),
    ("network.proxy", "http://desk:hunter2@proxy:3128"),
    ("network.proxy", "http://hunter2@proxy:3128"),
    ("network.proxy", "desk:hunter2@proxy:3128"),
]


@pytest.mark.parametrize(("key", "url"), _URLS_WITH_SECRETS)
def test_a_url_with_a_secret_is_refused_in_a_file_and_not_repeated(
    home: Path, policy: Path, key: str, url: str
) -> None:
    _write(settings_path(home), f"{key} = '{url}'\n")
    loaded = _load(home, policy)
    assert loaded.values == Settings()
    assert f"{key}: " in loaded.problems[0]
    assert "hunter2" not in str(loaded.problems)
    with pytest.raises(UsageError) as caught:
        save(home, {key: url}, policy_path=policy)
    assert "hunter2" not in str(caught.value)
    _write(policy, f"{key} = '{url}'\n")
    with pytest.raises(EnvironmentProblem) as stopped:
        _load(home, policy)
    assert "hunter2" not in str(stopped.value)


@pytest.mark.parametrize(
    ("variable", "url"),
    [
        ("TICKREEL_TARDIS_API_URL", "https://desk:hunter2@api.tardis.dev/v1"),
        ("TICKREEL_PROXY", "desk:hunter2@proxy:3128"),
    ],
)
def test_a_bad_url_of_the_environment_is_refused_and_not_repeated(
    home: Path, policy: Path, variable: str, url: str
) -> None:
    with pytest.raises(UsageError, match=variable) as caught:
        _load(home, policy, **{variable: url})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("speed", ["0", "0.0009", "-1", "inf", "nan", '"fast"', "true", "[1]", "{ a = 1 }"])
def test_a_speed_is_a_number_above_zero_or_max(home: Path, policy: Path, speed: str) -> None:
    _write(settings_path(home), f"[replay]\nspeed = {speed}\n")
    loaded = _load(home, policy)
    assert loaded.values.replay.speed == 1
    assert "a number from 0.001 to 1e9, or max" in loaded.problems[0]


@pytest.mark.parametrize(
    "text", ["theme = 'dark'", "appearance = 3", "[unknown]\nx = 1", "[[appearance]]\na=1"]
)
def test_any_shape_of_toml_leaves_the_defaults_and_a_problem(home: Path, policy: Path, text: str) -> None:
    _write(settings_path(home), text)
    loaded = _load(home, policy)
    assert loaded.values == Settings()
    assert len(loaded.problems) == 1


@given(content=st.binary(max_size=80))
def test_no_content_of_the_users_file_stops_the_start(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    home = tmp_path_factory.mktemp("home")
    settings_path(home).write_bytes(content)
    load(home, environ={}, policy_path=home / "none")


@pytest.mark.parametrize("content", [b"[logs]\ntheme = # 1", b"[logs]\nlevel = '\xff'"])
def test_a_file_that_is_no_toml_stays_where_it_is_and_is_told_with_its_line(
    home: Path, policy: Path, content: bytes
) -> None:
    home.mkdir(exist_ok=True)
    settings_path(home).write_bytes(content)
    loaded = _load(home, policy)
    (problem,) = loaded.problems
    assert problem.startswith(f"{settings_path(home)} is not TOML: ")
    assert "at line 2" in problem
    with pytest.raises(EnvironmentProblem, match="correct it, or remove the file"):
        loaded.demand("network")
    with pytest.raises(UsageError, match="is not TOML"):
        save(home, {"logs.level": "info"}, policy_path=policy)
    assert settings_path(home).read_bytes() == content


def test_a_file_of_a_newer_tickreel_is_used_as_far_as_it_is_understood(home: Path, policy: Path) -> None:
    _write(settings_path(home), 'schema_version = 99\n[appearance]\ntheme = "dark"\n')
    loaded = _load(home, policy)
    assert loaded.values.appearance.theme is Theme.DARK
    assert "schema_version 99" in loaded.problems[0]


def test_a_bad_variable_or_flag_is_refused_by_its_name(home: Path, policy: Path) -> None:
    with pytest.raises(UsageError, match=r"TICKREEL_SCALE.*whole number from 80 to 175"):
        _load(home, policy, TICKREEL_SCALE="large")
    with pytest.raises(UsageError, match=r"appearance\.theme.*system, dark or light"):
        load(home, environ={}, flags={"appearance.theme": "pink"}, policy_path=policy)


@pytest.mark.parametrize(
    "text", ["not toml", "[appearance]\ntheme = 'pink'", "[appearance]\ncolour = 1", "a = 1"]
)
def test_a_bad_policy_stops_the_start_and_names_its_file(home: Path, policy: Path, text: str) -> None:
    _write(policy, text)
    with pytest.raises(EnvironmentProblem, match=r"policy\.toml"):
        _load(home, policy)


def test_a_policy_may_say_why_for_all_or_for_a_table(home: Path, policy: Path) -> None:
    _write(
        policy,
        'reason = "house rule"\n[store]\nreason = """desk storage,\n ask infra"""\nquota_bytes = 5\n'
        '[logs]\nlevel = "info"\n',
    )
    loaded = _load(home, policy)
    assert loaded.reasons == {"store.quota_bytes": "desk storage, ask infra", "logs.level": "house rule"}
    assert not {each.name for each in SETTINGS} & {"reason"}
    _write(policy, "[store]\nreason = 3\n")
    with pytest.raises(EnvironmentProblem, match=r"store\.reason is 3"):
        _load(home, policy)


def test_the_users_own_value_is_known_under_whatever_stands_above_it(home: Path, policy: Path) -> None:
    _write(settings_path(home), "[appearance]\ntheme = 'dark'\n[logs]\nlevel = 'loud'\n")
    _write(policy, "[appearance]\ntheme = 'light'\n")
    loaded = _load(home, policy, TICKREEL_THEME="system")
    assert loaded.values.appearance.theme is Theme.LIGHT
    assert loaded.own == {"appearance.theme": Theme.DARK}
    assert loaded.reasons == {}


def test_a_policy_that_cannot_be_read_stops_the_start(home: Path, policy: Path) -> None:
    policy.mkdir()
    with pytest.raises(EnvironmentProblem, match="cannot be read"):
        _load(home, policy)


def test_saving_changes_only_the_lines_that_are_meant(home: Path, policy: Path) -> None:
    old = (
        "# mine\nschema_version = 1\n\n[appearance]  # looks\ntheme = 'dark' # at night\n"
        "\n[future]\nkey = [1, 2]\n\n[logs]\nlevel = 'info'\n"
    )
    _write(settings_path(home), old)
    changes = {"appearance.theme": "light", "appearance.scale_percent": 120, "replay.speed": "max"}
    save(home, changes, policy_path=policy)
    assert settings_path(home).read_text(encoding="utf-8") == (
        '# mine\nschema_version = 1\n\n[appearance]  # looks\nscale_percent = 120\ntheme = "light"\n'
        "\n[future]\nkey = [1, 2]\n\n[logs]\nlevel = 'info'\n\n[replay]\nspeed = \"max\"\n"
    )
    loaded = _load(home, policy)
    assert loaded.values.appearance.scale_percent == 120
    assert loaded.values.replay.speed == "max"
    assert [path.name for path in home.iterdir()] == ["settings.toml"]


def test_saving_into_a_new_home_writes_a_file_that_reads_back(home: Path, policy: Path) -> None:
    save(home, {"replay.speed": 100, "logs.level": LogLevel.DEBUG}, policy_path=policy)
    loaded = _load(home, policy)
    assert (loaded.values.replay.speed, loaded.values.logs.level) == (100.0, LogLevel.DEBUG)
    assert loaded.problems == ()


def test_saving_nothing_for_a_key_gives_its_default_back(home: Path, policy: Path) -> None:
    save(home, {"appearance.theme": "dark"}, policy_path=policy)
    save(home, {"appearance.theme": None, "logs.level": None}, policy_path=policy)
    loaded = _load(home, policy)
    assert loaded.values == Settings()
    assert loaded.origin("appearance.theme").source is Source.DEFAULT


def test_a_locked_key_is_not_saved_and_the_policy_is_named(home: Path, policy: Path) -> None:
    _write(policy, '[appearance]\ntheme = "light"\n')
    assert _load(home, policy).is_locked("appearance.theme")
    assert not _load(home, policy).is_locked("logs.level")
    with pytest.raises(UsageError, match=r"appearance\.theme is locked by the policy file .*policy\.toml"):
        save(home, {"logs.level": "debug", "appearance.theme": "dark"}, policy_path=policy)
    _write(policy, '[appearance]\ntheme = "light"\nreason = "as on all screens"\n')
    with pytest.raises(UsageError, match=r"policy\.toml \(as on all screens\); ask"):
        save(home, {"appearance.theme": "dark"}, policy_path=policy)
    assert not settings_path(home).exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"appearance.colour": "red"}, "not a setting"),
        ({"appearance.scale_percent": 300}, "80 to 175"),
        ({"appearance.theme": "pink"}, "system, dark or light"),
    ],
)
def test_what_is_not_accepted_is_not_saved(
    home: Path, policy: Path, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        save(home, changes, policy_path=policy)
    assert not settings_path(home).exists()


@pytest.mark.parametrize(
    "text",
    [
        "appearance.theme = 'dark'\n",
        "appearance = { theme = 'dark' }\n",
        'note = """\n[appearance]\ntheme = 1\n"""\n',
    ],
)
def test_a_file_in_a_form_that_cannot_be_changed_by_line_stays_as_it_is(
    home: Path, policy: Path, text: str
) -> None:
    _write(settings_path(home), text)
    with pytest.raises(UsageError, match="edit it by hand"):
        save(home, {"appearance.theme": "light"}, policy_path=policy)
    assert settings_path(home).read_text(encoding="utf-8") == text


def test_a_home_that_cannot_be_written_is_told(home: Path, policy: Path) -> None:
    home.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        save(home, {"appearance.theme": "dark"}, policy_path=policy)


def test_the_home_is_the_flag_else_the_variable_else_the_systems_place(tmp_path: Path) -> None:
    variable = {"TICKREEL_HOME": str(tmp_path / "variable")}
    assert home_dir(variable, tmp_path / "flag") == tmp_path / "flag"
    assert home_dir(variable) == tmp_path / "variable"
    assert home_dir({}).name == "tickreel"
    assert home_dir({"TICKREEL_HOME": ""}) == home_dir({})
    assert home_dir({"TICKREEL_HOME": "~/ticks"}) == Path.home() / "ticks"
    assert home_dir({"TICKREEL_HOME": "ticks"}) == Path.cwd() / "ticks"


def test_a_policy_keeps_the_home_where_it_says_for_each_user(tmp_path: Path, policy: Path) -> None:
    place = tmp_path / "desk" / getpass.getuser() / "tickreel"
    _write(policy, f'home = "{tmp_path}/desk/{{user}}/tickreel"\n[logs]\nlevel = "debug"\n')
    assert home_dir({}, policy_path=policy) == place
    assert home_dir({"TICKREEL_HOME": str(place)}, place, policy_path=policy) == place
    with pytest.raises(UsageError, match=r"keeps the home at .*leave --home out"):
        home_dir({}, tmp_path / "own", policy_path=policy)
    with pytest.raises(UsageError, match=r"policy\.toml keeps the home at .*leave TICKREEL_HOME out"):
        home_dir({"TICKREEL_HOME": "/own"}, policy_path=policy)
    loaded = _load(place, policy)
    assert loaded.values.logs.level is LogLevel.DEBUG, "the rest of the policy holds as ever"
    assert loaded.problems == ()


@pytest.mark.parametrize("written", ['"desk/home"', "7", '["/a"]', '""'])
def test_a_home_of_a_policy_that_is_no_full_path_stops_the_start(policy: Path, written: str) -> None:
    _write(policy, f"home = {written}\n")
    with pytest.raises(EnvironmentProblem, match="must be the full path of a folder"):
        home_dir({}, policy_path=policy)


def test_each_system_has_its_place_for_the_policy() -> None:
    assert machine_policy_path({}, "linux") == Path("/etc/tickreel/policy.toml")
    assert machine_policy_path({}, "darwin") == Path("/Library/Application Support/Tickreel/policy.toml")
    windows = machine_policy_path({"ProgramData": os.path.join("D:", "Data")}, "win32")
    assert windows == Path(os.path.join("D:", "Data")) / "Tickreel" / "policy.toml"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read anything")
def test_a_users_file_that_may_not_be_read_is_told_and_left_alone(home: Path, policy: Path) -> None:
    _write(settings_path(home), "")
    settings_path(home).chmod(0)
    assert "cannot be read" in _load(home, policy).problems[0]
    assert settings_path(home).exists()
