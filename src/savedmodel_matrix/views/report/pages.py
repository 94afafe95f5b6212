"""Every page of the report, from facts to HTML."""

from __future__ import annotations

import posixpath
from functools import cache, cached_property, partial
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup

from savedmodel_matrix.analysis.agreement import confusion
from savedmodel_matrix.analysis.alike import likeness
from savedmodel_matrix.analysis.versions import differing, neighbours
from savedmodel_matrix.model.table import AS_WRITTEN, environment_order
from savedmodel_matrix.views.harmless import LONGEST_BLOCK, block, one_line
from savedmodel_matrix.views.naming import uses, way
from savedmodel_matrix.views.report import explain, history, visible
from savedmodel_matrix.views.report.case_page import case_context
from savedmodel_matrix.views.report.causes import by_cell, causes
from savedmodel_matrix.views.report.compared import changes
from savedmodel_matrix.views.report.downloads import DOWNLOADS
from savedmodel_matrix.views.report.findings import finding
from savedmodel_matrix.views.report.heatmap import heatmap, kinds, row_anchor
from savedmodel_matrix.views.report.lead import losses
from savedmodel_matrix.views.report.names import (
    case_page,
    loader_anchor,
    page_of,
    part_of,
    remedy_anchor,
    safe,
)
from savedmodel_matrix.views.report.ranges import supports
from savedmodel_matrix.views.report.recommend import advise, choices
from savedmodel_matrix.views.report.releases import history_of
from savedmodel_matrix.views.report.scale import step
from savedmodel_matrix.views.report.script import SCRIPT, script
from savedmodel_matrix.views.report.series import called, series
from savedmodel_matrix.views.report.shares import remedy_shares, share_of
from savedmodel_matrix.views.report.situation import situations
from savedmodel_matrix.views.report.views import href_of, overview
from savedmodel_matrix.views.wording import SYMBOLS, share, span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from savedmodel_matrix.views.naming import Use
    from savedmodel_matrix.views.report.causes import Cause
    from savedmodel_matrix.views.report.facts import Facts
    from savedmodel_matrix.views.report.recommend import Choice
    from savedmodel_matrix.views.report.releases import History

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
    """The pages of a report or of one of its parts; ``all`` yields each with its place.

    Places are relative to the whole report. A part has the pages about its environments; those of
    loaders, cases, root causes and data are of all of them, and there once.
    """

    def __init__(self, facts: Facts, found: Sequence[Cause] | None = None) -> None:
        self.facts = facts
        self.causes = causes(facts.whole) if found is None else found
        self.cause_of = by_cell(self.causes)
        self.advice = advise(facts)
        self.choices = choices(facts, self.advice)
        self.like = likeness(facts.alike)
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("savedmodel_matrix.views.report"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_visible,
            auto_reload=False,
        )
        self._templates.globals |= {
            "safe_name": safe,
            "page_of": page_of,
            "case_page": case_page,
            "remedy_anchor": remedy_anchor,
            "loader_anchor": loader_anchor,
            "href_of": href_of,
            "symbols": SYMBOLS,
            "share": share,
            "python": visible.python,
            "block": _block,
            "breakable": visible.breakable,
            "prose": visible.prose,
            "run": NOT_WRITTEN_DOWN | dict(facts.whole.run),
            "facts": facts,
            "AS_WRITTEN": AS_WRITTEN,
            "many": _many,
            "part_of": part_of,
            "span": span,
            "way": way,
            "called": partial(called, facts),
            "step_of": step,
        }

    def all(self) -> Iterator[tuple[str, str]]:
        """Yield (place, HTML) of every page."""
        facts = self.facts
        first, *others = facts.loader_names or ("",)
        yield f"{facts.base}index.html", self._front(first, f"{facts.base}index.html")
        for loader in others if not facts.part else ():
            yield loader_page(facts, loader), self._front(loader, loader_page(facts, loader))
        yield f"{facts.base}remedies.html", self._remedies()
        yield f"{facts.base}releases.html", self._releases()
        yield f"{facts.base}environments.html", self._environments()
        if facts.part:
            return
        ways = {"whole": facts.whole, "agreement": confusion(facts.whole.every)}
        yield "ways.html", self._render("ways.html", "ways.html", **ways)
        yield "situation.html", self._situation()
        yield "cases.html", self._render("cases.html", "cases.html")
        yield "causes.html", self._causes()
        yield "explain.html", self._render("explain.html", "explain.html")
        context = {"files": DOWNLOADS, "whole": facts.whole}
        yield "data.html", self._render("data.html", "data.html", **context)
        if facts.history:
            yield "history.html", self._history()
        for case in facts.whole.case_names:
            yield case_page(case), self._case(case)

    def script(self) -> tuple[str, str]:
        """Return (place, JavaScript) of the data for the scripts of a matrix."""
        return self.facts.base + SCRIPT, script(
            self.facts, self.advice, self.cause_of, self.choices
        )

    def explain_script(self) -> str:
        """Return the data of explain.html's script, as a script too."""
        return explain.script(self.causes)

    def _render(self, template: str, place: str, **context: Any) -> str:
        root = "../" * place.count("/")
        home = root + self.facts.base
        page = self._templates.get_template(template)
        links = _links_from(place)
        return page.render(root=root, home=home, place=place, to=links, **context) + "\n"

    def _front(self, loader: str, place: str) -> str:
        facts = self.facts
        front = place == f"{facts.base}index.html"
        lost = losses(facts) if front else ()
        return self._render(
            "index.html",
            place,
            front=front,
            losses=lost,
            finding=finding(facts, led=bool(lost)),
            map=heatmap(facts, self.advice) if front else None,
            histories=self._histories if front else (),
            loader_page=partial(loader_page, facts),
            loader=loader,
            loaders=[
                (name, loader_page(facts, name), facts.loaders[name].title)
                for name in facts.loader_names
            ],
            columns=facts.columns,
            groups=overview(facts, loader, self.advice, self.choices),
            plainly=_plainly(facts.baselines.get(loader, AS_WRITTEN)),
            statuses=[s for s in SYMBOLS if any(c["status"] == s for c in facts.cells)],
        )

    @cached_property
    def _histories(self) -> tuple[History, ...]:
        """The series of releases, each with what its releases did."""
        return tuple(history_of(one, self.cause_of) for one in series(self.facts))

    def _releases(self) -> str:
        facts = self.facts
        stated = facts.run.get("environments", {})
        known = {(one.before, one.after): one for one in neighbours(_of(facts.columns, stated))}
        own = (one for one in self._histories if one.series.facts is facts)
        told = {(s.before.environment, s.after.environment) for one in own for s in one.steps}
        return self._render(
            "releases.html",
            f"{facts.base}releases.html",
            histories=self._histories,
            supports=supports(facts) if len(facts.columns) > 1 else (),
            neighbours=[
                (one, other, known.get((one, other)), changes(facts, one, other))
                for one, other in pairwise(facts.columns)
                if (one, other) not in told
            ],
        )

    def _case(self, case: str) -> str:
        facts = self.facts
        return self._render(
            "case.html",
            case_page(case),
            like=self.like.get(case, ""),
            others=len(facts.alike.get(case, (case,))) - 1,
            **case_context(facts, case, self.cause_of, self.advice.get(case, ())),
        )

    def _situation(self) -> str:
        found = situations(self.facts, self.advice)
        context = {"situations": found, "row_anchor": row_anchor}
        return self._render("situation.html", "situation.html", **context)

    def _remedies(self) -> str:
        facts = self.facts
        return self._render(
            "remedies.html",
            f"{self.facts.base}remedies.html",
            shares=remedy_shares(facts),
            row_anchor=row_anchor,
            columns=facts.columns,
            together=self._together,
            kinds=kinds,
            uses=uses(facts.loader_names),
        )

    def _together(self, case: str, use: Use) -> list[tuple[Choice, list[str]]]:
        """Return what to do about a case for one use; loaders that agree are together."""
        found: dict[tuple[str, ...], tuple[Choice, list[str]]] = {}
        for loader in use.loaders:
            if choice := self.choices.get((case, loader)):
                key = choice.words, *choice.remedies
                found.setdefault(key, (choice, []))[1].append(loader)
        return list(found.values())

    def _causes(self) -> str:
        shown = [(one, (*one.cells, *one.crossed)[:SHOWN_CELLS]) for one in self.causes]
        failures = sum(len(cause.cells) for cause in self.causes)
        return self._render("causes.html", "causes.html", causes=shown, failures=failures)

    def _history(self) -> str:
        known = self.facts.history
        titles: dict[str, tuple[str, str]] = {}
        for cause in self.causes:  # the largest of a fingerprint comes first
            titles.setdefault(cause.fingerprint, (cause.anchor, cause.title))
        return self._render(
            "history.html",
            "history.html",
            runs=[
                (one, history.comparison(entry, titles))
                for one, entry in zip(history.runs(known), reversed(known), strict=True)
            ],
            axes=history.axes(known),
            known=set(self.facts.whole.case_names),
        )

    def _environments(self) -> str:
        stated = self.facts.run.get("environments", {})
        made = {name: stated[name] for name in sorted(stated, key=environment_order)}
        return self._render(
            "environments.html",
            f"{self.facts.base}environments.html",
            environments=made,
            differing=differing(made),
            grids=self.facts.grids,
            share_of=share_of,
        )


