"""On published series, of which each tells little, the combination is level with the best of its members."""

from pathlib import Path

import pytest

from analytics.forecasts.evaluation import CHOSEN
from tests.benchmarks.forecasts import PUBLISHED, published


@pytest.mark.shared
@pytest.mark.skipif(not PUBLISHED.exists(), reason="needs the published sets")
def test_few_origins_do_not_make_the_combination_worse_than_its_best_member(tmp_path: Path) -> None:
    scores = published("m1_quarterly", ("seasonal_naive", "count_glm", "ets", "blend"), 1, 8, tmp_path)
    scores = scores.set_index("model")[["MASE", "WQL"]]
    assert (scores.loc[CHOSEN] < 1.02 * scores.drop(index=CHOSEN).min()).all()
