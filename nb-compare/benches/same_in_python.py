#!/usr/bin/env python3
"""The figures of `nb-compare files` for the images of the benchmark `large_images`, by NumPy, SciPy and scikit-image.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python3 same_in_python.py FOLDER

Prints each figure with its time, then the processor time and the largest memory of the whole.
"""
import pathlib
import resource
import sys
import time

import numpy as np
import scipy.stats
from scipy import ndimage
from skimage.metrics import structural_similarity
from skimage.registration import phase_cross_correlation

SIDE, WINDOW = 4096, 1024


def timed(name, work):
    start = time.process_time()
    value = work()
    print(f"  {name:<24}{time.process_time() - start:8.3f} s  {value}")
    return value


def ordered(values):
    bits = values.view(np.uint32).astype(np.int64)
    return np.where(bits < 2**31, bits, 2**31 - bits)


def ulp(a, b):
    distance = np.abs(ordered(a) - ordered(b)).ravel()
    return np.percentile(distance, [50, 99], method="inverted_cdf"), distance.max()


def shift(a, b):
    """As nb-compare does: of a large image the window round the brightest pixel."""
    y, x = np.unravel_index(np.argmax(a), a.shape)
    top, left = (min(max(c - WINDOW // 2, 0), SIDE - WINDOW) for c in (y, x))
    part = np.s_[top : top + WINDOW, left : left + WINDOW]
    return phase_cross_correlation(a[part].astype(float), b[part].astype(float), upsample_factor=100)[0]


def peaks(image):
    threshold = np.percentile(image, 99.5)
    return int(((image == ndimage.maximum_filter(image, 7)) & (image > threshold)).sum())


def main():
    folder = pathlib.Path(sys.argv[1])
    a, b = (np.fromfile(folder / name, "<f4").reshape(SIDE, SIDE) for name in ("a.bin", "b.bin"))
    x, y = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    timed("sums and differences", lambda: (x.sum(), y.sum(), np.mean((y - x) ** 2), np.abs(y - x).max()))
    scale = timed("best scale", lambda: float(x @ y / (x @ x)))
    timed("residual", lambda: float(np.linalg.norm(y - scale * x) / np.linalg.norm(y)))
    timed("correlation", lambda: float(np.corrcoef(x, y)[0, 1]))
    timed("log correlation", lambda: float(np.corrcoef(np.log1p(x), np.log1p(y))[0, 1]))
    timed("rank correlation", lambda: float(scipy.stats.spearmanr(x, y).statistic))
    timed("ULP", lambda: ulp(a, b))
    span = float(max(a.max(), b.max())) - float(min(a.min(), b.min()))
    timed("SSIM", lambda: float(structural_similarity(a.astype(float), b.astype(float), data_range=span)))
    timed("shift", lambda: shift(a, b))
    timed("peaks", lambda: (peaks(a), peaks(b)))
    used = resource.getrusage(resource.RUSAGE_SELF)
    memory = used.ru_maxrss * 1024 / (a.nbytes + b.nbytes)
    print(f"whole: {used.ru_utime + used.ru_stime:.2f} s user and system, {memory:.2f} times the images' memory")


main()
