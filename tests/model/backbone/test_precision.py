"""Ranking in bfloat16: nearly the scores of single precision, and as many different ones."""

import pytest
import torch

from models import FAMILIES, tiny_config, tiny_model
from oracle.dialogues import FULL_OF_CASES
from pecrs.data.protocol import standard_instances
from pecrs.inference.ranker import Ranker


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.filterwarnings("ignore:Mismatch dtype between input and weight")  # of the tests' own norm
def test_ranks_by_nearly_the_same_scores(family):
    config = tiny_config()
    model = tiny_model(family, config).model.float()
    asked = standard_instances([FULL_OF_CASES])

    def ranked(precision):
        settings = config.generation.model_copy(
            update={"shortlist": 5, "rerank_weight": 0.6, "ranking_precision": precision}
        )
        return list(Ranker.of_model(model, settings).rank(asked, 12))

    exact, coarse = ranked("fp32"), ranked("bf16")
    assert [r.scores for r in exact] != [r.scores for r in coarse]
    for one, other in zip(exact, coarse, strict=True):
        scores = dict(zip(one.items, one.scores, strict=True))
        spread = max(one.scores[:5]) - min(one.scores[:5])
        common = [item for item in other.items[:5] if item in one.items[:5]]
        assert len(common) >= 3
        found = dict(zip(other.items, other.scores, strict=True))
        assert [found[i] for i in common] == pytest.approx([scores[i] for i in common], abs=0.1 * spread + 0.05)
        assert len(set(other.scores[:5])) == 5
    assert exact[0].scores == ranked("fp32")[0].scores
    assert torch.is_autocast_enabled("cpu") is False
