"""Kernels are compiled once, by whichever process comes first, and from then on only loaded."""

from __future__ import annotations

import ast
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

import tickreel
from tickreel.doctor import Status, examine
from tickreel.errors import EnvironmentProblem
from tickreel.kernels import KernelCache, KernelModule, kernel_modules, missing_modules, njit

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.long

ROOT = Path(tickreel.__file__).parent
KEEPS_THE_LOCK = {"tickreel.store.segments.stream_kernels"}
SMALL = "tickreel.store.textkernels"
"""The module whose kernels compile fastest."""

KERNELS = """
from numba import types
from tickreel.kernels import njit

@njit([types.int64(types.int64), types.float64(types.float64)], cache=True, nogil=True)
def twice(value):
    return value + value

@njit(types.int64(types.int64), cache=True, nogil=True)
def next_of(value):
    return value + 1
"""
COMPILED_TIMES = 3
KEPT_FILES = 5
"""An index for each kernel, and the code of each signature."""

START = """
import importlib, json, logging, sys
from numba.core import event

class Compiler(event.Listener):
    times = 0
    def on_start(self, event): self.times += 1
    def on_end(self, event): pass

compiler = Compiler()
event.register("numba:compile", compiler)
logging.basicConfig(level=logging.WARNING, format="%(message)s")
{before}
print("ready", flush=True)
sys.stdin.readline()
kernels = importlib.import_module(sys.argv[1])
answers = [kernels.twice(3), kernels.twice(0.25), kernels.next_of(3)] if hasattr(kernels, "twice") else []
print(json.dumps({{"compiled": compiler.times, "answers": answers}}))
"""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a module of kernels."""
    made = tmp_path_factory.mktemp("sources")
    (made / "small.py").write_text(KERNELS, encoding="utf-8")
    return made


@pytest.fixture
def cache(tmp_path: Path, sources: Path, monkeypatch: pytest.MonkeyPatch) -> KernelCache:
    """Give a cache that is empty, for this process and those that it starts."""
    tmp_path.chmod(0o700)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(sources), os.environ.get("PYTHONPATH", "")]))
    return KernelCache.of_user()


@pytest.fixture(scope="module")
def filled_once(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill a cache with the kernels of the small module."""
    folder = tmp_path_factory.mktemp("filled") / "numba"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NUMBA_CACHE_DIR", str(folder))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(sources), os.environ.get("PYTHONPATH", "")]))
        run()
    return folder


@pytest.fixture
def filled(filled_once: Path, cache: KernelCache, tmp_path: Path) -> KernelCache:
    """Give a cache that holds the kernels of the small module."""
    shutil.copytree(filled_once, tmp_path / "numba")
    return cache


class Started:
    """A process that has Numba loaded and waits to be let go."""

    def __init__(self, module: str = "small", *, before: str = "") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", START.format(before=before), module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", self.process.communicate()[1]

    def let_go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def told(self) -> tuple[dict[str, Any], str]:
        out, complaints = self.process.communicate(timeout=300)
        assert self.process.returncode == 0, complaints
        return json.loads(out), complaints


def run(module: str = "small", *, before: str = "") -> tuple[dict[str, Any], str]:
    started = Started(module, before=before)
    started.let_go()
    return started.told()


def helper(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tickreel.kernels", *words], capture_output=True, text=True, check=False
    )


def kept(cache: KernelCache) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in cache.root.rglob("*.nb?")}


def note_filled(cache: KernelCache, module: KernelModule) -> None:
    """Have a module pass for compiled."""
    (cache.prepare(module) / "index.nbi").touch()
    cache.mark_filled(module)


def small_module() -> KernelModule:
    return next(module for module in kernel_modules() if module.name == SMALL)


