"""Two results compared, as JSON for programs; `docs/compare.md` documents every member."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from savedmodel_matrix.analysis.change_class import ChangeClass
from savedmodel_matrix.model.table import KEY, OUTCOME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from savedmodel_matrix.analysis.compared import Compared, Result
    from savedmodel_matrix.model.table import Row

FORMAT = 1


def compare_json(compared: Compared, fail_on: Sequence[str]) -> str:
    """Return the comparison: a member a line, and a line for each cell that differs."""
    counts = compared.differences.counts
    head = {
        "format": FORMAT,
        "before": _result(compared.before),
        "after": _result(compared.after),
        "machines": list(compared.machines),
        "classes": {kind.value: {"says": kind.says, "cells": counts[kind]} for kind in ChangeClass},
        "total": compared.differences.total,
        "failed_on": [kind.value for kind in ChangeClass if kind.value in fail_on and counts[kind]],
        "packages": [
            {
                "package": one.difference.package,
                "before": one.difference.before,
                "after": one.difference.after,
                "environments": list(one.environments),
            }
            for one in compared.packages
        ],
    }
    members = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    cells = ",\n".join(map(json.dumps, _cells(compared)))
    members.append('"cells": [' + (f"\n{cells}\n" if cells else "") + "]")
    return "{\n" + ",\n".join(members) + "\n}\n"


def _result(result: Result) -> dict[str, Any]:
    return {
        "named": result.named,
        "what": result.what,
        "cells": len(result.rows),
        **{name: result.run.get(name) for name in ("finished", "commit", "processor")},
    }


def _cells(compared: Compared) -> Iterator[dict[str, Any]]:
    for kind, groups in compared.groups.items():
        for group in groups:
            for change in group.changes:
                yield {
                    "class": kind.value,
                    **{name: change.row[name] for name in KEY},
                    "before": _outcome(change.before),
                    "after": _outcome(change.after),
                    "signature_changes": list(group.signature),
                }


def _outcome(row: Row | None) -> dict[str, str] | None:
    return None if row is None else {name: row[name] for name in OUTCOME}
