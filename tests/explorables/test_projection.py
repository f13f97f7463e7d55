"""The projection that the reader moves, as it stands where no script runs."""

import re

import pytest
import torch

from lnlearn import explorables


def test_the_figure_that_stands_still_shows_the_numbers_of_pytorch():
    x = torch.tensor([0.2, 0.1, 0.3], dtype=torch.float64, requires_grad=True)
    g = torch.tensor([3.0, 1.0, 2.0], dtype=torch.float64)
    x_hat = torch.nn.functional.layer_norm(x, (3,))
    [dx] = torch.autograd.grad(x_hat, x, g)
    html = explorables.projection()._repr_html_()
    rows = dict(re.findall(r'<tr><th scope="row"[^>]*>(.*?)</th>(.*?)</tr>', html))
    shown = {
        name: [float(cell.replace("−", "-")) for cell in re.findall("<td>(.*?)</td>", row)]
        for name, row in rows.items()
    }
    assert shown["x̂"] == pytest.approx(x_hat.tolist(), abs=5e-5)
    assert shown["dx"] == pytest.approx(dx.tolist(), abs=5e-5)
    assert shown["− mean(g)"] == [-2, -2, -2]
    steps = zip(shown["g"], shown["− mean(g)"], shown["− x̂ mean(g x̂)"], strict=True)
    assert shown["s · dx"] == pytest.approx([sum(step) for step in steps], abs=2e-4)
    assert f"Σ dx x̂ = {dx @ x_hat:.4f}" in html
