"""Whether surgery can repair a MetaGraph, without the plan of what it would change.

`surgery.plan` looks for the copies of each variable from the start; here they are found once for
all, which takes a tenth of a diagnosis less. The sentence of a refusal is that of the plan itself.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from savedmodel_matrix.savedmodel import surgery
from savedmodel_matrix.savedmodel.errors import RepairRefused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from savedmodel_matrix.savedmodel.ops import Resource
    from savedmodel_matrix.savedmodel.soundness import MetaGraph


def refusal(number: int, graph: MetaGraph, links: Mapping[Resource, Resource]) -> str:
    """Return why a MetaGraph cannot be repaired, "" if it can; `links` is `surgery.links` of it."""
    made: defaultdict[Resource, list[Resource]] = defaultdict(list)
    for copy in sorted(links, key=lambda resource: resource.name):
        made[links[copy]].append(copy)
    for original in {r for signature in graph.signatures for r in signature.unwritten}:
        copies = _restored(graph, original, made)
        if not copies or not _alike(graph, original, copies[0]):
            return _said(number, graph)
    return ""


def _restored(
    graph: MetaGraph, original: Resource, made: Mapping[Resource, Sequence[Resource]]
) -> list[Resource]:
    """Return what `surgery.copies_of` returns, in its order."""
    found: list[Resource] = []
    seen, queue = {original}, [original]
    while queue:
        for copy in made.get(queue.pop(), ()):
            if copy not in seen:
                seen.add(copy)
                found.append(copy)
                queue.append(copy)
    return [copy for copy in found if copy in graph.restore.writes]


def _alike(graph: MetaGraph, original: Resource, copy: Resource) -> bool:
    """Say whether surgery takes the original in place of the copy."""
    if original not in graph.makers or copy not in graph.makers:
        return False
    nodes = graph.summaries.main.nodes
    first, second = (nodes[graph.makers[r][0]].attr["dtype"].type for r in (original, copy))
    return first == second and not any(copy in signature.reads for signature in graph.signatures)


def _said(number: int, graph: MetaGraph) -> str:
    try:
        surgery.plan(number, graph)
    except RepairRefused as error:
        return str(error)
    return ""
