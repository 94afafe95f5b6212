"""What can be wrong with an artifact, so that it is not read or not repaired."""


class UnreadableArtifact(Exception):
    """An artifact, or a file of it, that cannot be read: one sentence that says what and where."""


class RepairRefused(Exception):
    """An artifact that is left as it is: one sentence that says why, and what to do instead."""
