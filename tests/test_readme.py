"""What the README shows works as it stands there."""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from quick import QUICK_SCHEDULE

from printron import training

README = Path(__file__).resolve().parents[1] / "README.md"


@pytest.mark.slow
def test_the_python_example_runs_and_prints_accuracies_up_to_1(monkeypatch, capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    short = partial(training.train, schedule=QUICK_SCHEDULE)
    monkeypatch.setattr(training, "train", short)
    exec(compile(code, str(README), "exec"), {})
    printed = re.fullmatch(r"\[(.*?)\] \[.*\] µW\n", capsys.readouterr().out)
    accuracy = np.array(printed[1].split(), float)
    assert accuracy.shape == (2,)
    assert (accuracy > 0).all()
    assert (accuracy <= 1).all()
