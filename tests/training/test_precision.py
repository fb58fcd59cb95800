"""Training is in single precision whatever the user's JAX is set to."""

import os
import subprocess
import sys

import pytest
from quick import PUBLISHED_LOADED


@pytest.mark.slow
def test_training_works_where_jax_is_switched_to_double() -> None:
    command = [sys.executable, "-m", "printron.cli", "train", "iris", *PUBLISHED_LOADED, "--json"]
    done = subprocess.run(
        command,
        env={**os.environ, "JAX_ENABLE_X64": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"status": "trained"' in done.stdout
