"""uv's answers, as it printed them, and the sentence that is made of each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.environments.refusals import LONGEST, refusal_in

NO_VERSION = """\
$ uv pip compile a.in
error: No solution found when resolving dependencies
  cause: Because there is no version of tensorflow-text==0.0.1 and you require tensorflow-text==0.0.1, we can conclude that your requirements are unsatisfiable.
"""
OLDER_UV = """\
  \u00d7 No solution found when resolving dependencies:
  ╰─▶ Because there is no version of tensorflow-text==0.0.1 and you require
      tensorflow-text==0.0.1, we can conclude that your requirements are
      unsatisfiable.
"""
TOO_OLD = """\
error: No solution found when resolving dependencies
  cause: Because only tensorflow-text<=2.21.1 is available and you require tensorflow-text>=3, we can conclude that your requirements are unsatisfiable.
"""
DERIVED = """\
error: No solution found when resolving dependencies
  cause: Because tensorflow-decision-forests==1.10.1 depends on tensorflow==2.17.1 and tensorflow-decision-forests>=1.10.1 depends on tensorflow==2.21.0, we can conclude that tensorflow-decision-forests==1.10.1 cannot be used.
         And because only the following versions of tensorflow-decision-forests are available:
             tensorflow-decision-forests<=1.10.1
             tensorflow-decision-forests>=1.12.0
         we can conclude that tensorflow-decision-forests<1.12.0 cannot be used. (12)

         Because tensorflow-decision-forests>=1.12.0 depends on tensorflow==2.19.0 and tensorflow==2.21.0, we can conclude that tensorflow-decision-forests>=1.12.0 cannot be used.
         And because we know from (12) that tensorflow-decision-forests<1.12.0 cannot be used, we can conclude that all versions of tensorflow-decision-forests cannot be used.
         And because you require tensorflow-decision-forests, we can conclude that your requirements are unsatisfiable.

hint: While the active Python version is 3.11, the resolution failed for other Python versions supported by your project.
"""
NO_WHEEL = """\
error: No solution found when resolving dependencies
  cause: Because all of:
             tensorflow-text{python_full_version < '3.12'}<=2.11.0
          have no wheels with a matching Python ABI tag (e.g., `cp311`), we can conclude that tensorflow-text cannot be used.
         And because tensorflow-text{python_full_version < '3.12'}>=2.14.0rc0 has no wheels with a matching platform tag (e.g., `win_amd64`) and you require tensorflow-text{python_full_version < '3.12'}, we can conclude that your requirements are unsatisfiable.

hint: Wheels are available for `tensorflow-text` (v2.21.1) on the following platforms: `manylinux_2_27_aarch64`
"""
UNKNOWN = """\
error: No solution found when resolving dependencies
  cause: Because nosuch was not found in the package registry and you require nosuch, we can conclude that your requirements are unsatisfiable.
"""
AT_ODDS = """\
error: No solution found when resolving dependencies
  cause: Because you require toolz<1 and toolz>2, we can conclude that your requirements are unsatisfiable.
"""


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (NO_VERSION, "there is no version of tensorflow-text==0.0.1"),
        (OLDER_UV, "there is no version of tensorflow-text==0.0.1"),
        (TOO_OLD, "only tensorflow-text<=2.21.1 is available"),
        (
            DERIVED,
            "tensorflow-decision-forests>=1.12.0 depends on tensorflow==2.19.0 and tensorflow==2.21.0",
        ),
        (
            NO_WHEEL,
            "tensorflow-text>=2.14.0rc0 has no wheels with a matching platform tag (e.g., `win_amd64`)",
        ),
        (UNKNOWN, "nosuch was not found in the package registry"),
        (AT_ODDS, "you require toolz<1 and toolz>2"),
    ],
)
def test_the_last_clause_that_says_anything_of_a_package_is_the_reason(said, sentence):
    assert refusal_in(said) == sentence


@pytest.mark.parametrize(
    "said",
    [
        """\
error: Request failed after 3 retries in 13.3s
  cause: Failed to fetch: https://example.org/simple/toolz/
  cause: Connection refused (os error 111)
""",
        """\
error: No solution found when resolving dependencies
  cause: Because toolz was not found in the cache and you require toolz, we can conclude that your requirements are unsatisfiable.

hint: Packages were unavailable because the network was disabled. When the network is disabled, registry packages may only be read from the cache.
""",
        """\
error: No solution found when resolving dependencies
  cause: Because toolz was not found in the package registry and you require toolz, we can conclude that your requirements are unsatisfiable.

hint: An index URL (https://example.org/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized).
""",
        "error: No space left on device (os error 28)",
        "",
    ],
)
def test_trouble_of_the_network_the_index_or_the_disk_is_no_answer(said):
    assert refusal_in(said) == ""


@given(st.text(), st.text())
def test_whatever_uv_says_a_refusal_is_one_short_line(before, after):
    found = refusal_in(f"{before}No solution found when resolving dependencies{after}")
    assert len(found) <= LONGEST
    assert found == " ".join(found.split())
