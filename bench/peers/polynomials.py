"""Fits the polynomials of io.retort.simd.VectorMath and prints them as Java constants, with the error that the fit itself has.

Each is the polynomial of its degree with (nearly) the least greatest error, under a weight that makes the error of the function it
serves even: iteratively reweighted least squares (Lawson) on Chebyshev points, in double precision, the targets with 40 digits.
"""

import argparse

import mpmath as mp
import numpy as np

mp.mp.dps = 40
POINTS = 1500


def fit(name, degree, low, high, target, weight):
    """Prints c[0..degree] with max |weight(x) (target(x) - sum c_k x^k)| as small as can be on [low, high]."""
    angles = (np.arange(POINTS) + 0.5) * np.pi / POINTS
    x = low + (high - low) * (1 - np.cos(angles)) / 2
    y = np.array([float(target(mp.mpf(v))) for v in x])
    w = np.array([float(weight(mp.mpf(v))) for v in x])
    basis = np.polynomial.chebyshev.chebvander((2 * x - low - high) / (high - low), degree)
    lawson = np.ones(POINTS)
    best, best_error = None, np.inf
    for _ in range(400):
        rows = np.sqrt(lawson)[:, None] * (w[:, None] * basis)
        c = np.linalg.lstsq(rows, np.sqrt(lawson) * w * y, rcond=None)[0]
        error = np.abs(w * (y - basis @ c))
        if error.max() < best_error:
            best, best_error = c, error.max()
        lawson *= error / error.max() + 1e-3
        lawson /= lawson.sum()
    domain = np.polynomial.chebyshev.Chebyshev(best, domain=[low, high])
    coefficients = domain.convert(kind=np.polynomial.Polynomial).coef
    print(f"// {name}, degree {degree} on [{low:g}, {high:g}]: {best_error:.2g}")
    for k, value in enumerate(coefficients):
        print(f"    {name}_{k} = {np.float32(value)!s}f")


def tail(a):
    """Standard normal distribution at -a."""
    return mp.erfc(a / mp.sqrt(2)) / 2


def density(a):
    return mp.exp(-a * a / 2) / mp.sqrt(2 * mp.pi)


def limit(function, at_zero):
    """The function, which is 0/0 at 0, made whole."""
    return lambda x: function(x) if abs(x) > mp.mpf(10) ** -9 else mp.mpf(at_zero)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    # 2^r = 1 + r P(r)
    for d in (4, 5):
        fit("EXP2", d, -0.5, 0.5, limit(lambda r: (mp.power(2, r) - 1) / r, mp.log(2)), lambda r: r / mp.power(2, r))
    for d in (5, 6):
        fit("EXP2full", d, -0.5, 0.5, lambda r: mp.power(2, r), lambda r: 1/ mp.power(2, r))
    for d in (6, 7, 8, 9,10):
        fit("TAIL", d, 0, 5.6, lambda a: mp.log(tail(a), 2), lambda a: (1 + a) * tail(a) * mp.log(2))
    for d in (7, 8, 9,10,11):
        fit("MILLS", d, 0, 5.6, lambda a: tail(a) / density(a), lambda a: (1 + a) * density(a))
    for d in (3,4,5):
        fit("ERF", d, 0, 1, limit(lambda s: mp.erf(mp.sqrt(s)) / mp.sqrt(s), 2 / mp.sqrt(mp.pi)), lambda s: mp.mpf(1))
    for d in (2,3,4):
        fit("TANH", d, 0, 0.625**2, limit(lambda s: (mp.tanh(mp.sqrt(s)) / mp.sqrt(s) - 1) / s, -mp.mpf(1) / 3), lambda s: s)
    for d in (6,7,8):
        fit("LOG", d, float(mp.sqrt(0.5)) - 1, float(mp.sqrt(2)) - 1,
            limit(lambda f: (mp.log1p(f) - f + f * f / 2) / f**3, mp.mpf(1) / 3), lambda f: f**3 / (abs(mp.log1p(f)) + mp.mpf(10)**-12))


if __name__ == "__main__":
    main()
