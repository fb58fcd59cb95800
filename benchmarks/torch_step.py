"""The training step in PyTorch, batched over runs: what `training.py` times ours against.

Written as a person would: runs lead, arrays are feature-major [runs, features, samples]; plain
autograd, `torch.bmm`, fused Adam. The equations, the surrogates' weights and the start are those
of printron; only what the default cells need is here (tanh curves, one q a network, a load of
resistors in series).
"""

import math
import sys

import numpy as np

try:
    import torch
except ImportError:
    if __name__ == "__main__":
        why = "PyTorch is not installed; pip install 'printron[benchmark]'"
        print(f"error: {why}", file=sys.stderr)
        sys.exit(2)
    raise

from printron.network import Structure
from printron.training.terms import LOGIT_SCALE_PER_V


class TorchSurrogate:
    """eta(q) and P(q) of a cell, with the constraints of its design space."""

    def __init__(self, surrogate, cell):
        self.weights = [(torch.tensor(m), torch.tensor(b)) for m, b in surrogate.weights]
        single = {"dtype": torch.float32}
        self.offset = torch.tensor(surrogate.offset, **single)
        self.scale = torch.tensor(surrogate.scale, **single)
        self.anchor = torch.tensor(surrogate.anchor, **single)
        span = np.log(surrogate.high / surrogate.low)
        slopes = surrogate.constraints[:, :-1] * span
        constant = surrogate.constraints[:, -1] + surrogate.constraints[:, :-1] @ np.log(
            surrogate.low
        )
        self.slopes = torch.tensor(slopes, **single)
        self.constant = torch.tensor(constant, **single)
        self.there = torch.tensor(slopes @ surrogate.anchor + constant, **single)
        self.low = torch.tensor(np.log(surrogate.low), **single)
        self.span = torch.tensor(span, **single)
        self.load = ()
        if cell.role == "activation" and cell.input_load:
            self.load = [cell.variables.index(name) for name in cell.input_load[0]]

    def __call__(self, raw):
        """eta [4] of [runs], power [runs], load [runs] of learned values [runs, variables]."""
        u = torch.sigmoid(raw)
        if len(self.slopes):
            here = u @ self.slopes.T + self.constant
            margin = 1e-4 * self.there
            way = (self.there - margin) / (self.there - here).clamp(min=1e-9)
            share = torch.where(here < margin, way, 1.0).amin(1, keepdim=True)
            u = self.anchor + (u - self.anchor) * share
        x = 2 * u - 1
        for k, (matrix, bias) in enumerate(self.weights):
            x = x @ matrix.T + bias
            if k < len(self.weights) - 1:
                x = torch.tanh(x)
        y = x * self.scale + self.offset
        load = torch.zeros(len(u))
        if self.load:
            load = 1 / torch.exp(self.low + self.span * u)[:, self.load].sum(1)
        return (y[:, 0], y[:, 1], y[:, 2], torch.exp(y[:, 3])), torch.exp(y[:, 4]), load


def curve(eta, v):
    """The tanh curve of every run's cell at voltages [runs, features, samples]."""
    eta1, eta2, eta3, eta4 = (e.view(-1, 1, 1) for e in eta)
    return eta1 + eta2 * torch.tanh((v - eta3) * eta4)


