"""``python -m savedmodel_matrix``."""

from savedmodel_matrix.commands.cli import main

if __name__ == "__main__":
    main()
