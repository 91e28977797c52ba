"""The reference methods agree with the outputs of the reference implementation, case by case."""

import json
from pathlib import Path

import numpy as np
import pytest

from analytics.signals import oracle
from analytics.signals.ears import ears_limit

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "oracle" / "open"
COUNTS = [1, 2, 3, 2, 1, 2, 3, 9]


@pytest.mark.shared
@pytest.mark.skipif(not FOLDER.exists(), reason="the reference outputs are not beside the project")
def test_every_case_of_the_implemented_functions_agrees() -> None:
    tally, differing = oracle.compare(FOLDER)
    assert differing == []
    assert tally["farringtonFlexible", "agrees"] > 200
    assert tally["earsC", "agrees"] > 100
    assert tally["farrington", "agrees"] > 20


@pytest.mark.parametrize(("shift", "code"), [(0.0, 0), (0.01, 1)])
def test_one_value_that_differs_makes_the_command_fail(
    tmp_path: Path, capsys: pytest.CaptureFixture, shift: float, code: int
) -> None:
    limit = float(ears_limit(np.array([COUNTS], dtype=float), 7)[0]) + shift
    case = {"id": "s__C1", "series": "s", "function": "earsC", "control": {"method": "C1"}, "range": [8, 8]}
    case |= {"status": "ok", "upperbound": [limit], "alarm": [1]}
    (tmp_path / "series.json").write_text(json.dumps({"s": {"observed": COUNTS, "freq": 52, "epochAsDate": False}}))
    (tmp_path / "cases.json").write_text(json.dumps([case, case | {"function": "other"}]))
    assert oracle.main([str(tmp_path)]) == code
    shown = capsys.readouterr().out
    assert ("s__C1" in shown) == bool(code)
    assert "not run" in shown
