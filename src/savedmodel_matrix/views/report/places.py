"""Which cells those are, in few words: remedies and loaders that go together, and environments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from savedmodel_matrix.views.wording import span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from savedmodel_matrix.views.report.facts import Cell, Facts

Name = TypeVar("Name")
Way = tuple[str, str]  # remedy, loader


@dataclass(frozen=True)
class Where:
    """Cells of all these remedies with all these loaders, in the environments that a text names."""

    remedies: tuple[str, ...]
    loaders: tuple[str, ...]
    text: str = ""


def places(facts: Facts, case: str, cells: Iterable[Cell]) -> tuple[Where, ...]:
    """Return where these cells of a case are; ``facts`` are those of the whole report."""
    loading: dict[Way, dict[str, set[str]]] = {}
    for cell in cells:
        by_producer = loading.setdefault((cell["remedy"], cell["loader"]), {})
        by_producer.setdefault(cell["producer"], set()).add(cell["consumer"])
    every = facts.consumers_of(case)
    known: dict[tuple[object, ...], str] = {}  # ways with the same cells are told the same
    texts: dict[Way, str] = {}
    for way, found in loading.items():
        own = facts.own.get(way[1], "")
        consumers = every[way]
        same = (own, _frozen(found), _frozen({one: consumers[one] for one in found}))
        if same not in known:
            known[same] = _words(found, consumers, own, facts.environments)
        texts[way] = known[same]
    return together(facts, texts)


def together(facts: Facts, texts: Mapping[Way, str]) -> tuple[Where, ...]:
    """Return these ways with their texts, those with the same text together."""
    by_remedy: dict[str, dict[str, list[str]]] = {}
    for remedy in facts.remedy_names:
        for loader in facts.loader_names:
            text = texts.get((remedy, loader))
            if text is not None:
                by_remedy.setdefault(remedy, {}).setdefault(text, []).append(loader)
    same: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = {}
    for remedy, told in by_remedy.items():
        same.setdefault(tuple((text, tuple(names)) for text, names in told.items()), []).append(
            remedy
        )
    return tuple(
        Where(tuple(remedies), loaders, text)
        for told, remedies in same.items()
        for text, loaders in told
    )


def _frozen(found: Mapping[str, set[str]]) -> frozenset[tuple[str, frozenset[str]]]:
    return frozenset((one, frozenset(others)) for one, others in found.items())


def _words(
    found: Mapping[str, set[str]],
    every: Mapping[str, set[str]],
    own: str,
    environments: Sequence[str],
) -> str:
    """Return producers and consumers in words, those that go together told together.

    Where a producer has one consumer only, that goes without saying.
    """
    plain: list[str] = []
    pairs: dict[str, list[str]] = {}
    for producer, consumers in found.items():
        if len(every[producer]) == 1:
            plain.append(producer)
            continue
        straight = own or producer
        if consumers == every[producer]:
            words = "every environment"
        elif consumers == every[producer] - {straight}:
            words = (
                "every other environment" if len(consumers) > 1 else span(consumers, environments)
            )
        elif consumers == {straight}:
            words = "itself"
        else:
            words = span(consumers, environments)
        pairs.setdefault(words, []).append(producer)
    told = [span(plain, environments)] if plain else []
    told += [f"{span(names, environments)} → {words}" for words, names in pairs.items()]
    return "; ".join(told)
