"""The whole report as files: the same bytes for the same cells, and nothing in them that acts."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.store.listed import LIST, listed
from savedmodel_matrix.views.report.names import anchor_of
from savedmodel_matrix.views.report.site import build, files, staged
from savedmodel_matrix.views.report.views import href_of
from tests.unit.pages import HOSTILE
from tests.unit.views.report.generated import cell, cells_of, crossed_cells, facts_of, failed

VOID = {"meta", "link", "input", "img", "col", "wbr"}
ACTING = {"script", "iframe", "object", "embed", "style", "base", "svg", "math"}


class Page(HTMLParser):
    """What is in a page: elements that act, attributes that act, links, anchors, its text.

    Every element is closed, but for an empty paragraph, which the next one or the end of what it
    is in closes (html.spec.whatwg.org, optional tags).
    """

    def __init__(self, html):
        super().__init__()
        self.scripts, self.links, self.ids, self.bad, self.text = [], [], [], [], []
        self.open: list[str] = []
        self.empty = False  # whether the last thing read is a paragraph without anything in it
        self.feed(html)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "p":
            self.close_anchor()
        if tag not in VOID:
            self.open.append(tag)
        self.empty = tag == "p"
        if tag == "script":
            self.scripts.append(given["src"])
        elif tag in ACTING:
            self.bad.append(tag)
        self.bad += [name for name in given if name.startswith("on") or name == "style"]
        for name in ("href", "src"):
            if name in given:
                self.links.append(given[name])
        if "id" in given:
            self.ids.append(given["id"])

    def handle_endtag(self, tag):
        if tag != "p":
            self.close_anchor()
        assert self.open.pop() == tag
        self.empty = False

    def handle_data(self, data):
        self.empty = False
        self.text.append(data)

    def close_anchor(self):
        if self.empty:
            assert self.open.pop() == "p"
        self.empty = False


def pages(site):
    return {
        place: Page(content.decode()) for place, content in site.items() if place.endswith(".html")
    }


def hostile_cells():
    cells = []
    for number, text in enumerate([*HOSTILE, "\udce4 \x00 \x7f", "", "../../etc/passwd", "a/b"]):
        name = text or "empty"
        message = text * 50_000 if number == 0 else text
        given = failed(text, text, message=message, traceback=message, signature=text)
        numbers = [
            {
                "signature": text,
                "output": text,
                "wrong": text,
                "absolute": None,
                "relative": None,
                "dtype": text,
                "shape": [1],
                "index": 1,
                "expected": [text],
                "actual": [text],
            }
        ]
        cells.append(cell(name, keras={text: text}, **given))
        cells.append(cell(name, name, numbers=numbers, lost_signatures=[text], functions=[text]))
        if number % 6 == 3:  # each such cell makes the matrix wider and longer
            cells.append(cell(name, "resave", f"{name}1", loader=name, consumer=f"{name}2"))
    return cells


@pytest.fixture(scope="module")
def hostile_site():
    return dict(files(facts_of(hostile_cells())))


def test_nothing_of_a_case_acts_in_a_page(hostile_site):
    for place, page in pages(hostile_site).items():
        assert page.bad == [], place
        assert {Path(script).name for script in page.scripts} <= {
            "report.js",
            "matrix.js",
            "compare.js",
            "outcomes.js",
            "explain.js",
            "situation.js",
        }
        for link in page.links:
            assert not re.match(r"\s*(javascript|data|vbscript):", link, re.IGNORECASE), (
                place,
                link,
            )
    script = hostile_site["data/outcomes.js"].decode()
    assert json.loads(script.removeprefix("window.matrix = ").rstrip(";\n"))["cases"]


def test_what_a_case_says_can_be_read_all_the_same(hostile_site):
    told = "".join(pages(hostile_site)["causes.html"].text)
    assert "<script>alert(1)</script>" in told
    assert "\\u202etxt.exe\\u2066" in told
    assert "\\x1b[2J" in told


def test_no_page_is_without_end(hostile_site):
    sizes = {place: len(c) for place, c in hostile_site.items() if place.startswith("cases/")}
    assert max(sizes.values()) < 150_000, sizes


def test_every_link_leads_somewhere_and_no_anchor_comes_twice():
    for cells in (hostile_cells(), cells_of(2), crossed_cells(2)):
        site = dict(files(facts_of(cells)))
        parsed = pages(site)
        assert len(parsed) > 5
        assert all(page.links for page in parsed.values())
        for place, page in parsed.items():
            assert len(page.ids) == len(set(page.ids)), place
            for link in page.links:
                if link.startswith("https://"):
                    continue
                target, anchor = urldefrag(urljoin(place, link))
                assert unquote(target) in site, (place, link)
                if anchor:
                    assert unquote(anchor) in parsed[unquote(target)].ids, (place, link)


def test_the_same_cells_in_any_order_of_building_give_the_same_bytes():
    cells = cells_of(3)
    assert dict(files(facts_of(cells))) == dict(files(facts_of(list(cells))))


def test_every_cell_has_its_permalink():
    cells = crossed_cells(2)
    parsed = pages(dict(files(facts_of(cells))))
    for one in cells:
        page = parsed[f"cases/{one['case']}.html"]
        anchor = anchor_of(one["remedy"], one["producer"], one["loader"], one["consumer"])
        assert page.ids.count(anchor) == 1


def test_a_cross_cell_costs_a_hundred_bytes():
    def size(cells):
        pages = (c for place, c in files(facts_of(cells)) if place.endswith(".html"))
        return sum(map(len, pages))

    cells = crossed_cells(2)
    straight = [c for c in cells if c["consumer"] in (c["producer"], "openvino")]
    assert (size(cells) - size(straight)) / (len(cells) - len(straight)) < 120


def test_a_report_of_nothing_but_cross_cells_is_one_too():
    cells = [cell(consumer="tf2.15"), cell(consumer="tf2.17", **failed())]
    site = dict(files(facts_of(cells)))
    parsed = pages(site)
    assert "1 of 2 (50 %) pass where another environment loads" in site["index.html"].decode()
    for one in cells:
        assert href_of(one).partition("#")[2] in parsed["cases/module_dense.html"].ids


def test_no_cells_at_all_still_make_a_report():
    site = dict(files(facts_of([])))
    assert "index.html" in site


def test_a_report_replaces_the_one_before_whole(tmp_path):
    place = tmp_path / "report"
    build(facts_of(cells_of(2)), place)
    assert (place / "cases/case_001.html").is_file()
    number = build(facts_of(cells_of(1)), place)
    assert not (place / "cases/case_001.html").exists()
    written = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert len(written) == number + 1
    assert (place / LIST).read_bytes() == listed(written - {LIST})
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_what_was_there_stays_where_the_block_fails(tmp_path):
    place = tmp_path / "report"
    build(facts_of(cells_of(2)), place)
    with pytest.raises(KeyError), staged(facts_of(cells_of(1)), place):
        raise KeyError
    assert (place / "cases/case_001.html").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize("theirs", ["index.html", "notes/mine.txt"])
def test_a_directory_that_is_no_report_is_left_as_it_is(tmp_path, theirs):
    place = tmp_path / "report"
    (place / theirs).parent.mkdir(parents=True)
    (place / theirs).write_text("theirs")
    with pytest.raises(UserError, match="not written by savedmodel-matrix"):
        build(facts_of(cells_of(1)), place)
    assert [path for path in place.rglob("*") if path.is_file()] == [place / theirs]
    assert (place / theirs).read_text() == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_file_that_somebody_added_while_a_report_was_built_stays(tmp_path):
    place = tmp_path / "report"
    build(facts_of(cells_of(1)), place)
    with (
        pytest.raises(UserError, match="CNAME"),
        staged(facts_of(cells_of(2)), place),
    ):
        (place / "CNAME").write_text("example.org")
    assert (place / "CNAME").read_text() == "example.org"
    assert (place / "index.html").exists()


def test_what_a_killed_process_left_goes_and_what_others_call_so_stays(tmp_path):
    place = tmp_path / "report"
    for name in (".report.999999999.new", ".report.old.new", ".report.999999998.old"):
        (tmp_path / name).mkdir()
    (tmp_path / ".report.999999999.new" / LIST).write_bytes(listed([]))
    (tmp_path / ".report.old.new" / LIST).write_bytes(listed([]))
    build(facts_of(cells_of(1)), place)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"report", ".report.old.new", ".report.999999998.old"}


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"Cannot write the report .*file"):
        build(facts_of([cell()]), tmp_path / "file" / "report")


def test_pages_forbid_scripts_that_are_not_files():
    found = [one for one in files(facts_of([cell()])) if one[0].endswith(".html")]
    assert len(found) > 5
    for place, content in found:
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', content.decode())
        assert policy, place
        assert "default-src 'none'; script-src 'self'" in policy[1]
        assert "unsafe" not in policy[1]
