"""A real Chromium, and reports for it to open. Without a browser these tests fail; none skips."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from savedmodel_matrix.views.report.publish import accepted_facts
from savedmodel_matrix.views.report.site import build
from savedmodel_matrix.workspace.project import find_project
from tests.unit.views.report.generated import cells_of, facts_of
from tests.unit.views.report.test_site import hostile_cells

ROOT = Path(__file__).parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = {
    "preload": False,  # axe would fetch the stylesheet once more, which the page forbids
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
}


@pytest.fixture(scope="package")
def browser():
    """Start the installed Chromium, or else Playwright's own, which it is asked to fetch.

    Its event loop occupies the thread for as long as it lives, so it lives for these tests alone:
    what comes after may want ``asyncio.run``.
    """
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        if not installed and not Path(playwright.chromium.executable_path).exists():
            fetch = [sys.executable, "-m", "playwright", "install", "chromium"]
            if subprocess.run(fetch, check=False).returncode:
                pytest.fail("These tests need Chromium: apt-get install chromium, for one.")
        started = playwright.chromium.launch(executable_path=installed, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """Build the report of the accepted table, that of a real full run: once for all workers.

    It takes minutes of a runner. Who comes first builds it, and the others wait for that.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # of this run, and of every worker
    place = shared / "accepted-report"
    with (shared / "accepted-report.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not place.exists():  # it is put there whole or not at all
            build(accepted_facts(find_project(ROOT)), place)
    return place


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory):
    """Build a report in which every name and message tries to act."""
    place = tmp_path_factory.mktemp("hostile") / "report"
    build(facts_of(hostile_cells()), place)
    return place


@pytest.fixture(scope="session")
def large_facts():
    """Return 20,000 cells."""
    return facts_of(cells_of(137)[:20_000])


@pytest.fixture
def visit(browser):
    """Open pages, each in a fresh context that must stay quiet and ask nothing of elsewhere."""
    contexts, noises = [], []

    def note(kind):
        return lambda event: noises.append((kind, str(getattr(event, "text", event))))

    def check(request):
        if not request.url.startswith("file://"):
            noises.append(("request", request.url))

    def failed(request):
        if request.failure != "net::ERR_ABORTED":  # a page that is left before its icon came
            noises.append(("failed", request.url))

    def open_page(address, *, width=1400, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", note("console"))
        page.on("pageerror", note("error"))
        page.on("dialog", note("dialog"))
        page.on("request", check)
        page.on("requestfailed", failed)
        page.goto(address if isinstance(address, str) else address.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert noises == []


@pytest.fixture(scope="session")
def accessible():
    """Return what asserts that axe-core finds nothing wrong with a page as it stands."""
    axe = Axe()

    def check(page):
        found = axe.run(page, options=RULES)
        assert not found.response["violations"], found.generate_report()
        assert found.response["passes"]

    return check
