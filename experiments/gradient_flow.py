"""How large is a gradient 10, 50 and 100 steps back, by activation, matrix and spectral radius?

One row for each network of 64 units.  The worksheet ps04 computes one of them live.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course import flow, init

H, N, T, DRIVE, SEEDS = 64, 32, 100, 0.3, range(10)
RADII = (0.5, 0.9, 1.0, 1.1, 1.5)
DISTANCES = (10, 50, 100)

PROTOCOL = {
    "network": f"h_t = phi(drive_t + h_(t-1) W_hh), H = {H}, from h_0 = 0, T = {T}",
    "drive": f"independent normal numbers of standard deviation {DRIVE} for every unit and step",
    "matrices": "Gaussian scaled to the radius; orthogonal times the radius; identity times the radius",
    "loss": "a random gradient of length 1 at the last state alone",
    "measure": "norm of dL/dh at a distance: median over all runs, and in the last column their mean",
    "runs": f"seeds 0 to {len(SEEDS) - 1}, {N} sequences each",
}


def rows() -> Iterator[dict[str, object]]:
    """One row a network: activation, matrix, spectral radius, and the norms."""
    for activation in ("linear", "tanh", "ReLU"):
        for matrix in ("Gaussian", "orthogonal", "identity"):
            for radius in RADII:
                norms = np.concatenate([_norms(activation, matrix, radius, s) for s in SEEDS])
                yield {
                    "activation": activation,
                    "matrix": matrix,
                    "radius": radius,
                    **{f"at {k}": _two_digits(np.median(norms[:, k])) for k in DISTANCES},
                    f"mean at {T}": _two_digits(np.mean(norms[:, T])),
                }


def _norms(activation: str, matrix: str, radius: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if matrix == "Gaussian":
        W_hh = init.with_spectral_radius(rng.standard_normal((H, H)), radius)
    elif matrix == "orthogonal":
        W_hh = init.orthogonal(rng, H, radius)
    else:
        W_hh = init.identity(H, radius)
    _, slopes = flow.simulate(DRIVE * rng.standard_normal((N, T, H)), W_hh, activation)
    dh = rng.standard_normal((N, H))
    dh /= np.linalg.norm(dh, axis=1, keepdims=True)
    return flow.gradient_norms(dh, slopes, W_hh)


def _two_digits(value: np.floating) -> float:
    """More would be noise: other seeds change the second digit."""
    return float(f"{value:.2g}")
