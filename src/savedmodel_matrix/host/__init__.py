"""What runs inside an environment under test: standard library and what is found there.

Nothing of the harness's own environment may be imported from here; a dependency of ours would
change what is tested. Start reading at ``bootstrap``, then ``server`` (one import, a forked child a
step) and ``steps`` (what a step does).
"""
