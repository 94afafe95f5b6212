"""Every page of the report, from facts to HTML."""

from __future__ import annotations

import json
import posixpath
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import escape

from savedmodel_matrix.analysis.alike import likeness
from savedmodel_matrix.analysis.versions import differing, neighbours
from savedmodel_matrix.model.table import AS_WRITTEN, environment_order
from savedmodel_matrix.views.harmless import block, one_line
from savedmodel_matrix.views.report import explain, visible
from savedmodel_matrix.views.report.causes import by_cell, causes
from savedmodel_matrix.views.report.cell_pages import cell_page
from savedmodel_matrix.views.report.compared import changes
from savedmodel_matrix.views.report.findings import best, counts, finding
from savedmodel_matrix.views.report.names import page_of, part_of, safe
from savedmodel_matrix.views.report.recommend import advise
from savedmodel_matrix.views.report.shares import remedy_shares, share_of
from savedmodel_matrix.views.report.views import (
    case_page,
    href_of,
    overview,
    remedy_rows,
    script_data,
)
from savedmodel_matrix.views.wording import SYMBOLS, share, span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from savedmodel_matrix.views.report.facts import Facts

# How results were made, where that was not kept with them.
NOT_WRITTEN_DOWN: dict[str, Any] = {
    "finished": "",
    "commit": "",
    "dirty": False,
    "platform": "",
    "python": "",
    "cores": 0,
    "cells_run": 0,
    "seconds": 0,
    "environments": {},
    "selections": [],
}
SHOWN_CELLS = 12  # of a root cause