class TorchStep:
    """The loss of a batch of runs and its optimiser."""

    def __init__(self, structure: Structure, theta, activation, negation, P_ref, volts, labels):
        process = structure.process
        self.g_min, self.ratio = process.g_min, process.g_min / process.g_max
        self.V_bias = process.crossbar.V_bias
        activation_model, negation_model = structure.models
        rail = activation_model.cell.input_load
        self.load_volts = process.rail(rail[1]) if rail else 0.0
        self.activation = TorchSurrogate(activation_model.surrogate, activation_model.cell)
        self.negation = TorchSurrogate(negation_model.surrogate, negation_model.cell)
        self.P_ref = P_ref
        runs = len(theta[0])

        def learned(array):
            return torch.tensor(np.array(array, np.float32), requires_grad=True)

        self.theta = [learned(t) for t in theta]
        self.q = [learned(activation), learned(negation)]  # [runs, variables]
        self.volts = torch.tensor(np.array(volts))[None].expand(runs, -1, -1)
        self.labels = torch.tensor(np.array(labels), dtype=torch.int64)[None].expand(runs, -1)

    def printed(self, theta):
        """Which resistors of every layer are printed, and which columns, by layer.

        From the outputs back: the column of a neuron that feeds nothing is not printed.
        """
        masks, used = [], None
        for each in reversed(theta):
            size = each.abs()
            there = (size >= size.amax(1, keepdim=True) * self.ratio) & (size > 0)
            used = torch.ones_like(there[:, 0]) if used is None else used
            masks.insert(0, (there, used))
            used = (there & used[:, None]).any(2)[:, :-2]
        return masks

    def layer(self, theta, mask, v, eta_a, eta_n, load):
        """Outputs [runs, N, S], crossbar power, numbers of activations and of negations."""
        inputs = theta.shape[1] - 2
        negated = -curve(eta_n, v)
        negated_bias = -curve(eta_n, torch.full((len(theta), 1, 1), self.V_bias))[:, :, 0]
        size = theta.abs()
        printed, used = mask
        kept = size + (torch.where(printed, size, 0.0) - size).detach()
        smallest = torch.where(printed, kept, math.inf).amin(1, keepdim=True)
        g = kept * (self.g_min / smallest)
        negative = theta < 0
        negative[:, -1] = False
        plus, minus = torch.where(negative, 0.0, g), torch.where(negative, g, 0.0)
        fed = printed[:, :inputs].any(1) & used
        load = torch.where(fed, load[:, None], 0.0)
        constant = plus[:, inputs] * self.V_bias + minus[:, inputs] * negated_bias
        total = g.sum(1)
        into = (
            torch.bmm(plus[:, :inputs].transpose(1, 2), v)
            + torch.bmm(minus[:, :inputs].transpose(1, 2), negated)
            + constant[:, :, None]
        )
        z = (into + (load * self.load_volts)[:, :, None]) / (total + load)[:, :, None]
        burning = used[:, None]
        plus, minus, total = plus * burning, minus * burning, total * used
        into = into * used[:, :, None]
        power = (plus[:, :inputs].sum(2) * (v * v).mean(2)).sum(1)
        power = power + (minus[:, :inputs].sum(2) * (negated * negated).mean(2)).sum(1)
        power = power + plus[:, inputs].sum(1) * self.V_bias**2
        power = power + (minus[:, inputs] * negated_bias**2).sum(1)
        power = power + (z * z * total[:, :, None] - 2 * z * into).mean(2).sum(1)
        rows = theta[:, : inputs + 1]
        hard = (minus[:, : inputs + 1] > 0).any(2).sum(1).float()
        soft = torch.where((rows < 0) & burning, 1 - torch.sigmoid(rows), 0.0).amax(2).sum(1)
        out = torch.where(fed[:, :, None], curve(eta_a, z), z)
        return out, power, fed.sum(1).float(), hard + (soft - soft.detach())

    def loss(self, alpha, slope, theta=None):
        """The objective of every run, [runs]."""
        eta_a, P_A, load = self.activation(self.q[0])
        eta_n, P_N, _ = self.negation(self.q[1])
        eta_a, eta_n = (*eta_a[:3], eta_a[3] * slope), (*eta_n[:3], eta_n[3] * slope)
        v, power = self.volts, 0.0
        theta = self.theta if theta is None else theta
        for layer, mask in zip(theta, self.printed(theta), strict=True):
            v, crossbar, activations, negations = self.layer(layer, mask, v, eta_a, eta_n, load)
            power = power + crossbar + activations * P_A + negations * P_N
        entropy = torch.nn.functional.cross_entropy(
            LOGIT_SCALE_PER_V * v, self.labels, reduction="none"
        ).mean(1)
        return (1 - alpha) * entropy + alpha * power / self.P_ref

    def gradient(self, alpha, slope):
        """Loss [runs] and its gradient by parameter."""
        loss = self.loss(alpha, slope)
        return loss.detach().numpy(), [
            g.numpy() for g in torch.autograd.grad(loss.sum(), [*self.theta, *self.q])
        ]

    def begin(self, schedule):
        """Set the optimiser up."""
        self.schedule, self.epoch = schedule, 0
        self.optimiser = torch.optim.Adam(
            [{"params": self.theta, "rate": 1.0}, {"params": self.q, "rate": schedule.cell_rate}],
            fused=True,
        )

    def step(self, alpha):
        """One epoch: noise, forward, backward, update."""
        s, part = self.schedule, min(self.epoch / self.schedule.epochs, 1.0)
        decay = s.final_share + (1 - s.final_share) * 0.5 * (1 + math.cos(math.pi * part))
        for group in self.optimiser.param_groups:
            group["lr"] = s.learning_rate * group["rate"] * decay
        rise = min(self.epoch / (s.anneal_share * s.epochs), 1.0)
        shaken = [t * torch.exp(s.noise * torch.randn_like(t)) for t in self.theta]
        self.optimiser.zero_grad()
        self.loss(alpha, s.anneal_from ** (1 - rise), shaken).sum().backward()
        self.optimiser.step()
        self.epoch += 1