def _of(names: Iterable[str], stated: Mapping[str, Any]) -> dict[str, Any]:
    return {name: stated[name] for name in names if name in stated}


def loader_page(facts: Facts, loader: str) -> str:
    """Return the place of a loader's matrix: the front page for the first of them.

    The front page of a part shows the other ones too, where its script runs: their pages would be
    a fifteenth of what the whole report may weigh, and say what those of the cases say.
    """
    if loader in facts.loader_names[:1]:
        return f"{facts.base}index.html"
    if facts.part:
        return f"{facts.base}index.html?{urlencode({'loader': loader})}#models"
    return f"{facts.base}loaders/{safe(loader)}.html"


def _links_from(place: str) -> Callable[[str], str]:
    """Return what makes a place in the report a link from another page, as short as it can be."""
    directory = posixpath.dirname(place)

    @cache
    def to(target: str) -> str:
        page, mark, anchor = target.partition("#")
        if not page:
            return target
        if page == place and anchor:
            return f"#{anchor}"
        return posixpath.relpath(page, directory or ".") + mark + anchor

    return to


def _visible(value: Any) -> Any:
    """Make plain text of any origin visible; what is HTML already stays as it is."""
    return one_line(value) if type(value) is str else value


def _block(text: str, longest: int = LONGEST_BLOCK) -> Markup:
    """Return a block as HTML of an element, never of an attribute: its quotes stay as they are."""
    return Markup(escape(block(text, longest), quote=False))  # noqa: S704 - has just been escaped


def _many(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _plainly(remedy: str) -> str:
    """Return how the first half of a matrix was saved, as part of a sentence."""
    return "as written" if remedy == AS_WRITTEN else f"with {remedy}"
