"""Twenty answers of "My situation", drawn at random and counted again from matrix.csv.

Nothing of the report's own code counts here: see test_first_screen.py. Which models are like what
somebody has is read from the sources of the cases.
"""

import csv
import html
import random
import re
from functools import cache

import pytest

from tests.browser.conftest import ROOT
from tests.browser.test_first_screen import DEFAULT, FAILS, OWN, STRIPS, TITLES

DRAWS = 20
OTHERWISE = {
    "module": lambda text: _is_case(text) and _has(text, "Module") and not _has(text, "Model"),
    "model": lambda text: _is_case(text) and (_has(text, "Model") or not _has(text, "Module")),
    "savedmodel": lambda text: True,
    "file": lambda text: bool(re.search(r"load_model\(.[^)]*\.(keras|h5)\b", text)),
}


def _is_case(text):
    return "\ndef build(" in text and "\ninputs = {" in text


def _has(text, base):
    return bool(re.search(rf"^class \w+\([^)]*\b{base}\)", text, re.MULTILINE))


@cache
def ends():
    """Return the status by case, way, loader and producer, of all but cross cells."""
    with (ROOT / "results/accepted/matrix.csv").open(newline="", encoding="utf-8") as file:
        return {
            (row["case"], row["remedy"], row["loader"], row["producer"]): row["status"]
            for row in csv.DictReader(file)
            if row["consumer"] == OWN.get(row["loader"], row["producer"])
        }


def counted(have, loaders, remedy, environment):
    passed = tried = 0
    for case in {case for case, _, _, producer in ends() if producer in DEFAULT}:
        if not OTHERWISE[have]((ROOT / f"cases/{case}.py").read_text(encoding="utf-8")):
            continue
        found = [ends().get((case, remedy, loader, environment), "") for loader in loaders]
        failed = any(end in FAILS for end in found)
        if failed or ("pass" in found and "not-run" not in found):
            tried += 1
            passed += not failed
    return passed, tried


@pytest.fixture(scope="module")
def answers(report):
    """Return by situation the table of ways, and what is advised by environment."""
    text = (report / "situation.html").read_text(encoding="utf-8")
    found = {}
    for section in text.split('<section class="situation" id="')[1:]:
        anchor = section.partition('"')[0]
        rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', section, re.DOTALL)
        table = {
            html.unescape(title): [
                tuple(map(int, share.split("/"))) if "/" in share else (0, 0)
                for share in re.findall(r'class="share">(?:<a [^>]*>)?([^<]*)', fields)
            ]
            for title, fields in rows
        }
        advised = {}
        for article in section.split('<article class="take"')[1:]:
            columns = article.split('"')[1].split()
            title = re.search(r"<h3>.*?<a [^>]*>(.*?)</a></h3>", article)
            said = re.search(r"Passes for (\d+)(?: to (\d+))? of (\d+)\.", article)
            for column in columns:
                advised[column] = (html.unescape(title[1]), said, columns) if title else None
        found[anchor] = table, advised
    return found


def test_twenty_answers_are_those_of_the_table(answers):
    places = [(one, column) for one in sorted(answers) for column in DEFAULT]
    for anchor, column in random.Random().sample(places, DRAWS):
        table, advised = answers[anchor]
        have, _, use = anchor.partition(".")
        [loaders] = [
            names for name, names in STRIPS.items() if name.lower().replace(" ", "-") == use
        ]
        at = DEFAULT.index(column)
        for title, shares in table.items():
            expected = counted(have, loaders, TITLES[title], column)
            assert shares[at] == expected, (anchor, title, column)
        most = max(shares[at][0] for shares in table.values())
        if advised[column] is None:
            assert most == 0, (anchor, column)
            continue
        title, said, columns = advised[column]
        shares = [table[title][DEFAULT.index(one)] for one in columns]
        assert table[title][at][0] == most > 0, (anchor, column)
        passed = [one for one, _ in shares]
        assert int(said[1]) == min(passed)
        assert int(said[2] or said[1]) == max(passed)
        assert int(said[3]) == max(tried for _, tried in shares)


def test_every_situation_has_an_answer_for_every_environment(answers):
    assert len(answers) >= DRAWS // 2
    assert all(set(advised) == set(DEFAULT) for _, advised in answers.values())
