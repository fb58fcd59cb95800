"""`printron demo`: front, circuit and figures."""

from quick import QUICK


def test_the_demo_shows_front_circuit_and_figures(run, tmp_path, monkeypatch):
    from printron.cli import demo

    monkeypatch.setattr(demo, "ALPHAS", 2)
    monkeypatch.setattr(demo, "SEEDS", 2)
    code, out, err = run("demo", *QUICK)
    assert code == 0, err
    for words in ("majority", "chosen", "petal_width", "R_shift", "crossbar"):
        assert words in out
    names = {path.name for path in (tmp_path / "work" / "demo").iterdir()}
    assert {"alpha.png", "alpha.svg", "front.png", "front.svg", "results.csv", "chosen"} <= names
