"""What the tests of circuits share."""

import shutil
import stat

import numpy as np
import pytest


@pytest.fixture(scope="session")
def random_designs():
    """Designs that respect a cell's ranges and constraints, uniform in the logarithm."""

    def draw(cell, count, seed=0):
        low, high = np.log(cell.bounds)[..., None]
        rng = np.random.default_rng(seed)
        found = np.empty((len(low), 0))
        while found.shape[1] < count:
            designs = np.exp(low + (high - low) * rng.random((len(low), 4 * count)))
            found = np.concatenate([found, designs[:, cell.inside(designs)]], axis=1)
        return found[:, :count]

    return draw


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Put a shell script in the place of ngspice; `$REAL` is the real one."""

    def install(body):
        script = tmp_path / "fake-ngspice"
        script.write_text(
            '#!/bin/sh\nif [ "$1" = --version ]; then echo "** ngspice-39 : fake"; exit; fi\n'
            f"REAL={shutil.which('ngspice')}\n{body}\n"
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PRINTRON_NGSPICE", str(script))
        return script

    return install
