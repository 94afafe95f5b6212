"""The pytest plugin: `pytest --savedmodel-matrix` makes a test of each selected cell.

pytest loads this file at every start, wherever the package is installed, so it imports nothing but
pytest. The harness is imported where the option is given (`commands/cells_as_tests.py`).

The cells are collected from the project's pyproject.toml, which states them: that gives each a node
id that can be typed, ``pyproject.toml::net[as-written-tf2.21-libtensorflow]``. They are run all at
once, before the first of their tests, and only those that pytest's own options left selected.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from savedmodel_matrix.commands.cells_as_tests import Chosen, Ended
    from savedmodel_matrix.model.cell import Cell

OPTION = "--savedmodel-matrix"
HELP = (
    "Run cells of the savedmodel-matrix project here as tests: those that pyproject.toml selects "
    "by default or, after =, those that options of `savedmodel-matrix matrix` select: "
    f"{OPTION}='--case net --loader libtensorflow'. What is accepted as failing is expected to "
    "fail, and what starts to pass fails. Needs the extra `matrix`."
)
NO_OPTION = (
    f"{OPTION} takes options of `savedmodel-matrix matrix`, and {{word!r}} is none: put a path in "
    f"front of it, or write {OPTION}= with nothing after the sign."
)
XDIST = (
    f"{OPTION} and xdist's -n do not go together: cells are already run side by side, as many as "
    f"{OPTION}='--jobs N' says. Leave -n out, or add -n 0."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("savedmodel-matrix", "ways of saving TensorFlow and Keras models")
    group.addoption(OPTION, nargs="?", const="", default=None, metavar="OPTIONS", help=HELP)


def pytest_configure(config: pytest.Config) -> None:
    """Select the cells, where the option is given. Raises pytest.UsageError, with one sentence."""
    stated = config.getoption("savedmodel_matrix")
    if stated is None:
        return
    if config.getoption("dist", "no") != "no" or hasattr(config, "workerinput"):
        raise pytest.UsageError(XDIST)
    chosen = _chosen(_words(stated), config.invocation_params.dir)
    config.pluginmanager.register(_Matrix(chosen), "savedmodel-matrix-cells")
    asked = {config.invocation_params.dir / arg.partition("::")[0] for arg in config.args}
    if chosen.file not in asked:
        config.args.append(str(chosen.file))


def _words(stated: str) -> list[str]:
    try:
        words = shlex.split(stated)
    except ValueError as error:
        raise pytest.UsageError(f"{OPTION}={stated!r}: {error}.") from error
    if words and not words[0].startswith("-"):
        raise pytest.UsageError(NO_OPTION.format(word=words[0]))
    return words


def _chosen(words: list[str], directory: Path) -> Chosen:
    """Return what the words select. Raises pytest.UsageError, as where the extra is missing."""
    from savedmodel_matrix.commands.harness import demand_harness  # noqa: PLC0415
    from savedmodel_matrix.model.errors import UserError  # noqa: PLC0415

    try:
        demand_harness(f"pytest {OPTION}")
        from savedmodel_matrix.commands.cells_as_tests import choose  # noqa: PLC0415 - slow

        return choose(words, directory)
    except UserError as error:
        raise pytest.UsageError(str(error)) from error


class _Matrix:
    """The hooks of a session that has cells."""

    def __init__(self, chosen: Chosen) -> None:
        self._chosen = chosen
        self._ended: dict[tuple[str, ...], Ended] | None = None

    def pytest_report_header(self) -> str:
        """Say how many cells are selected, before pytest's own options."""
        return f"savedmodel-matrix: {len(self._chosen.cells)} cells in {self._chosen.file}"

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> Any:
        """Collect the cells from the file that states them."""
        if file_path != self._chosen.file:
            return None
        return _Cells.from_parent(parent, path=file_path, cells=self._chosen.cells)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep a cell once: its file may be named, and lie in a directory that is named too."""
        seen: set[str] = set()
        for item in [one for one in items if isinstance(one, _Cell)]:
            if item.nodeid in seen:
                items.remove(item)
            seen.add(item.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Run all cells before the first test of one; say of each what is expected of it."""
        if not isinstance(item, _Cell):
            return
        if self._ended is None:
            cells = [one.cell for one in item.session.items if isinstance(one, _Cell)]
            self._ended = self._run(cells, item.config)
        item.ended = self._ended[item.cell.key]
        if item.ended.skipped:
            item.add_marker(pytest.mark.skip(reason=item.ended.skipped))
        if item.ended.accepted:
            item.add_marker(pytest.mark.xfail(reason=item.ended.accepted, strict=True))

    def _run(self, cells: list[Cell], config: pytest.Config) -> dict[tuple[str, ...], Ended]:
        """Run cells, progress on the terminal. Raises pytest.UsageError, KeyboardInterrupt."""
        from asyncio import CancelledError  # noqa: PLC0415 - only here

        from savedmodel_matrix.commands.cells_as_tests import run  # noqa: PLC0415 - slow
        from savedmodel_matrix.model.errors import UserError  # noqa: PLC0415

        manager = config.pluginmanager
        if reporter := manager.getplugin("terminalreporter"):
            reporter.ensure_newline()
        capture = manager.getplugin("capturemanager")
        try:
            with capture.global_and_fixture_disabled():
                return run(self._chosen, cells)
        except UserError as error:
            raise pytest.UsageError(str(error)) from error
        except CancelledError:  # what an interrupted run ends with
            raise KeyboardInterrupt from None


class _Cells(pytest.File):
    """The project's pyproject.toml, whose cells are tests."""

    def __init__(self, *, cells: list[Cell], **more: Any) -> None:
        super().__init__(**more)
        self._cells = cells

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test per cell; nothing is run for it."""
        for cell in self._cells:
            yield _Cell.from_parent(self, name=node_name(cell), cell=cell)


class _Cell(pytest.Item):
    """A cell as a test: what the run made of it, said in pytest's words."""

    ended: Ended

    def __init__(self, *, cell: Cell, **more: Any) -> None:
        super().__init__(**more)
        self.cell = cell

    def setup(self) -> None:
        """Make an error of what was not run: it says nothing about the case."""
        if self.ended.not_run:
            pytest.fail(self.ended.not_run, pytrace=False)

    def runtest(self) -> None:
        """Fail where the cell does, with stage, message, and what runs it again."""
        if self.ended.failed:
            pytest.fail(self.ended.failed, pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the cell is stated, and its name."""
        return self.path, 0, self.name


def node_name(cell: Cell) -> str:
    """Return a cell's name as a test: case[remedy-environment-loader].

    Where another environment loads than saved, and it is not the loader's own, both are named.
    """
    case, remedy, producer, loader, consumer = cell.key
    crossed = consumer != producer and not cell.loader.environment
    where = f"{producer}-to-{consumer}" if crossed else producer
    return f"{case}[{remedy}-{where}-{loader}]"
