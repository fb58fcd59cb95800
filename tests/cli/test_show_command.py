"""`printron show`: what ships can be shown, redirected into a file, changed and passed again."""

import tomllib

import pytest

from printron.technology import technology
from printron.technology.process import default_process, load_process, shipped

CELLS = sorted(technology().cells)


def test_the_process_is_shown_as_it_ships_and_read_again(run, run_json, tmp_path):
    code, text, _ = run("show", "process")
    assert code == 0
    assert text == shipped("inkjet_egt.toml").read_text("utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(text.replace('V_bias = "1 V"', 'V_bias = "0.9 V"'), "utf-8")
    assert load_process(mine).crossbar.V_bias == 0.9
    code, out, _ = run("show")
    assert code == 0
    assert "process" in out
    code, record = run_json("show", "process", "--process", mine, "--out", tmp_path / "out")
    assert code == 0
    assert record["crossbar"]["V_bias"] == 0.9
    assert record["toml"] == mine.read_text("utf-8")
    assert (tmp_path / "out" / "process.toml").read_text("utf-8") == mine.read_text("utf-8")
    assert default_process().crossbar.V_bias == 1


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_is_shown_as_a_file_that_is_the_same_cell(run, tmp_path, cell):
    code, text, _ = run("show", "cell", cell)
    assert code == 0
    assert list(tomllib.loads(text)["cells"]) == [cell]
    assert "# constraints: products of design variables" in text  # what the keys mean
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    library = technology(cell_files=[path])
    assert library.cells[cell] == technology().cells[cell]
    assert library.fingerprint(cell) == technology().fingerprint(cell)


def test_a_cell_that_was_shown_and_changed_is_simulated(run, run_json, tmp_path):
    _, text, _ = run("show", "cell", "clipped_relu")
    assert "# Source follower:" in text
    mine = tmp_path / "mine.toml"
    mine.write_text(text.replace("cells.clipped_relu", "cells.mine").replace("10 Mohm", "5 Mohm"))
    words = ("characterize", "mine", "--cells", mine, "--samples", 20)
    code, record = run_json(*words, "--out", tmp_path / "out")
    assert (code, record["cell"]) == (0, "mine")
    code, again, _ = run("show", "cell", "mine", "--cells", mine)
    assert code == 0
    assert again == mine.read_text("utf-8")


def test_a_cell_written_in_another_form_is_shown_with_its_whole_file(run, tmp_path):
    mine = tmp_path / "mine.toml"
    _, text, _ = run("show", "cell", "clipped_relu")
    inner = tomllib.loads(text)["cells"]["clipped_relu"]
    design = ", ".join(f'{k} = ["{a}", "{b}"]' for k, (a, b) in inner["design"].items())
    mine.write_text(text.split("[cells.clipped_relu.design]")[0] + f"design = {{{design}}}\n")
    whole = mine.read_text() + "[cells.clipped_relu.components]\n" + text.split("components]\n")[1]
    mine.write_text(whole.replace("[cells.clipped_relu]", '[cells."clipped_relu"]'))
    assert run("show", "cell", "clipped_relu", "--cells", mine)[1] == mine.read_text()


def test_cells_are_listed_with_what_they_are_for(run, run_json, monkeypatch):
    code, record = run_json("show", "cells")
    assert code == 0
    assert [cell["name"] for cell in record["cells"]] == CELLS
    by_name = {cell["name"]: cell for cell in record["cells"]}
    assert by_name["ptanh"]["parts"] == {"resistors": 4, "egts": 2}
    assert not by_name["ptanh_published"]["printable"]
    assert not by_name["prelu"]["usable_in_network"]
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run("show", "cells")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    for cell in CELLS:  # no name is broken
        assert f"\n{cell} " in out


def test_a_cell_that_the_process_cannot_make_is_named_and_can_be_shown(run, run_json, tmp_path):
    process = tmp_path / "mine.toml"
    text = shipped("inkjet_egt.toml").read_text("utf-8")
    process.write_text(text.replace("vss_divider =", "other ="), "utf-8")
    code, out, _ = run("show", "cells", "--process", process)
    assert code == 0
    assert "cell 'negation_divider' cannot be made on this process" in out
    code, record = run_json("show", "cell", "negation_divider", "--process", process)
    assert (code, record["name"]) == (0, "negation_divider")


def test_an_unknown_cell_is_one_sentence(run):
    code, out, err = run("show", "cell", "tanh")
    assert (code, out) == (2, "")
    assert "got 'tanh', which is not a cell of this technology; allowed are" in err


def test_a_file_that_was_changed_is_not_written_over(run, tmp_path):
    out = tmp_path / "out"
    assert run("show", "cell", "ptanh", "--out", out)[0] == 0
    assert run("show", "cell", "ptanh", "--out", out)[0] == 0
    changed = (out / "ptanh.toml").read_text("utf-8") + "# mine\n"
    (out / "ptanh.toml").write_text(changed, "utf-8")
    code, _, err = run("show", "cell", "ptanh", "--out", out)
    assert code == 2
    assert "ptanh.toml' exists with other content" in err
    assert (out / "ptanh.toml").read_text("utf-8") == changed
