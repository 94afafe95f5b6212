"""Every number on the first screen, counted again from matrix.csv by the plain csv module.

Nothing of the report's own code counts here: the table is read as anybody would read it, and what
the page says is taken from its HTML. Prices, of which the table has signatures only, are counted
again from cells.jsonl.gz; which environments belong to a part is read from pyproject.toml.
"""

import csv
import gzip
import json
import re
import tomllib
from collections import defaultdict
from functools import cache
from html.parser import HTMLParser

import pytest

from tests.browser.conftest import ROOT

DASH = "\N{EN DASH}"
FAILS = ("fail", "crash", "timeout")
SERVE = ("saved_model_cli", "libtensorflow")
PYTHON = ("tf.saved_model.load", "TFSMLayer")
MOBILE = ("tflite", "litert", "tflite-runtime")
RUNTIMES = ("openvino", "onnxruntime", "frozen-graph")
USES = {
    "in serving": SERVE,
    "in Python": PYTHON,
    "on mobile": MOBILE,
    "in other runtimes": RUNTIMES,
}
STRIPS = {"Serve": SERVE, "Python": PYTHON, "Mobile": MOBILE, "Other runtimes": RUNTIMES}
OWN = {one: one for one in ("openvino", "onnxruntime", "litert", "tflite-runtime")}
DEFAULT = ("tf2.15", "tf2.16", "tf2.17", "tf2.18", "tf2.19", "tf2.20", "tf2.21")
SINCE = DEFAULT[1:]
TITLES = {
    "Keras 2 through tf-keras": "legacy-keras",
    "ExportArchive": "export-archive",
    "Track the raw tf.Variables": "track-tf-variables",
    "Load in Python, save again": "resave",
    "As written": "as-written",
    "model.export": "model-export",
    "Track the Keras variables": "track-keras-variables",
    "Repair the file on disk": "repair",
    "Patch one line of Keras": "patch-keras",
}


class Tables(HTMLParser):
    """The rows of each table by its id or class: the text of each cell, and its first sentence."""

    def __init__(self, html):
        super().__init__()
        self.tables, self.headline, self.others = [], "", ""
        self._into: list[str] = []
        self._hidden = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        kind = given.get("class", "")
        if tag == "table":
            self.tables.append((given.get("id") or kind, []))
        elif tag == "tr" and self.tables:
            self.tables[-1][1].append([])
        elif tag in ("td", "th") and self.tables:
            self.tables[-1][1][-1].append("")
            self._into = ["cell"]
        elif tag == "h1" or (tag == "p" and kind == "lead-others"):
            self._into = ["headline" if tag == "h1" else "others"]
        if kind in ("vh", "file", "leads") or (self._hidden and tag == "span"):
            self._hidden += 1

    def handle_endtag(self, tag):
        if tag in ("td", "th", "h1", "p"):
            self._into = []
        if tag == "span" and self._hidden:
            self._hidden -= 1

    def handle_data(self, data):
        if not self._into or self._hidden:
            return
        if self._into == ["cell"]:
            self.tables[-1][1][-1][-1] += data
        else:
            setattr(self, self._into[0], getattr(self, self._into[0]) + data)

    def called(self, name):
        return [rows for known, rows in self.tables if known == name]


@pytest.fixture(scope="module")
def front(report):
    """Return what the front page of the accepted table says."""
    return Tables((report / "index.html").read_text(encoding="utf-8"))


