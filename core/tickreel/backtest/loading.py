"""Strategies from files: found, run once in a module of their own, and their faults told by file and line."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import traceback
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from tickreel.backtest.strategy import StrategyClass, is_strategy
from tickreel.errors import TickreelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

    from tickreel.backtest.outcome import Outcome

_RESOURCES, _EXAMPLES = "tickreel_resources", "strategies"
_SUFFIX = ".py"
_PACKAGES = "site-packages"
"""In the path of what is installed, where an environment lies beside strategies."""


class StrategyError(TickreelError):
    """Say that a strategy failed: where in its file, and with what."""

    def __init__(self, path: str, line: int | None, problem: str) -> None:
        place = f"{path}: line {line}" if line is not None else path
        super().__init__(f"{place}: {problem}")
        self.path = path
        self.line = line
        self.problem = problem
        self.outcome: Outcome | None = None
        """What there was of the run by then; None where there was none yet."""

    @classmethod
    def of(cls, path: str, error: BaseException) -> StrategyError:
        """Find the line of a strategy's file at which an error was raised, the deepest there is."""
        line: int | None = None
        if isinstance(error, SyntaxError) and error.filename == path:
            line = error.lineno
        else:
            lines = [one.lineno for one in traceback.extract_tb(error.__traceback__) if one.filename == path]
            line = lines[-1] if lines else None
        try:
            words = error.msg if isinstance(error, SyntaxError) else str(error)
        except Exception:  # noqa: BLE001 - what an error says of itself is somebody's code as well
            words = ""
        return cls(path, line, f"{type(error).__name__}: {words}" if words else type(error).__name__)


def example_folder() -> Path:
    """Name the folder of the strategies that come with the program."""
    return Path(str(resources.files(_RESOURCES) / _EXAMPLES))


def example_names() -> list[str]:
    """List the strategies that come with the program."""
    return [path.stem for path in list_strategies(example_folder())]


def load_strategy(reference: str) -> StrategyClass:
    """Find a strategy: ``file.py``, ``file.py:Class``, or the name of an example.

    The file is read and run anew each time, so that nothing is left of a run before.

    Raises:
        UsageError: there is no such file, example or class, or the file has several.
        StrategyError: the file cannot be run.
    """
    name, _, wanted = _parted(reference)
    if name.endswith(_SUFFIX):
        path = Path(name).absolute()
        if not path.is_file():
            raise UsageError(f"there is no strategy file {path}")
    else:
        examples = example_names()
        if name not in examples:
            raise UsageError(
                f"{name!r} is no strategy: give a file, as my_strategy.py or my_strategy.py:Class, or an "
                f"example: {', '.join(examples)}"
            )
        path = example_folder() / f"{name}{_SUFFIX}"
    content = path.read_bytes()
    module, beside = _run(path, content)
    return _found(module, path, wanted, _sha256(content, beside), beside)


def list_strategies(folder: Path) -> list[Path]:
    """List the files of a folder that may hold strategies; nothing of them is run."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.glob(f"*{_SUFFIX}") if not path.name.startswith("_"))


def _parted(reference: str) -> tuple[str, str, str]:
    """Part a reference at the colon before a class, which no drive letter is."""
    file, colon, wanted = reference.rpartition(":")
    if colon and (wanted.isidentifier() and len(file) > 1):
        return file, colon, wanted
    return reference, "", ""


def _sha256(content: bytes, beside: Mapping[str, bytes]) -> str:
    """Give the digest of a strategy's file, and of the digests of what it imports from beside it."""
    digest = hashlib.sha256(content)
    if beside:
        named = [f"{name} {hashlib.sha256(code).hexdigest()}" for name, code in sorted(beside.items())]
        digest = hashlib.sha256("\n".join([digest.hexdigest(), *named]).encode())
    return digest.hexdigest()


@contextmanager
def _importing_from(folder: Path) -> Iterator[dict[str, bytes]]:
    """Let modules of a folder be imported; give their code by path below it, and forget them at the end.

    So each run reads them anew, as it does the strategy's own file.
    """
    before, writes_bytecode = set(sys.modules), sys.dont_write_bytecode
    beside: dict[str, bytes] = {}
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield beside
    finally:
        sys.dont_write_bytecode = writes_bytecode
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            path = None if file is None else Path(file).absolute()
            if path is not None and path.is_relative_to(folder) and _PACKAGES not in path.parts:
                beside[path.relative_to(folder).as_posix()] = path.read_bytes()
                del sys.modules[name]


def _run(path: Path, content: bytes) -> tuple[ModuleType, dict[str, bytes]]:
    """Run a file as a module that nobody else sees; give it, and the code that it imported from beside it."""
    name = f"tickreel_strategy_{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    spec = importlib.util.spec_from_loader(name, loader=None, origin=str(path))
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    # Dataclasses and the like look their module up by its name.
    sys.modules[name] = module
    try:
        with _importing_from(path.parent) as beside:
            exec(compile(content, str(path), "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        raise StrategyError.of(str(path), error) from error
    finally:
        del sys.modules[name]
    return module, beside


def _found(
    module: ModuleType, path: Path, wanted: str, sha256: str, beside: dict[str, bytes]
) -> StrategyClass:
    own = {
        name: found
        for name, found in vars(module).items()
        if is_strategy(found) and found.__module__ == module.__name__ and not name.startswith("_")
    }
    if wanted:
        if wanted not in own:
            has = ", ".join(own) or "none"
            raise UsageError(f"{path} has no strategy {wanted!r}: it has {has}")
        return StrategyClass(own[wanted], wanted, sha256, str(path), beside)
    if not own:
        raise UsageError(f"{path} has no strategy: a class with on_book, on_trade, on_timer or the like")
    if len(own) > 1:
        raise UsageError(f"{path} has several strategies: name one, as {path.name}:{next(iter(own))}")
    name, found = next(iter(own.items()))
    return StrategyClass(found, name, sha256, str(path), beside)
