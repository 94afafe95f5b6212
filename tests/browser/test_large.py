"""A report of 20,000 cells: its building, its size, and how soon it answers."""

import time

import pytest

from savedmodel_matrix.views.report.site import build

BUILD_SECONDS = 10  # of which a machine that does nothing else needs half
BYTES_PER_CELL = 300  # on the pages and in the data
FRONT_PAGE_BYTES = 1_000_000
USABLE_MS = 1000
ATTEMPTS = 8  # of which the best counts: what else the machine is doing only ever adds
FILTER_MS = 100

MEASURE = """async ([name, value]) => {
  const control = document.getElementById(name);
  const before = performance.now();
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  document.getElementById("matrix").getBoundingClientRect();
  const ended = performance.now() - before;
  await new Promise(requestAnimationFrame);
  return ended;
}"""


@pytest.fixture(scope="module")
def large(large_facts, tmp_path_factory):
    place = tmp_path_factory.mktemp("large") / "report"
    before = time.process_time()
    build(large_facts, place)
    return place, time.process_time() - before


def test_it_is_built_in_time(large):
    place, seconds = large
    assert seconds < BUILD_SECONDS
    assert len(list(place.glob("cases/*.html"))) == 137


def test_it_is_small_however_many_cells_there_are(large, large_facts):
    """A page per case, each outcome on it once: 85,000 cells of 60 cases then take 15 MB."""
    place, _ = large
    files = [path for path in place.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < BYTES_PER_CELL * len(large_facts.every)
    assert len(files) < len(large_facts.case_names) + 50


def test_the_front_page_is_small(large):
    place, _ = large
    with_data = [place / "index.html", place / "data/outcomes.js"]
    assert sum(file.stat().st_size for file in with_data) < FRONT_PAGE_BYTES


def test_it_is_usable_within_a_second_and_filters_at_once(large, visit):
    place, _ = large
    pages = [visit(place / "index.html") for _ in range(ATTEMPTS)]
    loaded = "performance.getEntriesByType('navigation')[0].loadEventEnd"
    ready = min(page.evaluate(loaded) for page in pages)
    page = pages[-1]
    assert not page.locator("#filters").is_hidden()
    assert 0 < ready < USABLE_MS
    steps = [
        ("q", "case_01"),
        ("q", ""),
        ("loader", "saved_model_cli"),
        ("status", "fail"),
        ("status", ""),
        ("remedy", "resave"),
        ("remedy", ""),
        ("environment", "tf2.16"),
        ("environment", ""),
    ]
    rounds = [[page.evaluate(MEASURE, list(step)) for step in steps] for _ in range(ATTEMPTS)]
    took = dict(zip(steps, map(min, zip(*rounds, strict=True)), strict=True))
    assert max(took.values()) < FILTER_MS, took
