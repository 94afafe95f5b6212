"""The documentation: links lead somewhere, commands exist, and what tutorials show is what happens."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from savedmodel_matrix.commands.cli import main
from savedmodel_matrix.workspace import directories, project, selections, starting
from savedmodel_matrix.workspace.catalogue import find_cases
from tests.unit.test_workflows import SESSIONS, options_of, takes

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = {
    str(path.relative_to(ROOT)): path
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))
    if "_generated" not in path.parts
}
MARKDOWN = MarkdownIt("commonmark").enable("table")
OURS = ("savedmodel-matrix", "nox", "pytest")
ENDS = {"|", "&&", "||", ";", ">", "2>&1"}
# What a tutorial shows that takes an environment with TensorFlow, or installs something.
TAKES_TENSORFLOW = {
    "--prove",
    "--resave",
    "check",
    "matrix",
    "run",
    "lock",
    "outdated",
    "bisect",
    "pytest",
    "pip",
    "init",
}


@dataclass(frozen=True)
class Shown:
    """A command of a page, and the lines of output below it."""

    command: str
    output: tuple[str, ...] = ()


def text_of(name: str) -> str:
    return PAGES[name].read_text(encoding="utf-8")


def blocks(name: str, *kinds: str) -> list[str]:
    """Return the code of a page's blocks of these kinds, "" for those that are indented."""
    tokens = MARKDOWN.parse(text_of(name))
    return [
        token.content
        for token in tokens
        if (token.type == "fence" and token.info in kinds)
        or (token.type == "code_block" and "" in kinds)
    ]


def consoles(name: str) -> list[Shown]:
    """Return the commands of a page's consoles with what they are said to print."""
    found: list[Shown] = []
    for block in blocks(name, "console"):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Shown(line[2:]))
            else:
                last = found.pop()
                found.append(Shown(last.command, (*last.output, line)))
    return found


def commands(name: str) -> list[list[str]]:
    """Return every command of ours on a page, word by word: in consoles, blocks and sentences."""
    lines = [one.command for one in consoles(name)]
    for block in blocks(name, "", "yaml", "sh"):
        lines += [re.split(r" {2,}|(?<=\S)\s+#", line.strip())[0] for line in block.splitlines()]
    inline = [
        child.content
        for token in MARKDOWN.parse(text_of(name))
        for child in token.children or ()
        if child.type == "code_inline"
    ]
    found = []
    for line in [*lines, *inline]:
        try:
            words = shlex.split(line)
        except ValueError:  # a sentence with an apostrophe in a block of output
            continue
        found += [one for one in parts(words) if one and one[0] in OURS and one[1:]]
    return found


def parts(words: list[str]) -> list[list[str]]:
    """Return the commands of a line of a shell."""
    found: list[list[str]] = [[]]
    for word in words:
        if word in ENDS:
            found.append([])
        else:
            found[-1].append(word)
    return found


