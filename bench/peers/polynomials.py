"""Fits the polynomials of io.retort.simd.VectorMath and prints their coefficients, with the error that each fit has by itself.

A fit has (nearly) the least greatest error, under a weight that makes the error of the function it serves even: least squares on
Chebyshev points, reweighted (Lawson), in double precision; targets with 40 digits. NAME_k belongs to x to the k in the function served.
"""

import argparse

import mpmath as mp
import numpy as np

mp.mp.dps = 40
POINTS = 1500
ROUNDS = 500


class Interval:
    """Chebyshev points of an interval, and polynomials on it."""

    def __init__(self, low, high):
        self.low, self.high = float(low), float(high)
        angles = (np.arange(POINTS) + 0.5) * np.pi / POINTS
        self.points = self.low + (self.high - self.low) * (1 - np.cos(angles)) / 2

    def values(self, function):
        return np.array([float(function(mp.mpf(x))) for x in self.points])

    def basis(self, degree):
        scaled = (2 * self.points - self.low - self.high) / (self.high - self.low)
        return np.polynomial.chebyshev.chebvander(scaled, degree)

    def monomials(self, coefficients):
        fitted = np.polynomial.chebyshev.Chebyshev(coefficients, domain=[self.low, self.high])
        return fitted.convert(kind=np.polynomial.Polynomial).coef


def least_greatest(solve, error_of):
    """The best of the solutions of least squares problems whose weights follow the errors, and its greatest error."""
    weights, best, least = np.ones(POINTS), None, np.inf
    for _ in range(ROUNDS):
        solution = solve(np.sqrt(weights))
        error = error_of(solution)
        if error.max() < least:
            best, least = solution, error.max()
        weights = weights * (error / error.max() + 1e-3)
        weights /= weights.sum()
    return best, least


def show(name, first, step, coefficients, error):
    print(f"// {name}: {error:.2g}")
    for k, value in enumerate(coefficients):
        print(f"{name}_{first + step * k} = {np.float32(value)!s}")


def polynomial(name, degree, low, high, target, weight, first=0, step=1):
    """sum c_k x^k, printed as NAME_first, NAME_(first + step), ..."""
    interval = Interval(low, high)
    y, w, basis = interval.values(target), interval.values(weight), interval.basis(degree)
    best, error = least_greatest(
        lambda s: np.linalg.lstsq((s * w)[:, None] * basis, s * w * y, rcond=None)[0], lambda c: np.abs(w * (y - basis @ c))
    )
    show(name, first, step, interval.monomials(best), error)


def fraction(over, under, degree, low, high, target):
    """A fraction of two polynomials of one degree, the lower one 1 at 0, of least relative error."""
    interval = Interval(low, high)
    y, basis = interval.values(target), interval.basis(degree)
    divisor = np.ones(POINTS)

    def solve(s):
        nonlocal divisor
        weight = s / y / divisor
        rows = np.hstack([basis, -y[:, None] * basis[:, 1:]]) * weight[:, None]
        norms = np.linalg.norm(rows, axis=0)
        c = np.linalg.lstsq(rows / norms, y * weight, rcond=None)[0] / norms
        divisor = 1 + basis[:, 1:] @ c[degree + 1 :]
        return c

    best, error = least_greatest(
        solve, lambda c: np.abs(1 - basis @ c[: degree + 1] / (1 + basis[:, 1:] @ c[degree + 1 :]) / y)
    )
    lower = interval.monomials(np.r_[1, best[degree + 1 :]])
    show(over, 0, 1, interval.monomials(best[: degree + 1]) / lower[0], error)
    show(under, 0, 1, lower / lower[0], error)


def whole(function, at_zero):
    """The function, which is 0/0 at 0, made whole."""
    return lambda x: function(x) if abs(x) > mp.mpf(10) ** -9 else mp.mpf(at_zero)


def tail(a):
    """Standard normal distribution at -a."""
    return mp.erfc(a / mp.sqrt(2)) / 2


def slope(a):
    """Derivative of GELU at -a, over e^(-a^2 / 2)."""
    return mp.exp(a * a / 2) * tail(a) - a / mp.sqrt(2 * mp.pi)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    power = whole(lambda r: (mp.power(2, r) - 1) / r, mp.log(2))
    polynomial("POWER", 4, -0.5, 0.5, power, lambda r: r / mp.power(2, r), first=1)
    polynomial("EXACT", 5, -0.5, 0.5, power, lambda r: r / mp.power(2, r), first=1)
    polynomial(
        "LOG",
        7,
        mp.sqrt(0.5) - 1,
        mp.sqrt(2) - 1,
        whole(lambda f: (mp.log1p(f) - f + f * f / 2) / f**3, mp.mpf(1) / 3),
        whole(lambda f: f**3 / mp.log1p(f), 0),
        first=3,
    )
    polynomial(
        "TANH",
        4,
        0,
        0.625**2,
        whole(lambda s: (mp.tanh(mp.sqrt(s)) / mp.sqrt(s) - 1) / s, -mp.mpf(1) / 3),
        lambda s: s,
        first=3,
        step=2,
    )
    fraction("OVER", "UNDER", 5, 0, 3.925**2, whole(lambda s: mp.erf(mp.sqrt(s)) / mp.sqrt(s), 2 / mp.sqrt(mp.pi)))
    polynomial("TAIL", 8, 0, 5.6, lambda a: mp.log(tail(a), 2), lambda a: (1 + a) * tail(a) * mp.log(2))
    polynomial(
        "SLOPE",
        9,
        0,
        5.6,
        whole(lambda a: (slope(a) - 0.5) / a, -mp.sqrt(2 / mp.pi)),
        lambda a: a * mp.exp(-a * a / 2),
        first=1,
    )


if __name__ == "__main__":
    main()
