"""The networks whose only knob is the norm: equal to PyTorch's where PyTorch has them."""

import numpy as np
import pytest
import torch
from torch import nn

from lnlearn.experiments import comparison, sweeps
from lnlearn.networks import LSTM, NORMS, BatchNorm, for_digits, mlp

X = torch.randn(6, 5, 3, generator=torch.Generator().manual_seed(0))


def test_without_a_norm_it_is_the_lstm_of_pytorch_with_its_gradients():
    torch.manual_seed(1)
    ours, theirs = LSTM(3, 7), nn.LSTM(3, 7, batch_first=True)
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(ours.from_x.weight)
        theirs.weight_hh_l0.copy_(ours.from_h.weight)
        theirs.bias_ih_l0.copy_(ours.from_x.bias)
        theirs.bias_hh_l0.zero_()
    torch.testing.assert_close(ours(X), theirs(X)[0])
    for output in (ours(X), theirs(X)[0]):
        output.square().sum().backward()
    torch.testing.assert_close(ours.from_h.weight.grad, theirs.weight_hh_l0.grad)
    torch.testing.assert_close(ours.from_x.bias.grad, theirs.bias_ih_l0.grad)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_with_layer_norm_it_is_equations_20_to_22_of_ba_and_others():
    # The equations as they stand in the paper, with its order of gates f, i, o, g, in NumPy.
    torch.manual_seed(2)
    model = LSTM(3, 7, "layer").double()
    for parameter in model.parameters():
        nn.init.normal_(parameter)
    W_x, W_h = (linear.weight.detach().numpy() for linear in (model.from_x, model.from_h))
    norms = model.norm_h[0], model.norm_x[0], model.norm_c[0]
    (a1, b1), (a2, b2), (a3, b3) = (
        (norm.weight.detach().numpy(), norm.bias.detach().numpy()) for norm in norms
    )

    def LN(z, gain, bias):
        return gain * (z - z.mean()) / np.sqrt(((z - z.mean()) ** 2).mean() + 1e-5) + bias

    h = c = np.zeros(7)
    for t, x in enumerate(X[0].double().numpy()):
        i, f, g, o = np.split(LN(W_h @ h, a1, b1) + LN(W_x @ x, a2, b2), 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(LN(c, a3, b3))
        np.testing.assert_allclose(model(X[:1].double())[0, t].detach().numpy(), h, atol=1e-12)


def test_batch_norm_has_statistics_for_each_step_and_one_gain_for_all():
    model = LSTM(3, 7, "batch", steps=5)
    assert len({id(norm.running_mean) for norm in model.norm_x}) == 5
    assert len({id(norm.weight) for norm in model.norm_x}) == 1
    assert all((norm.weight == 0.1).all() for norm in model.norm_c)
    model(X)
    means = [norm.running_mean for norm in model.norm_x]
    assert not torch.allclose(means[0], means[4])
    torch.testing.assert_close(means[4], 0.1 * model.from_x(X[:, 4]).mean(0).detach())


def test_batch_norm_of_tokens_is_that_of_pytorch_with_the_features_moved():
    ours, theirs = BatchNorm(3), nn.BatchNorm1d(3)
    for _ in range(2):
        torch.testing.assert_close(ours(X), theirs(X.transpose(1, 2)).transpose(1, 2))
    ours.eval(), theirs.eval()
    torch.testing.assert_close(ours(X), theirs(X.transpose(1, 2)).transpose(1, 2))


@pytest.mark.parametrize("name", comparison.RATES)
@pytest.mark.parametrize("norm", NORMS)
def test_the_norm_is_the_only_difference_and_every_network_has_it(name, norm):
    kinds = {"none": nn.Identity, "batch": BatchNorm, "layer": nn.LayerNorm, "rms": nn.RMSNorm}
    torch.manual_seed(0)
    model = for_digits(name, norm)
    torch.manual_seed(0)
    plain = for_digits(name, "none")
    found = {type(module).__mro__[i] for module in model.modules() for i in (0, 1)}
    assert kinds[norm] in found
    assert not found & {kind for other, kind in kinds.items() if other not in (norm, "none")}
    matrices = [
        [weight for weight in network.parameters() if weight.dim() == 2]
        for network in (model, plain)
    ]
    for one, other in zip(*matrices, strict=True):
        assert one.shape == other.shape
    assert model(torch.zeros(2, 8, 8)).shape[::2] == (2, 10)


def test_an_mlp_has_linear_norm_and_relu_so_many_times_and_one_linear_more():
    kinds = [type(layer).__name__ for layer in mlp(4, 5, 3, depth=2, norm="layer")]
    assert kinds == ["Linear", "LayerNorm", "ReLU"] * 2 + ["Linear"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mlp(4, 5, 3, 2, "group"), "norm is 'group', but must be one of none, batch"),
        (lambda: LSTM(3, 7, "x"), "norm is 'x'"),
        (lambda: for_digits("cnn"), "name is 'cnn', but must be mlp, deep mlp, lstm or transf"),
    ],
)
def test_an_unknown_name_is_told_with_those_that_are_known(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_run_that_explodes_counts_as_guessing():
    result = comparison.trained("mlp", "none", 8, 1e6, 0, steps=10)
    assert result == {"curve": None, "loss": None, "validation": 0.9, "error": 0.9}


def test_a_run_returns_the_loss_in_windows_and_both_halves_of_the_errors():
    result = comparison.trained("mlp", "layer", 64, 0.1, 0, steps=60)
    assert len(result["curve"]) == 6
    assert result["curve"][0] > 4 * result["curve"][-1]
    assert result["loss"] < 0.5
    assert 0 < result["validation"] < 0.2
    assert 0 < result["error"] < 0.2
    assert sweeps.rounded(result) == sweeps.rounded(
        comparison.trained("mlp", "layer", 64, 0.1, 0, steps=60)
    )