def test_processes_that_start_at_once_compile_each_kernel_once_between_them(
    cache: KernelCache, sources: Path
) -> None:
    processes = [Started() for _ in range(3)]
    for process in processes:
        process.let_go()
    told = [process.told() for process in processes]
    assert [each["answers"] for each, _ in told] == [[6, 0.5, 4]] * 3
    assert sum(each["compiled"] for each, _ in told) == COMPILED_TIMES
    assert [complaints for _, complaints in told] == [""] * 3
    assert run() == ({"compiled": 0, "answers": [6, 0.5, 4]}, "")
    assert len(kept(cache)) == KEPT_FILES
    assert list(sources.rglob("*.nb?")) == []
    assert stat.S_IMODE(cache.root.stat().st_mode) == 0o700


def test_another_source_is_compiled_anew_and_the_old_code_never_found(
    filled: KernelCache, sources: Path
) -> None:
    source = sources / "small.py"
    source.write_text(KERNELS.replace("value + 1", "value + 2"), encoding="utf-8")
    try:
        told, _ = run()
    finally:
        source.write_text(KERNELS, encoding="utf-8")
    assert told == {"compiled": COMPILED_TIMES, "answers": [6, 0.5, 5]}
    assert len(kept(filled)) == 2 * KEPT_FILES


def test_damaged_files_are_not_believed_and_mend_by_themselves(filled: KernelCache) -> None:
    for path in kept(filled):
        path.write_bytes(path.read_bytes()[:40])
    told, complaints = run()
    assert told["answers"] == [6, 0.5, 4]
    assert "compiled kernels of small cannot be kept" in complaints
    assert run()[0]["answers"] == [6, 0.5, 4]
    assert len(kept(filled)) == KEPT_FILES


def test_a_folder_that_others_can_write_is_neither_read_nor_written(filled: KernelCache) -> None:
    filled.root.chmod(0o777)
    before = kept(filled)
    told, complaints = run()
    assert told == {"compiled": COMPILED_TIMES, "answers": [6, 0.5, 4]}
    assert "open to others" in complaints
    assert "NUMBA_CACHE_DIR" in complaints
    assert kept(filled) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps access lists instead")
def test_a_folder_is_trusted_only_when_nobody_else_can_have_filled_it(tmp_path: Path) -> None:
    above = tmp_path / "above"
    above.mkdir()
    cache = KernelCache(above / "kernels")
    cache.check()  # what is not there holds nothing bad
    cache.root.mkdir(mode=0o700)
    cache.check()
    cache.root.chmod(0o750)
    with pytest.raises(EnvironmentProblem, match="open to others"):
        cache.check()
    cache.root.chmod(0o700)
    above.chmod(0o777)
    with pytest.raises(EnvironmentProblem, match=f"close {above}"):
        cache.check()
    above.chmod(0o1777)
    cache.check()
    (tmp_path / "link").symlink_to(cache.root)
    with pytest.raises(EnvironmentProblem, match="not yours"):
        KernelCache(tmp_path / "link").check()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give away a folder"
)
def test_a_folder_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    cache = KernelCache(tmp_path / "kernels")
    cache.root.mkdir(mode=0o700)
    os.chown(cache.root, 12345, 12345)
    with pytest.raises(EnvironmentProblem, match="not yours"):
        cache.check()


def test_who_waits_for_another_process_is_told_so_after_a_second(cache: KernelCache, sources: Path) -> None:
    module = KernelModule(sources / "small.py")
    cache.prepare(module)
    say = "from tickreel.kernels import tell_when_slow; tell_when_slow(lambda: print('slow', flush=True))"
    with FileLock(cache.lock_path(module)):
        started = Started(before=say)
        started.let_go()
        assert started.process.stdout is not None
        assert started.process.stdout.readline() == "slow\n"
    assert started.told()[0]["answers"] == [6, 0.5, 4]


