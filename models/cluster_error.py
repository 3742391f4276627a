"""The refusal to work on a cluster that is not what it has to be."""

from __future__ import annotations

from features.errors import LingjiError


class ClusterError(LingjiError):
    """A cluster that cannot be reached, lost its work, or runs other software than this machine."""