@cache
def outcomes():
    """Return (status, stage) by case, remedy, loader and producer, of all but cross cells."""
    found = {}
    with (ROOT / "results/accepted/matrix.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["consumer"] == OWN.get(row["loader"], row["producer"]):
                place = row["case"], row["remedy"], row["loader"], row["producer"]
                found[place] = row["status"], row["stage"]
    return found


def status(case, remedy, loader, environment):
    return outcomes().get((case, remedy, loader, environment), ("", ""))[0]


def cases():
    """Return the cases that an environment of the default group saved."""
    return sorted({case for case, _, _, producer in outcomes() if producer in DEFAULT})


def lost_and_rescued(loaders):
    """Return how many models ran in 2.15, stopped in 2.16 for good, and by what they are rescued."""
    ran = stopped = 0
    rescued: dict[str, int] = defaultdict(int)
    remedies = {remedy for _, remedy, _, _ in outcomes()}
    for case in cases():
        before = [one for one in loaders if status(case, "as-written", one, "tf2.15") == "pass"]
        lost = [
            one
            for one in before
            if all(status(case, "as-written", one, later) in FAILS for later in SINCE)
        ]
        ran += bool(before)
        stopped += bool(lost)
        by = {
            remedy
            for remedy in remedies
            if all(status(case, remedy, one, later) == "pass" for one in lost for later in SINCE)
        }
        if lost:
            rescued["any"] += bool(by)
            for remedy in by:
                rescued[remedy] += 1
    return ran, stopped, rescued


def works(remedy, loader):
    """Return how many models pass in every environment from 2.16 on, and how many have a verdict."""
    passed = tried = 0
    for case in cases():
        ends = {status(case, remedy, loader, one) for one in SINCE}
        if ends & {"pass", *FAILS}:
            tried += 1
            passed += not ends & set(FAILS)
    return passed, tried


def numbers(text):
    return [int(number) for number in re.findall(r"(?<![\d.])\d+(?![\d.]*\.\d)", text)]


def test_the_first_sentence_says_what_the_table_says(front):
    ran, stopped, rescued = lost_and_rescued(SERVE)
    by = {name: number for name, number in rescued.items() if name != "any"}
    title = next(known for known, name in TITLES.items() if by[name] == max(by.values()))
    assert " ".join(front.headline.split()) == (
        f"Saved as written from TensorFlow 2.16 on, {stopped} of the {ran} models that ran in "
        f"serving on TensorFlow 2.15 no longer do; {rescued['any']} of them are rescued by another "
        f"way of saving, the most ({max(by.values())}) by {title}."
    )
    assert 0 < max(by.values()) <= rescued["any"] <= stopped <= ran <= len(cases())


def test_the_sentence_below_says_what_the_table_says(front):
    said = " ".join(front.others.split())
    _, stopped, rescued = lost_and_rescued(SERVE)
    left = stopped - rescued["any"]
    assert (f"Nothing tested rescues {left} model" in said) == (left > 0)
    for use in list(USES)[1:]:
        ran, stopped, rescued = lost_and_rescued(USES[use])
        told = f"{use} {stopped} of {ran} stopped, {rescued['any']} rescued"
        assert told.lower() in said.lower()


def heat(front):
    """Return the heatmap by title: the numbers per loader, and what its price says."""
    [rows] = front.called("heatmap")
    loaders = [re.sub(r"\s", "", name) for name in rows[1][1:-1]]
    assert set(loaders) == {name for names in USES.values() for name in names}
    return {
        title.strip(): (
            dict(zip(loaders, map(numbers, fields), strict=True)),
            " ".join(price.split()),
        )
        for title, *fields, price in rows[2:]
    }


def test_every_number_of_the_heatmap_is_that_of_the_table(front):
    shown = heat(front)
    readers = {name for names in USES.values() for name in names}
    saved = {way for _, way, loader, _ in outcomes() if loader in readers}
    assert {TITLES[title] for title in shown} == saved
    for title, (fields, price) in shown.items():
        for loader, told in fields.items():
            assert told == list(works(TITLES[title], loader)), (title, loader)
        tried, most = (
            max(works(way, one)[1] for one in fields) for way in (TITLES[title], "as-written")
        )
        few = re.search(r"tried with (\d+) models? only", price)
        assert (int(few[1]) if few else tried) == tried
        assert bool(few) == (tried * 2 < most)


@cache
def artifacts():
    """Return what is known beyond the table of what passes, by case and way of saving."""
    known = {}
    with gzip.open(ROOT / "results/accepted/cells.jsonl.gz", "rt", encoding="utf-8") as file:
        for cell in map(json.loads, file):
            loads = OWN.get(cell["loader"], cell["producer"])
            if cell["consumer"] == loads and cell["producer"] in DEFAULT:
                place = cell["case"], cell["remedy"], cell["loader"], cell["producer"]
                names = ("status", "keras", "functions", "artifact_bytes", "lost_signatures")
                known[place] = {name: cell.get(name) for name in (*names, "signature")}
    return known


def costs():
    """Return the models with each kind of cost, by way of saving and kind."""
    first: dict[str, tuple[str, str]] = {}
    for (case, way, _, producer), cell in artifacts().items():
        if way == "as-written" and cell["signature"]:
            here = producer, cell["signature"]
            first[case] = min(first.get(case, here), here)
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (case, way, loader, producer), cell in artifacts().items():
        if cell["status"] != "pass":
            continue
        before = artifacts().get((case, "as-written", loader, producer), {})
        if "tf_keras" in (cell["keras"] or {}) and "tf_keras" not in (before.get("keras") or {}):
            found[way, "needs tf-keras"].add(case)
        if set(before.get("functions") or ()) - set(cell["functions"] or ()):
            found[way, "methods lost"].add(case)
        if before.get("artifact_bytes") and cell["artifact_bytes"] > 1.5 * before["artifact_bytes"]:
            found[way, "larger"].add(case)
        if cell["signature"] and case in first and cell["signature"] != first[case][1]:
            found[way, "signatures change"].add(case)
        if cell["lost_signatures"]:
            found[way, "signatures change"].add(case)
    return found


def test_every_price_is_what_the_artifacts_have(front):
    found = costs()
    for title, (_, price) in heat(front).items():
        told = {
            kind: int(number) for kind, number in re.findall(r"([a-z -]+?) (\d+)(?!.* only)", price)
        }
        told = {kind.removeprefix("environment variable").strip(): n for kind, n in told.items()}
        expected = {kind: len(of) for (way, kind), of in found.items() if way == TITLES[title]}
        assert told == expected, (title, told, expected)
        assert ("environment variable" in price) == (title == "Keras 2 through tf-keras")


def test_the_heatmap_is_ranked_by_what_passes(front):
    [rows] = front.called("heatmap")
    ranked = [row for row in rows[2:] if "not ranked" not in row[-1]]
    passing = [sum(numbers(text)[0] for text in row[1:-1]) for row in ranked]
    assert len(ranked) >= 5
    assert passing == sorted(passing, reverse=True)


def test_files_of_keras_are_counted_as_the_table_has_them(front):
    [rows] = front.called("heat files")
    names = {"A .keras file": "keras-file", "An .h5 file": "h5-file"}
    names |= {"Weights alone (.h5)": "weights-only", "A TensorFlow checkpoint": "checkpoint"}
    for title, loader, text in rows[1:]:
        assert numbers(text) == list(works(names[title.strip()], loader.strip()))
    assert len(rows) == 1 + len(names)


def environments():
    """Return the environments of each timeline on the page: TensorFlow, as released, and Keras."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["savedmodel-matrix"]
    groups = stated["groups"]
    return DEFAULT, tuple(groups["released"]), (*groups["keras"], "tf2.21")


def tried_as_written(loaders, environment, among):
    passed = tried = 0
    for case in {case for case, _, _, producer in outcomes() if producer in among}:
        ends = [status(case, "as-written", loader, environment) for loader in loaders]
        verdicts = [end for end in ends if end in ("pass", *FAILS)]
        tried += bool(verdicts)
        passed += bool(verdicts) and set(verdicts) == {"pass"}
    return passed, tried


def changes(before, after, ways):
    """Return how many outcomes broke, were fixed, and changed otherwise, over these loaders."""
    broke = fixed = other = 0
    for (case, remedy, loader, producer), (was, at) in outcomes().items():
        if producer != before or (remedy, loader) not in ways:
            continue
        now = outcomes().get((case, remedy, loader, after))
        if now is None or now == (was, at) or "not-run" in (was, now[0]):
            continue
        worse, better = was == "pass" and now[0] in FAILS, was in FAILS and now[0] == "pass"
        broke += worse
        fixed += better
        other += not worse and not better
    return {"broke": broke, "fixed": fixed, "changed": other}


@pytest.mark.parametrize("number", [0, 1, 2])
def test_every_number_of_a_timeline_is_that_of_the_table(front, number):
    rows = front.called("heat timeline")[number]
    names = environments()[number]
    own = set(names) - {"tf2.21"} if number == 2 else set(names)
    ways = {(way, loader) for _, way, loader, producer in outcomes() if producer in own}
    labels = [re.sub(r"\s", "", label) for label in rows[0][1:]]
    assert len(labels) > 3
    minors = [re.sub(r"^\D+", "", name).removesuffix("-released") for name in names]
    if number == 2:
        minors[-1] = "3.15"  # of tf2.21, as its environment has it
    starts = [minors.index(label.split(DASH)[0]) for label in labels]
    assert starts[0] == 0
    assert labels[-1].split(DASH)[-1] == minors[-1]
    for title, *fields in rows[1:-1]:
        loaders = [one for one in STRIPS[title] if ("as-written", one) in ways]
        for start, text in zip(starts, fields, strict=True):
            counted = list(tried_as_written(loaders, names[start], names))
            assert numbers(text) == counted, (title, names[start])
    for place in range(1, len(names)):
        found = changes(names[place - 1], names[place], ways)
        if place in starts:
            text = rows[-1][1 + starts.index(place)]
            told = {kind: int(n) for n, kind in re.findall(r"(\d+)\s+(broke|fixed|changed)", text)}
            assert told == {kind: n for kind, n in found.items() if n}, names[place]
        else:
            assert not any(found.values()), names[place]
