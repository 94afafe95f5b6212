"""Print the table of docs/scale.md: how long a full matrix takes on so many machines.

    python tests/integration/scale.py --begins 60 --fills 60

Step times are those of the accepted table; the other figures are the options.
"""

import argparse
from pathlib import Path

from savedmodel_matrix.commands.durations import estimated
from savedmodel_matrix.commands.selection import SELECTING, select
from savedmodel_matrix.engine.planning import with_overlays
from savedmodel_matrix.engine.scaling import Machine, schedule
from savedmodel_matrix.engine.sharding import Plan
from savedmodel_matrix.workspace.project import find_project


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cores", type=int, default=2, help="of each machine")
    options.add_argument("--begins", type=float, default=60.0, help="seconds before a run starts")
    options.add_argument("--fills", type=float, default=60.0, help="seconds to fill an environment")
    options.add_argument("--imports", type=float, default=10.0, help="seconds of a core in each")
    options.add_argument("--shards", type=int, nargs="*", default=[1, 4, 16, 64])
    asked = options.parse_args()
    machine = Machine(asked.cores, asked.begins, asked.fills, asked.imports)
    project = find_project(Path(__file__))
    cells = select(project, dict.fromkeys(SELECTING, ()) | {"cross": False, "all": True}).cells
    over = {
        name: one.base.name
        for name, one in with_overlays(project, cells).environments.items()
        if one.base
    }
    estimate = estimated(project)
    print(
        "| shards | slowest part | speed-up | machine-hours | environments to fill, in all, at most |"
    )
    print("| --- | --- | --- | --- | --- |")
    one = 0.0
    for of in asked.shards:
        plan = Plan(cells, of, lambda save, n: n * estimate.of_cell(save, n), over)
        ends = schedule(
            plan, machine, estimate.of_save, lambda save, n: estimate.of_cell(save, n, made=True)
        )
        one = one or max(ends)
        filled = [len(part.environments) for part in plan.parts]
        print(
            f"| {of} | {max(ends) / 60:.0f} min | {one / max(ends):.1f} | {sum(ends) / 3600:.1f} | "
            f"{sum(filled)}, {max(filled)} |"
        )


if __name__ == "__main__":
    main()