@cache
def slugs(path: Path) -> set[str]:
    """Return the anchors of a page, made of its headings as GitHub and this site make them."""
    tokens = MARKDOWN.parse(path.read_text(encoding="utf-8"))
    found = set()
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            words = "".join(child.content for child in inline.children or ())
            found.add(re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-"))
    return found


@cache
def ids(path: Path) -> set[str]:
    """Return the anchors of a page of the report."""
    return set(re.findall(r'id="([^"]+)"', path.read_text(encoding="utf-8")))


def links(name: str) -> list[str]:
    return [
        str(child.attrs.get("href") or child.attrs.get("src"))
        for token in MARKDOWN.parse(text_of(name))
        for child in token.children or ()
        if child.type in ("link_open", "image")
    ]


@pytest.mark.parametrize("name", PAGES)
def test_no_link_of_a_page_is_dead(name):
    for link in links(name):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        place = (PAGES[name].parent / file).resolve() if file else PAGES[name]
        assert place.exists(), f"{link} leads nowhere"
        assert ROOT in place.parents
        if anchor and place.suffix == ".md":
            assert anchor in slugs(place), f"{link}: there is no such heading"
        elif anchor and place.suffix == ".html":
            assert anchor in ids(place), f"{link}: there is no such place"


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_a_page_exists_with_its_options(name):
    for words in commands(name):
        program, *rest = words
        if program == "pytest":
            is_pytest(rest)
        elif program == "nox":
            is_nox(rest)
        elif rest[0].startswith("-"):
            assert {word for word in rest if word.startswith("--")} <= {"--help", "--version"}
        elif rest[0] not in {"NAME", "…"}:
            takes(rest[0], rest[1:])


def is_pytest(rest: list[str]) -> None:
    """Fail unless these words after `pytest` are of the plugin, or of this project's own tests."""
    stated = [word.partition("=") for word in rest]
    if any(option == "--savedmodel-matrix" for option, _, _ in stated):
        takes("matrix", [word for _, _, value in stated for word in value.split()])
        return
    ours = (ROOT / "tests" / "conftest.py").read_text(encoding="utf-8")
    for word in rest:
        if word.startswith("--"):
            assert f'"{word}"' in ours
        elif "/" in word:
            assert (ROOT / word).exists()


def is_nox(rest: list[str]) -> None:
    """Fail unless these words after `nox` name sessions, and options of the first one's command."""
    ahead = rest[rest.index("--") + 1 :] if "--" in rest else []
    named = rest[: rest.index("--")] if "--" in rest else rest
    if named[0] in {"-l", "[uv]"}:
        return
    assert named[0] == "-s"
    sessions = [word.partition("(")[0] for word in named[1:] if not word.startswith("-")]
    assert set(sessions) <= {*SESSIONS, "NAME", "…"}
    if ahead and sessions[0] in main.commands:
        takes(sessions[0], ahead)


def test_a_command_that_is_none_would_be_found():
    names = {name for name in PAGES if any(words[0] == "nox" for words in commands(name))}
    assert {"README.md", "CONTRIBUTING.md", "docs/environments.md"} <= names
    with pytest.raises(AssertionError):
        is_nox(["-s", "matrx"])
    with pytest.raises(AssertionError):
        is_nox(["-s", "matrix", "--", "--every"])


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return an empty directory, with the command on PATH and the clone's tests beside it."""
    script = tmp_path / "bin" / "savedmodel-matrix"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m savedmodel_matrix "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    monkeypatch.setenv("COLUMNS", "160")
    work = tmp_path / "work"
    work.mkdir()
    (work / "tests").symlink_to(ROOT / "tests")
    return work


def carry_out(name: str, place: Path) -> list[tuple[str, int]]:
    """Run the commands of a page that need no TensorFlow; each prints what the page says."""
    done = []
    for shown in consoles(name):
        if TAKES_TENSORFLOW & set(shlex.split(shown.command)):
            continue
        ran = subprocess.run(
            ["sh", "-c", shown.command], cwd=place, capture_output=True, text=True, check=False
        )
        printed = [" ".join(line.split()) for line in (ran.stdout + ran.stderr).splitlines()]
        for line in shown.output:
            assert " ".join(line.split()) in printed, f"{shown.command}\n{ran.stdout}{ran.stderr}"
        done.append((shown.command, ran.returncode))
    return done


def test_the_tutorial_repairs_a_model_as_it_says(place):
    done = carry_out("docs/tutorials/repair.md", place)
    assert [status for _, status in done] == [0, 0, 1, 0, 0, 0]
    original = ROOT / "tests" / "data" / "savedmodels" / "dense-2.21" / "saved_model.pb"
    assert (place / "my_model" / "saved_model.pb").read_bytes() == original.read_bytes()


def test_many_models_are_repaired_as_the_page_says(place):
    for name in ("dense-2.21", "dense-2.16", "export-2.21"):
        shutil.copytree(ROOT / "tests" / "data" / "savedmodels" / name, place / "models" / name)
    statuses = dict(carry_out("docs/howto/bulk.md", place))
    assert statuses.pop("savedmodel-matrix diagnose models/") == 1
    assert statuses.pop("savedmodel-matrix diagnose models/ --format json > models.json") == 1
    assert set(statuses.values()) == {0}
    for file in ("models", "repaired"):
        again = subprocess.run(["savedmodel-matrix", "diagnose", file], cwd=place, check=False)
        assert again.returncode == 0


# What pages call the artifacts of a reader, and which of tests/data is there by that name.
CALLED = {
    "my_model": "dense-2.21",
    "new_model": "dense-2.21",
    "old_model": "dense-2.21",
    "MY_MODEL": "dense-2.21",
    "IN": "dense-2.21",
    "PATH…": "dense-2.21",
    "models/one": "dense-2.21",
}
ERROR = "FAILED_PRECONDITION: Could not find variable dense/bias. This could mean that"
ALONE = {"diagnose", "repair", "explain"}  # what needs neither an environment nor a project


def runnable(name: str) -> list[tuple[str, ...]]:
    """Return what of a page needs no environment: each command once, as it is typed."""
    found = [tuple(words[1:]) for words in commands(name) if words[0] == "savedmodel-matrix"]
    return [
        words
        for words in dict.fromkeys(found)
        if words[0] in ALONE and words[1:] and not TAKES_TENSORFLOW & set(words)
    ]


@pytest.mark.parametrize("name", [name for name in PAGES if runnable(name)])
def test_what_a_page_says_of_artifacts_and_errors_can_be_done(name, tmp_path, monkeypatch):
    for number, words in enumerate(runnable(name)):
        place = tmp_path / str(number)
        for called, stored in CALLED.items():
            shutil.copytree(ROOT / "tests" / "data" / "savedmodels" / stored, place / called)
        if words[1] == "repaired":
            shutil.copytree(place / "my_model", place / "repaired")
        (place / "error.txt").write_text(ERROR)
        monkeypatch.chdir(place)
        done = CliRunner().invoke(main, words)
        assert done.exit_code in ((0, 1) if words[0] == "diagnose" else (0,)), (words, done.output)
        assert done.output


def test_most_pages_with_such_commands_are_among_them():
    assert len([name for name in PAGES if runnable(name)]) >= 8
    assert ("repair", "my_model", "older", "--for", "tf2.9") in runnable("README.md")


@pytest.mark.parametrize("name", ["docs/howto/bulk.md", "docs/reference/api.md"])
def test_python_of_a_page_runs(name, place):
    broken = ROOT / "tests" / "data" / "savedmodels" / "dense-2.21"
    shutil.copytree(broken, place / "my_model")
    shutil.copytree(broken, place / "models" / "one")
    (code,) = blocks(name, "python")
    subprocess.run([sys.executable, "-c", code], cwd=place, check=True)
    result = place / ("repaired" if "repaired" in code else "models")
    done = subprocess.run(["savedmodel-matrix", "diagnose", result], cwd=place, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("name", PAGES)
def test_python_of_every_page_is_python(name):
    for code in blocks(name, "python"):
        compile(code, name, "exec")


def test_the_case_of_the_tutorial_is_the_one_that_init_writes(tmp_path):
    (code,) = blocks("docs/tutorials/own-case.md", "python")
    assert code == (starting.STARTER / "case.txt").read_text(encoding="utf-8")
    (tmp_path / "my_model.py").write_text(code)
    (case,) = find_cases([tmp_path])
    assert not case.complaint


def test_every_key_of_the_configuration_is_on_its_page_and_no_other():
    page = text_of("docs/reference/configuration.md").partition("## What this project states")[0]
    known = {
        *(*directories.KEYS, "environments", "groups", "first", "pages", "selections"),
        *(*project.PINNED, "python", "packages", "released", "variables", "over"),
        *(*selections.KEYS, "parts"),
    }
    assert {key for key in known if f"`{key}`" not in page} == set()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert {key for row in rows for key in re.findall("`(.*?)`", row)} <= known


@pytest.fixture
def parts_of_site(monkeypatch):
    """Return the modules that make parts of the site; Sphinx is not needed for these."""
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    import drawing
    import report_pages
    import tables

    return drawing, tables, report_pages


def test_the_drawing_is_of_what_diagnose_finds(parts_of_site):
    drawing, _, _ = parts_of_site
    svg = drawing.drawing(ROOT / "tests" / "data" / "savedmodels" / "dense-2.21")
    words = [one.text for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert {"dense/bias", "dense/kernel", "Variable", "Variable_1", "serving_default"} <= set(words)
    with pytest.raises(ValueError, match="no variable that nothing restores"):
        drawing.drawing(ROOT / "tests" / "data" / "savedmodels" / "export-2.21")


def test_every_page_of_the_report_in_the_site_leads_back_to_the_documentation(
    parts_of_site, tmp_path
):
    _, _, report_pages = parts_of_site
    (tmp_path / "index.html").touch()
    report_pages.add_report(ROOT / "report", tmp_path)
    pages = list((tmp_path / "report").rglob("*.html"))
    assert {page.parent.name for page in pages} >= {"report", "cases", "keras"}
    for page in pages:
        (link,) = re.findall('<a href="(.*?)">Documentation</a>', page.read_text("utf-8"))
        assert (page.parent / link).resolve() == tmp_path / "index.html"
    with pytest.raises(ValueError, match="no list of pages"):
        report_pages.linked_back("<html></html>", "../index.html")


def test_the_reference_has_every_command_option_and_member(parts_of_site):
    _, tables, _ = parts_of_site
    text = tables.commands()
    for name, command in main.commands.items():
        assert f"### {name}\n" in text
        assert {option for option in options_of(command) if option.startswith("--")} <= set(
            re.findall(r"--[\w-]+", text)
        )
    schema = tables.schema(DOCS / "diagnosis.schema.json")
    assert '| `verdict` | `"sound"`, `"defect"`, `"unreadable"` | about soundness alone |' in schema
    assert "| `shape` | array or null of integer | -1 is a dimension" in schema
    assert "`not-applicable`" in tables.columns()


def test_every_page_is_reached_from_the_first():
    listed = {
        line.strip()
        for block in re.findall(r"```\{toctree\}\n(.*?)```", text_of("docs/index.md"), re.DOTALL)
        for line in block.splitlines()
    }
    pages = {str(path.relative_to(DOCS).with_suffix("")) for path in DOCS.rglob("*.md")}
    assert {page for page in pages if not page.startswith("_")} - {"index"} <= listed
