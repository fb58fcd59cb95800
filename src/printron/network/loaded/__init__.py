"""The network as it is printed: nonlinear circuits as circuits, and sources that are loaded."""

from printron.network.loaded.joint import Track
from printron.network.loaded.record import Loaded
from printron.network.loaded.solve import (
    begin_track,
    middle,
    settle,
    solve_loaded,
    track_loaded,
)

__all__ = ["Loaded", "Track", "begin_track", "middle", "settle", "solve_loaded", "track_loaded"]
