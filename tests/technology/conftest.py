"""Files as a person writes them, and what every fault in them must look like."""

import pytest

from printron.errors import PrintronError
from printron.technology.process import shipped


@pytest.fixture(scope="session")
def pdk(shared):
    """Folder ``pdk`` of the shared reference data."""
    return shared / "pdk"


@pytest.fixture
def edited(tmp_path):
    """A shipped file with one passage replaced; the passage must be there."""

    def edit(name, old, new):
        text = shipped(name).read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / f"my_{name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return edit


@pytest.fixture
def refused():
    """The sentence in which a file is refused: one line that names the file and says all of it."""

    def check(load, path, *says):
        with pytest.raises(PrintronError) as fault:
            load(path)
        sentence = str(fault.value)
        assert "\n" not in sentence
        assert len(sentence) < 400
        missing = [what for what in says if what not in sentence]
        assert not missing, f"{missing} not in: {sentence}"
        return sentence

    return check
