"""What one step may use: the protocol's own type, so that no two can disagree."""

from savedmodel_matrix.host.protocol import Limits

__all__ = ["Limits"]
