"""What the command says when it cannot do what it was asked."""


class UserError(Exception):
    """Bad input: one clear sentence that names the file or option and the remedy. Exit status 2."""
