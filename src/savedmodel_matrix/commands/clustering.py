"""`matrix --dask ADDRESS`: what has to be there, and the run that it makes."""

from __future__ import annotations

import sys
import tarfile
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.engine.cluster_run import ClusterRun, Sent
from savedmodel_matrix.engine.dask_cluster import DaskCluster
from savedmodel_matrix.model.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from savedmodel_matrix.engine.estimate import Estimate
    from savedmodel_matrix.engine.events import Events
    from savedmodel_matrix.engine.run import Options
    from savedmodel_matrix.model.cell import Cell
    from savedmodel_matrix.model.plugin import Loader
    from savedmodel_matrix.store.memory import Store
    from savedmodel_matrix.workspace.project import Project

ONLY_WITH = ("dask_storage", "dask_seconds")


def check_dask(options: Mapping[str, Any]) -> None:
    """Raise UserError, before anything is written, where `--dask` cannot work here."""
    if not options["dask"]:
        if alone := [name for name in ONLY_WITH if options[name]]:
            raise UserError(f"--{alone[0].replace('_', '-')} goes with --dask ADDRESS.")
        return
    if not find_spec("distributed"):
        raise UserError(
            "--dask needs the extra `dask`, which this Python has not: run "
            f'`{sys.executable} -m uv pip install "distributed>=2024.8"` (for nox too), or pip '
            'install "savedmodel-matrix[dask]".'
        )
    if not hasattr(tarfile, "tar_filter"):
        raise UserError("--dask needs Python 3.11.4 or newer, whose tarfile can unpack safely.")


def on_dask(
    project: Project,
    planned: Sequence[Cell],
    loaders: Sequence[Loader],
    store: Store,
    events: Events,
    how: Options,
    estimate: Callable[[], Estimate],
    *,
    options: Mapping[str, Any],
) -> ClusterRun:
    """Return the run of these cells on a Dask cluster, which has not begun."""
    cases = [*project.case_directories, *options["cases"]]
    sent = Sent(cases, options["dask_seconds"], options["dask_storage"])
    cluster = DaskCluster(options["dask"], events.say)
    return ClusterRun(project, planned, loaders, store, events, how, estimate, cluster, sent)