@pytest.mark.usefixtures("cache")
def test_the_helper_fills_the_cache_and_a_second_start_compiles_nothing() -> None:
    assert SMALL in [module.name for module in missing_modules()]
    first = helper(SMALL)
    assert (first.returncode, first.stdout.splitlines(), first.stderr) == (0, ["0 1", "1 1"], "")
    assert SMALL not in [module.name for module in missing_modules()]
    assert run(SMALL)[0]["compiled"] == 0
    second = helper(SMALL)
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")


def test_the_helper_says_what_it_does_not_know_and_what_it_must_not_use(cache: KernelCache) -> None:
    unknown = helper("tickreel.nothing")
    assert (unknown.returncode, unknown.stderr) == (2, "no module of kernels: tickreel.nothing\n")
    cache.root.mkdir(parents=True)
    cache.root.chmod(0o777)
    refused = helper(SMALL)
    assert refused.returncode == 1
    assert "remove it, or name another folder by NUMBA_CACHE_DIR" in refused.stderr


@pytest.mark.usefixtures("cache")
def test_a_process_with_a_window_leaves_compiling_to_a_child() -> None:
    told, _ = run(SMALL, before="from tickreel.kernels import compile_in_children; compile_in_children()")
    assert told["compiled"] == 0
    assert SMALL not in [module.name for module in missing_modules()]


def test_what_nothing_has_used_for_months_is_removed(filled: KernelCache, sources: Path) -> None:
    old = [filled.root.parent / "0.0.1-of-old", filled.root / "kernels-of-old"]
    for each in old:
        each.mkdir()
        os.utime(each, (0, 0))
    filled.prune()
    assert not any(each.exists() for each in old)
    assert filled.folder(KernelModule(sources / "small.py")).exists()


