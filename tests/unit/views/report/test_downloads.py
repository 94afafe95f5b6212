"""The data as files: read back by programs that are not ours, once for all parts."""

import json
import lzma
from dataclasses import replace

import pandas as pd

from savedmodel_matrix.model.table import csv_bytes
from savedmodel_matrix.views.report.downloads import CELLS, CSV, DOWNLOADS, MARKDOWN, downloads
from savedmodel_matrix.views.report.facts import Part
from tests.unit.views.report.generated import cell, cells_of, facts_of


def test_programs_read_them_as_they_are(tmp_path):
    facts = facts_of(cells_of(2))
    made = dict(downloads(facts))
    for place, content in made.items():
        (tmp_path / place.replace("/", "-")).write_bytes(content)
    table = pd.read_csv(tmp_path / "data-matrix.csv.xz", dtype=str, keep_default_na=False)
    lines = pd.read_json(tmp_path / "data-cells.jsonl.xz", lines=True)
    assert len(table) == len(lines) == len(facts.every)
    assert lzma.decompress(made[CSV.place]) == csv_bytes(facts.table)
    assert {one.place for one in DOWNLOADS} <= made.keys()
    assert dict(downloads(facts)) == made


def test_a_part_has_its_tables_behind_those_of_the_front_page_and_no_files_of_its_own():
    whole = facts_of([cell(), cell(producer="jax")])
    inner = replace(facts_of([cell(producer="jax")]), part=Part("backends", ("jax",), {}), of=whole)
    facts = replace(facts_of([cell()]), parts=[inner], of=whole)
    made = dict(downloads(facts))
    text = lzma.decompress(made[MARKDOWN.place]).decode()
    assert text.index("# Part backends") < text.index("jax")
    lines = lzma.decompress(made[CELLS.place]).decode().splitlines()
    assert {json.loads(line)["producer"] for line in lines} == {"jax", "tf2.16"}
