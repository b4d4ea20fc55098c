"""When does saturation keep an orthogonal matrix times 1.5 from exploding?

By the size of what arrives from outside.  Without it the gradient grows; sizeable inputs push the
units to where tanh is flat.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course import flow, init

GAIN, N, T, BEFORE, SEEDS = 1.5, 8, 300, 300, range(10)
UNITS, DRIVES = (32, 64), (0.0, 0.1, 0.3, 0.5, 1.0)
DISTANCES = (10, 100, 300)

PROTOCOL = {
    "network": f"h_t = tanh(drive_t + h_(t-1) W_hh), W_hh orthogonal times {GAIN}",
    "start": f"h normal with standard deviation 0.5, then {BEFORE} steps before the measured {T}",
    "drive": "independent normal numbers of this standard deviation for every unit and step",
    "loss": "a random gradient of length 1 at the last state alone",
    "measure": "norm of dL/dh at a distance: median over all runs, and in the last column their mean",
    "runs": f"seeds 0 to {len(SEEDS) - 1}, {N} sequences each",
}


def rows() -> Iterator[dict[str, object]]:
    """One row for each number of units and each drive."""
    for H in UNITS:
        for drive in DRIVES:
            norms = np.concatenate([_norms(H, drive, seed) for seed in SEEDS])
            yield {
                "units": H,
                "drive": drive,
                **{f"at {k}": float(f"{np.median(norms[:, k]):.2g}") for k in DISTANCES},
                f"mean at {T}": float(f"{np.mean(norms[:, T]):.2g}"),
            }


def _norms(H: int, drive: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    W_hh = init.orthogonal(rng, H, GAIN)
    driven = drive * rng.standard_normal((N, BEFORE + T, H))
    driven[:, 0] += 0.5 * rng.standard_normal((N, H)) @ W_hh  # a start that is not zero
    _, slopes = flow.simulate(driven, W_hh)
    dh = rng.standard_normal((N, H))
    dh /= np.linalg.norm(dh, axis=1, keepdims=True)
    return flow.gradient_norms(dh, slopes[:, BEFORE:], W_hh)
