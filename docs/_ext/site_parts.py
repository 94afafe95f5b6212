"""What this site adds to Sphinx: generated parts, links into the report, and the report itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from drawing import drawing
from report_pages import add_report
from sphinx.addnodes import download_reference
from sphinx.errors import SphinxError
from sphinx.transforms import SphinxTransform
from tables import columns, commands, schema

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
REPORT = "report"


def generate(_: Sphinx) -> None:
    """Write what pages include: from an artifact, the schema and the code."""
    parts = {
        "restore.svg": drawing(ROOT / "tests" / "data" / "savedmodels" / "dense-2.21"),
        "schema.md": schema(DOCS / "diagnosis.schema.json"),
        "columns.md": columns(),
        "commands.md": commands(),
    }
    (DOCS / "_generated").mkdir(exist_ok=True)
    for name, text in parts.items():
        file = DOCS / "_generated" / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


class ReportLinks(SphinxTransform):
    """Makes links of what would be downloads: the report is part of the site, as it is.

    A page says ``../report/cases.html``, which is right in the repository too. A case's file leads
    to the case's page of the report, which has its code. Raises SphinxError for a page that is not
    there.
    """

    default_priority = 400  # before what is downloaded is collected

    def apply(self, **_: Any) -> None:
        """Replace the links of one page."""
        for node in list(self.document.findall(download_reference)):
            file, _, anchor = node["reftarget"].partition("#")
            place = (DOCS / self.env.docname).parent.joinpath(file).resolve()
            if place.parent == ROOT / "cases":
                place = ROOT / REPORT / "cases" / f"{place.stem}.html"
            if not place.is_relative_to(ROOT / REPORT):
                continue
            if not place.exists():
                raise SphinxError(f"{self.env.docname} links to {place}, which is not there")
            up = "../" * self.env.docname.count("/")
            address = f"{up}{place.relative_to(ROOT)}" + (f"#{anchor}" if anchor else "")
            node.replace_self(nodes.reference("", "", *node.children, refuri=address))


def put_in(app: Sphinx, error: Exception | None) -> None:
    """Put the report into the site that was built."""
    if error is None and app.builder.name == "html":
        add_report(ROOT / REPORT, Path(app.outdir))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register all of it."""
    app.connect("builder-inited", generate)
    app.connect("build-finished", put_in)
    app.add_transform(ReportLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