class Pages:
    """All pages of one report; ``all`` yields each with its place, relative to the report."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.causes = causes(facts)
        self.cause_of = by_cell(self.causes)
        self.advice = advise(facts)
        self.like = likeness(facts.alike)
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("savedmodel_matrix.views.report"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_visible,
        )
        self._templates.globals |= {
            "safe_name": safe,
            "page_of": page_of,
            "case_page": case_page,
            "href_of": href_of,
            "symbols": SYMBOLS,
            "share": share,
            "python": visible.python,
            "block": _block,
            "breakable": visible.breakable,
            "prose": visible.prose,
            "run": NOT_WRITTEN_DOWN | dict(facts.run),
            "facts": facts,
            "AS_WRITTEN": AS_WRITTEN,
            "many": _many,
            "part_of": part_of,
            "span": span,
        }

    def all(self) -> Iterator[tuple[str, str]]:
        """Yield (place, HTML) of every page."""
        facts = self.facts
        for number, loader in enumerate(facts.loader_names or ("",)):
            place = "index.html" if not number else loader_page(facts, loader)
            yield place, self._front(loader, place)
        yield "remedies.html", self._remedies()
        yield "cases.html", self._render("cases.html", "cases.html")
        yield "causes.html", self._causes()
        if not facts.part:
            yield "explain.html", self._render("explain.html", "explain.html")
        yield "environments.html", self._environments()
        yield "data.html", self._render("data.html", "data.html")
        for case in facts.case_names:
            yield case_page(case), self._case(case)
            for remedy in facts.remedy_names:
                context = cell_page(facts, case, remedy, self.cause_of)
                if context:
                    place = page_of(case, remedy)
                    yield place, self._render("cells.html", place, **context)

    def script(self) -> str:
        """Return the data of the front page's script, as a script too: so it needs no server."""
        numbers = {cause.anchor: number for number, cause in enumerate(self.causes)}
        reasons = {key: numbers[cause.anchor] for key, cause in self.cause_of.items()}
        data = script_data(self.facts, self.advice, reasons)
        data["causes"] = [
            {
                "title": one_line(cause.title),
                "reason": one_line(cause.reason),
                "href": f"causes.html#{cause.anchor}",
                "code": bool(cause.explanation and cause.explanation.remedy in self.facts.remedies),
                "cells": len(cause.cells) or len(cause.crossed),
            }
            for cause in self.causes
        ]
        return f"window.matrix = {json.dumps(data, separators=(',', ':'))};\n"

    def explain_script(self) -> str:
        """Return the data of explain.html's script, as a script too."""
        return explain.script(self.facts, self.causes)

    def _render(self, template: str, place: str, **context: Any) -> str:
        root = "../" * place.count("/")
        page = self._templates.get_template(template)
        return page.render(root=root, place=place, to=_links_from(place), **context) + "\n"

    def _front(self, loader: str, place: str) -> str:
        facts = self.facts
        written = [c for c in facts.cells if c["remedy"] == AS_WRITTEN]
        order = {case: [one.remedy for one in told] for case, told in self.advice.items()}
        bests = [
            best(facts, cell["case"], cell["loader"], cell["producer"], order[cell["case"]])
            for cell in written
        ]
        return self._render(
            "index.html",
            place,
            finding=finding(facts),
            loader=loader,
            loaders=[
                (name, loader_page(facts, name), facts.loaders[name].title)
                for name in facts.loader_names
            ],
            columns=facts.columns,
            groups=overview(facts, loader, self.advice),
            plainly=_plainly(facts.baselines.get(loader, AS_WRITTEN)),
            written=counts(written),
            best=counts(bests),
            statuses=[s for s in SYMBOLS if any(c["status"] == s for c in facts.cells)],
            stages=sorted({cell["stage"] for cell in facts.cells if cell["stage"]}),
            causes=self.causes,
        )

    def _case(self, case: str) -> str:
        facts, advice = self.facts, self.advice[case]
        return self._render(
            "case.html",
            case_page(case),
            case=facts.cases[case],
            like=self.like.get(case, ""),
            others=len(facts.alike.get(case, (case,))) - 1,
            advice=advice,
            remedy=facts.remedies[advice[0].remedy],
            columns=facts.columns,
            tables=[
                (loader, rows)
                for loader in facts.loader_names
                if (rows := remedy_rows(facts, case, loader))
            ],
        )

    def _remedies(self) -> str:
        facts = self.facts
        return self._render(
            "remedies.html",
            "remedies.html",
            shares=remedy_shares(facts),
            columns=facts.columns,
            advice=self.advice,
        )

    def _causes(self) -> str:
        shown = [(one, (*one.cells, *one.crossed)[:SHOWN_CELLS]) for one in self.causes]
        failures = sum(len(cause.cells) for cause in self.causes)
        return self._render("causes.html", "causes.html", causes=shown, failures=failures)

    def _environments(self) -> str:
        stated = self.facts.run.get("environments", {})
        made = {name: stated[name] for name in sorted(stated, key=environment_order)}
        facts = self.facts
        known = {(one.before, one.after): one for one in neighbours(_of(facts.columns, made))}
        return self._render(
            "environments.html",
            "environments.html",
            environments=made,
            differing=differing(made),
            neighbours=[
                (one, other, known.get((one, other)), changes(facts, one, other))
                for one, other in pairwise(facts.columns)
            ],
            grids=facts.grids,
            share_of=share_of,
        )


def _of(names: Iterable[str], stated: Mapping[str, Any]) -> dict[str, Any]:
    return {name: stated[name] for name in names if name in stated}


def loader_page(facts: Facts, loader: str) -> str:
    """Return the place of a loader's matrix: the front page for the first of them."""
    return "index.html" if loader in facts.loader_names[:1] else f"loaders/{safe(loader)}.html"


def _links_from(place: str) -> Callable[[str], str]:
    """Return what makes a place in the report a link from another page, as short as it can be."""
    directory = posixpath.dirname(place)

    def to(target: str) -> str:
        page, mark, anchor = target.partition("#")
        if page == place and anchor:
            return f"#{anchor}"
        return posixpath.relpath(page, directory or ".") + mark + anchor

    return to


def _visible(value: Any) -> Any:
    """Make plain text of any origin visible; what is HTML already stays as it is."""
    return one_line(value) if type(value) is str else value


def _block(text: str) -> Any:
    return escape(block(text))


def _many(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _plainly(remedy: str) -> str:
    """Return how the first half of a matrix was saved, as part of a sentence."""
    return "as written" if remedy == AS_WRITTEN else f"with {remedy}"
