"""Where recurrent weights start, and what size they have.

    orthogonal    W W^T = gain^2 I: a row leaves W with its length times `gain`, whatever it is
    identity      W = scale I: with ReLU and scale 1, a positive state stays as it is
    chrono        b_f = log u, u uniform on [1, T_max - 1]: forget gates of every time scale
    radius        rho(W) = max |eigenvalue|: how W^k grows or falls in the end

Sources: A. Saxe, J. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of
learning in deep linear neural networks", ICLR 2014 (arXiv:1312.6120); Q. Le, N. Jaitly,
G. Hinton, "A simple way to initialize recurrent networks of rectified linear units", 2015
(arXiv:1504.00941); C. Tallec, Y. Ollivier, "Can recurrent neural networks warp time?", ICLR 2018
(arXiv:1804.11188).
"""

from __future__ import annotations

import numpy as np

from course.shapes import Array, check_shapes


def orthogonal(rng: np.random.Generator, n: int, gain: float = 1.0) -> Array:
    """gain Q with Q Q^T = I, and Q drawn evenly from all such matrices.

    A Gaussian matrix has no favourite direction, so neither has its orthogonal part.

    Args:
        rng: source of randomness.
        n: rows and columns.
        gain: every singular value of the result.

    Returns:
        (n, n).
    """
    return orthogonalised(rng.standard_normal((n, n)), gain)


def orthogonalised(A: Array, gain: float = 1.0) -> Array:
    """gain U V^T, where A = U S V^T: the directions of A, and every singular value `gain`.

    With gain 1 it is the orthogonal matrix nearest to A.

    Args:
        A: (H, H), without a singular value of 0.
        gain: the factor by which the result stretches every row.

    Returns:
        (H, H).
    """
    check_shapes("orthogonalised", A=(A, "HH"))
    U, _, V_T = np.linalg.svd(A)
    return gain * (U @ V_T)


def identity(n: int, scale: float = 1.0) -> Array:
    """scale I: every unit keeps `scale` of its own state and listens to no other. (n, n)."""
    return scale * np.eye(n)


def chrono_bias(rng: np.random.Generator, H: int, T_max: int) -> Array:
    """b_f = log u with u uniform on [1, T_max - 1]; the input gate takes -b_f.

    A forget gate at sigmoid(b) keeps a trace for about 1 + exp(b) steps, so the units of a layer
    start with time scales spread over 2 to T_max.

    Args:
        rng: source of randomness.
        H: number of units.
        T_max: the longest dependence that you expect, in steps; at least 3.

    Returns:
        The forget gates' biases, (H,), all at least zero.

    Raises:
        ValueError: T_max is below 3.
    """
    if T_max < 3:
        raise ValueError(f"chrono_bias got T_max = {T_max}; a dependence has at least 3 steps.")
    return np.log(rng.uniform(1, T_max - 1, size=H))


def spectral_radius(W: Array) -> float:
    """max |lambda| over the eigenvalues of W (n, n), complex ones by their absolute value."""
    check_shapes("spectral_radius", W=(W, "HH"))
    return float(np.max(np.abs(np.linalg.eigvals(W))))


def with_spectral_radius(W: Array, rho: float) -> Array:
    """W scaled so that its spectral radius is rho.

    Args:
        W: (n, n), with an eigenvalue that is not zero.
        rho: the radius that it should have.

    Returns:
        (n, n).

    Raises:
        ValueError: all eigenvalues of W are zero, so no scale helps.
    """
    radius = spectral_radius(W)
    if radius == 0:
        raise ValueError("with_spectral_radius got a matrix whose eigenvalues are all zero.")
    return W * (rho / radius)
