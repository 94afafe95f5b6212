"""The report inside of the site: its pages as they are, with a way back to the documentation."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

END = "\n</nav>\n</header>"  # of what leads to other pages, at the top of each


def add_report(report: Path, site: Path) -> None:
    """Copy the report into a built site. Raises ValueError for a page that has no top."""
    place = site / report.name
    shutil.copytree(report, place, dirs_exist_ok=True)
    for page in place.rglob("*.html"):
        up = "../" * len(page.relative_to(site).parents[:-1])
        page.write_text(linked_back(page.read_text("utf-8"), f"{up}index.html"), "utf-8")


def linked_back(page: str, address: str) -> str:
    """Return a page with a link to the documentation. Raises ValueError if it has no top."""
    if page.count(END) != 1:
        raise ValueError("a page of the report has no list of pages where one was expected")
    return page.replace(END, f'\n<a href="{address}">Documentation</a>{END}')
