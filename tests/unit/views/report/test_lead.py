"""What the first sentence counts, worked out by hand from tables of a few cells."""

from dataclasses import replace

from savedmodel_matrix.views.report.facts import Part
from savedmodel_matrix.views.report.lead import after, losses, since
from savedmodel_matrix.views.report.pages import Pages
from tests.unit.views.report.generated import cell, facts_of, failed

FIRST, SECOND, THIRD = "tf2.15", "tf2.16", "tf2.17"
ENVIRONMENTS = (FIRST, SECOND, THIRD)


def ended(case, ends, remedy="as-written", loader="saved_model_cli"):
    """Return a case's cells: "p" passes, "f" fails, "-" applies not, in the order of ENVIRONMENTS."""
    kinds = {"p": {}, "f": failed(), "-": {"status": "not-applicable", "stage": ""}}
    return [
        cell(case, remedy, producer, loader, **kinds[end])
        for producer, end in zip(ENVIRONMENTS, ends, strict=True)
    ]


TABLE = [
    *ended("lost", "pff"),
    *ended("lost", "ppp", loader="tf.saved_model.load"),
    *ended("lost", "ppp", "resave"),
    *ended("hopeless", "pff"),
    *ended("hopeless", "ppf", "resave"),
    *ended("fine", "ppp"),
    *ended("never", "fff"),
    *ended("never", "ppp", "resave"),
]


def test_a_model_is_lost_that_ran_and_does_not_run_again():
    [loss] = losses(facts_of(TABLE))
    assert (loss.use.name, loss.before, loss.since) == ("Serve", FIRST, SECOND)
    assert loss.ran == ("fine", "hopeless", "lost")
    assert loss.lost == ("hopeless", "lost")


def test_a_way_rescues_what_it_makes_run_in_every_release_from_then_on():
    [loss] = losses(facts_of(TABLE))
    assert loss.rescued == (("resave", 1),)
    assert (loss.rescued_by_any, loss.hopeless) == (1, 1)


def test_every_loader_that_lost_a_model_has_to_run_it():
    table = [
        *ended("a", "pff"),
        *ended("a", "pff", loader="libtensorflow"),
        *ended("a", "ppp", "resave"),
        *ended("a", "pfp", "resave", "libtensorflow"),
    ]
    [loss] = losses(facts_of(table))
    assert loss.rescued == ()
    assert loss.hopeless == 1


def test_a_model_that_recovers_is_not_lost():
    assert losses(facts_of(ended("a", "pfp"))) == ()
    assert since(facts_of(ended("a", "pfp"))) == ""


def test_ways_are_compared_in_the_releases_since_most_was_lost():
    late = [*TABLE, *ended("late", "ppf")]
    assert since(facts_of(late)) == SECOND
    assert after(facts_of(late)) == (SECOND, THIRD)
    assert after(facts_of(ended("a", "ppp"))) == ENVIRONMENTS


def test_a_part_has_no_such_sentence():
    facts = replace(facts_of(TABLE), part=Part("keras", ENVIRONMENTS, {}))
    assert losses(facts) == ()
    assert after(facts) == ENVIRONMENTS


def test_the_sentence_as_the_page_has_it():
    page = " ".join(dict(Pages(facts_of(TABLE)).all())["index.html"].split())
    assert (
        "Saved as written from TensorFlow 2.16 on, <strong>2</strong> of the <strong>3</strong> "
        "models that ran in serving on tf2.15 no longer do; <strong>1</strong> of them is rescued by another "
        "way of saving, the most (<strong>1</strong>) by Load in Python, save again.</h1>"
    ) in page
    assert "Nothing tested rescues 1 model in serving." in page


def test_the_sentence_where_nothing_helps():
    page = " ".join(dict(Pages(facts_of(ended("a", "pff"))).all())["index.html"].split())
    assert "none of them is rescued by another way of saving.</h1>" in page