def test_the_doctor_tells_where_compiled_kernels_are(cache: KernelCache, home: Path) -> None:
    def found() -> tuple[Status, str, str]:
        check = next(check for check in examine(home).checks if check.name == "kernels")
        return check.status, check.detail, check.advice

    modules = len(kernel_modules())
    status, detail, advice = found()
    assert (status, advice) == (Status.OK, "")
    assert f"0 of {modules} modules compiled, 0 B" in detail
    assert not cache.root.exists()
    for module in kernel_modules():
        note_filled(cache, module)
    status, detail, advice = found()
    assert (status, advice) == (Status.OK, "")
    assert f"{modules} of {modules} modules compiled" in detail
    assert detail.endswith(f"in {cache.root}")
    cache.root.chmod(0o777)
    status, detail, advice = found()
    assert status is Status.WARNING
    assert "open to others" in detail
    assert "NUMBA_CACHE_DIR" in advice


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="there is no folder in which none can be made")
def test_the_doctor_finds_a_place_where_no_folder_can_be_made(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/proc/nope")
    check = next(check for check in examine(home).checks if check.name == "kernels")
    assert check.status is Status.WARNING
    assert "cannot be written" in check.detail


def test_a_mark_without_machine_code_is_not_believed(cache: KernelCache) -> None:
    module = small_module()
    cache.prepare(module)
    cache.mark_filled(module)
    assert not cache.is_filled(module)
    note_filled(cache, module)
    assert cache.is_filled(module)


def test_another_copy_of_tickreel_does_not_take_the_kernels_of_this_one_for_its_own(
    cache: KernelCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in kernel_modules():
        note_filled(cache, module)
    assert missing_modules() == ()
    shutil.copytree(ROOT, tmp_path / "copy" / ROOT.name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "copy"))
    ask = "from tickreel.kernels import missing_modules; print(len(missing_modules()))"
    ran = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert int(ran.stdout) == len(kernel_modules())


def test_what_is_compiled_by_loading_counts_as_filled(cache: KernelCache) -> None:
    for module in kernel_modules():
        if module.name != SMALL:
            note_filled(cache, module)
    # Only the small module is loaded: a package is named by what its modules begin with.
    script = (
        "from tickreel.kernels import filling, load; "
        f"found = [m for m in filling.kernel_modules() if m.name == {SMALL!r}]; "
        "filling.kernel_modules = lambda: found; load('tickreel.store')"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert missing_modules() == ()


def test_what_could_not_be_kept_is_told_with_its_cause(cache: KernelCache) -> None:
    module = small_module()
    cache.prepare(module)
    script = (
        "import sys; from tickreel.kernels import compiling; from tickreel.kernels.__main__ import main; "
        f"compiling._LONGEST_TURN_S = 0.05; sys.exit(main([{SMALL!r}]))"
    )
    with FileLock(cache.lock_path(module)):
        ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    told = ran.stderr.splitlines()[-1]
    assert f"another process has held {cache.lock_path(module)}" in told
    assert "make room" not in told


@pytest.mark.usefixtures("cache")
def test_a_child_that_does_not_end_is_stopped_and_told() -> None:
    before = (
        "from tickreel.kernels import compile_in_children, compiling; "
        "compile_in_children(); compiling._LONGEST_CHILD_S = 0.05"
    )
    started = Started(SMALL, before=before)
    started.let_go()
    _, complaints = started.process.communicate(timeout=300)
    assert started.process.returncode == 1
    assert f"compiling {SMALL} did not end within 0.05 s and was stopped" in complaints.splitlines()[-1]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows classes of priority instead")
def test_the_helper_keeps_to_a_priority_that_is_lower_still(cache: KernelCache) -> None:
    for module in kernel_modules():
        note_filled(cache, module)
    script = (
        "import os; from tickreel.kernels.__main__ import main; "
        "before = os.nice(15); main([]); print(os.nice(0) - before)"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "0\n"


def test_a_kernel_that_is_kept_spells_out_its_signatures() -> None:
    with pytest.raises(TypeError, match="signatures"):
        njit(cache=True)


def _trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        name = ".".join((ROOT.name, *path.relative_to(ROOT).with_suffix("").parts))
        if not name.startswith("tickreel.kernels."):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def _jit_calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("jit", "njit"):
            yield node


def _is_kept(name: str, call: ast.Call, tree: ast.Module) -> bool:
    """Tell whether a kernel has signatures and a cache, be it by the options that a module shares.

    It gives back the interpreter's lock, but where that takes longer than its work.
    """
    shared = {
        ast.unparse(node.target): ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
    }
    options: dict[str, object] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            options |= shared.get(ast.unparse(keyword.value), {})
        elif isinstance(keyword.value, ast.Constant):
            options[keyword.arg] = keyword.value.value
    has_options = options.get("cache") is True and options.get("nogil") is (name not in KEEPS_THE_LOCK)
    return bool(call.args) and has_options


def test_every_kernel_has_signatures_and_is_kept_or_is_a_part_of_one_that_is() -> None:
    loose = []
    for name, tree in _trees():
        parts = {
            id(decorator)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name.startswith("_")
            for decorator in node.decorator_list
        }
        loose += [
            f"{name}:{call.lineno}"
            for call in _jit_calls(tree)
            if id(call) not in parts and not _is_kept(name, call, tree)
        ]
    assert loose == []


def test_all_modules_with_kernels_are_found() -> None:
    with_kernels = [name for name, tree in _trees() if any(_jit_calls(tree))]
    assert len(with_kernels) > 10
    assert sorted(module.name for module in kernel_modules()) == with_kernels


def test_kernels_take_their_decorator_from_where_their_code_is_kept() -> None:
    from_numba = [
        name
        for name, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "numba"
        and {alias.name for alias in node.names} & {"jit", "njit", "vectorize", "guvectorize", "stencil"}
    ]
    assert from_numba == []


def test_kernels_rest_on_no_other_source_of_tickreel() -> None:
    """Whatever they took from elsewhere would be compiled into them, and its change go unnoticed."""
    found = {module.name for module in kernel_modules()}
    taken = [
        f"{name} from {node.module}"
        for name, tree in _trees()
        if name in found
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("tickreel")
        and node.module != "tickreel.kernels"
    ]
    assert taken == []
