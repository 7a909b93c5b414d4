"""Trained rows beside a frozen table: the same numbers as a table that holds them, and no gradient into the table."""

import copy

import pytest
import torch
from torch import nn

from pecrs.model.backbone.token_rows import (
    EmbeddingRows,
    HeadRows,
    chosen_logits,
    install_rows,
    switch_rows,
    trained_rows,
)

TOKENS = (7, 8, 9, 10)


class Tables(nn.Module):
    """What :func:`install_rows` asks of a transformers model."""

    def __init__(self, *, tied: bool, bias: bool) -> None:
        super().__init__()
        self.read, self.write = nn.Embedding(12, 5), nn.Linear(5, 12, bias=bias)
        if tied:
            self.write.weight = self.read.weight
        self.requires_grad_(False)
        self.get_input_embeddings = lambda: self.read
        self.get_output_embeddings = lambda: self.write
        self.set_input_embeddings = lambda layer: setattr(self, "read", layer)
        self.set_output_embeddings = lambda layer: setattr(self, "write", layer)


def made(*, tied=True, bias=False):
    """Tables with trained rows, and plain ones that hold the same rows."""
    torch.manual_seed(0)
    model = Tables(tied=tied, bias=bias).double()
    before = copy.deepcopy((model.read, model.write))
    install_rows(model, TOKENS)
    plain = copy.deepcopy(before)
    with torch.no_grad():
        for rows in trained_rows(model).values():
            rows.normal_()
        plain[0].weight[list(TOKENS)] = model.read.rows
        plain[1].weight[list(TOKENS)] = model.write.rows
    return model, plain, before


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("tied", [True, False])
def test_they_compute_what_a_table_with_these_rows_computes(tied, bias):
    model, (read, write), _ = made(tied=tied, bias=bias)
    tokens, states = torch.tensor([[0, 7, 11], [10, 3, 8]]), torch.randn(2, 3, 5, dtype=torch.float64)
    torch.testing.assert_close(model.read(tokens), read(tokens))
    torch.testing.assert_close(model.write(states), write(states))
    torch.testing.assert_close(chosen_logits(model.write, states, (3, 9)), write(states)[..., [3, 9]])
    torch.testing.assert_close(chosen_logits(write, states, (3, 9)), write(states)[..., [3, 9]])


@pytest.mark.parametrize("bias", [False, True])
def test_switched_off_they_are_the_table(bias):
    model, _, (read, write) = made(bias=bias)
    switch_rows(model, False)
    tokens, states = torch.arange(12), torch.randn(4, 5, dtype=torch.float64)
    assert torch.equal(model.read(tokens), read(tokens))
    assert torch.equal(model.write(states), write(states))
    torch.testing.assert_close(chosen_logits(model.write, states, (0, 7)), write(states)[:, [0, 7]])
    switch_rows(model, True)
    assert not torch.equal(model.read(tokens), read(tokens))


@pytest.mark.parametrize(("tied", "sides"), [(True, ["input"]), (False, ["input", "output"])])
def test_tied_tables_share_one_parameter(tied, sides):
    model, *_ = made(tied=tied)
    assert list(trained_rows(model)) == sides
    assert sum(p.requires_grad for p in model.parameters()) == len(sides)
    assert (model.write.rows is model.read.rows) == tied


def test_gradients_reach_the_rows_alone_and_equal_those_of_a_trained_table():
    model, (read, write), _ = made()
    write.weight = read.weight.requires_grad_()
    tokens, probe = torch.tensor([7, 2, 9, 7]), torch.randn(4, 12, dtype=torch.float64)
    (model.write(model.read(tokens)) * probe).sum().backward()
    (write(read(tokens)) * probe).sum().backward()
    assert model.read.table.weight.grad is None
    torch.testing.assert_close(model.read.rows.grad, read.weight.grad[list(TOKENS)])


def test_transformers_finds_weight_and_bias_where_it_looks():
    model, *_ = made(bias=True)
    assert isinstance(model.read, EmbeddingRows)
    assert isinstance(model.write, HeadRows)
    assert model.read.weight is model.read.table.weight
    assert model.write.bias is model.write.table.bias
