#!/usr/bin/env python3
"""Times derivatives of a small image beside the autograd of nanoBragg's Python port, and compares what both give.

usage: NB_PY_PORT=FOLDER scripts/compare_python_port.py [--nanobragg PROGRAM] [--pixels N] [--rounds N] [--json FILE]

FOLDER holds the port's package `nanobrag_torch` (the `src` folder of a checkout); PyTorch has to be installed for the Python
that runs this. Without either it says that it was not run, and exits with 0. Ours is timed as a whole process, from start to
written files; the port in its process, after imports and after runs that do not count. Its autograd gives the derivatives of one
scalar, the sum of all pixels; ours gives every pixel's, which are added up here.
"""

import argparse
import importlib.util
import json
import math
import os
import resource
import statistics
import struct
import subprocess
import sys
import tempfile
import time

CELL = {"cell_a": 100.0, "cell_b": 110.0, "cell_c": 120.0, "cell_alpha": 85.0, "cell_beta": 95.0, "cell_gamma": 100.0}
WAVELENGTH, DISTANCE, PIXEL, CELLS, AMPLITUDE = 1.0, 100.0, 0.4, 8, 100.0
NAMES = [*CELL, "wavelength", "distance"]


def not_run(reason):
    print(f"not run: {reason}")
    sys.exit(0)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--nanobragg", default="target/release/nanobragg", help="our program")
    parser.add_argument("--pixels", type=int, default=64, help="pixels along each side (default: 64)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count (default: 5)")
    parser.add_argument("--json", metavar="FILE", help="write the figures to FILE as well")
    return parser.parse_args()


def processor_seconds():
    """Of this process and the ones it has waited for: unlike wall time, not other people's."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def medians_of(rounds, work):
    """Wall and processor seconds."""
    wall, processor = [], []
    for _ in range(rounds):
        start = time.perf_counter(), processor_seconds()
        work()
        wall.append(time.perf_counter() - start[0])
        processor.append(processor_seconds() - start[1])
    return {"wall": statistics.median(wall), "processor": statistics.median(processor)}


def ours(program, pixels, rounds):
    """Seconds with and without derivatives, and the derivatives of the sum of all pixels."""
    cell = [str(x) for x in CELL.values()]
    with tempfile.TemporaryDirectory() as folder:
        base = [program, "-cell", *cell, "-lambda", str(WAVELENGTH), "-distance", str(DISTANCE), "-pixel", str(PIXEL)]
        base += ["-detpixels", str(pixels), "-N", str(CELLS), "-default_F", str(AMPLITUDE), "-oversample", "1"]
        base += ["-nonoise", "-nopgm", "-noprogress", "-floatfile", "float.bin"]

        def call(more):
            subprocess.run([*base, *more], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        wanted = ["--grad", ",".join(NAMES), "--grad-dir", "by"]
        call(wanted)
        plain, slopes = medians_of(rounds, lambda: call([])), medians_of(rounds, lambda: call(wanted))

        def total(path):
            with open(os.path.join(folder, path), "rb") as file:
                data = file.read()
            return math.fsum(struct.unpack(f"<{len(data) // 4}f", data))

        return plain, slopes, total("float.bin"), {name: total(f"by/{name}.bin") for name in NAMES}


def ports(pixels, rounds):
    """The same of the port."""
    os.environ.setdefault("NANOBRAGG_DISABLE_COMPILE", "1")
    import torch
    from nanobrag_torch.config import BeamConfig, CrystalConfig, DetectorConfig
    from nanobrag_torch.models.crystal import Crystal
    from nanobrag_torch.models.detector import Detector
    from nanobrag_torch.simulator import Simulator

    def image(parameters):
        cell = {name: parameters[name] for name in CELL}
        crystal = CrystalConfig(**cell, N_cells=(CELLS,) * 3, default_F=AMPLITUDE)
        detector = DetectorConfig(
            distance_mm=parameters["distance"], pixel_size_mm=PIXEL, spixels=pixels, fpixels=pixels, oversample=1
        )
        beam = BeamConfig(wavelength_A=parameters["wavelength"])
        double = {"dtype": torch.float64}
        built = Crystal(crystal, beam_config=beam, **double)
        return Simulator(built, Detector(detector, **double), crystal, beam, **double).run()

    def values(grad):
        numbers = {**CELL, "wavelength": WAVELENGTH, "distance": DISTANCE}
        return {name: torch.tensor(x, dtype=torch.float64, requires_grad=grad) for name, x in numbers.items()}

    def plain():
        with torch.no_grad():
            return image(values(False)).sum().item()

    def slopes():
        parameters = values(True)
        image(parameters).sum().backward()
        return {name: None if x.grad is None else x.grad.item() for name, x in parameters.items()}

    total, by = plain(), slopes()
    return medians_of(rounds, plain), medians_of(rounds, slopes), total, by, torch.__version__


def main():
    options = arguments()
    folder = os.environ.get("NB_PY_PORT")
    if not folder:
        not_run("NB_PY_PORT does not name the folder that holds the package `nanobrag_torch`")
    sys.path.insert(0, os.path.abspath(folder))
    for module in ["torch", "nanobrag_torch"]:
        if importlib.util.find_spec(module) is None:
            not_run(f"no Python module `{module}`")
    program = os.path.abspath(options.nanobragg)
    if not os.path.isfile(program):
        not_run(f"no program `{options.nanobragg}`: build it, or name it with --nanobragg")
    plain, slopes, total, by = ours(program, options.pixels, options.rounds)
    # What the port prints about itself is not ours to show.
    kept, sys.stdout = sys.stdout, open(os.devnull, "w", encoding="utf-8")
    port_plain, port_slopes, port_total, port_by, version = ports(options.pixels, options.rounds)
    sys.stdout = kept
    figures = {
        "pixels": options.pixels,
        "rounds": options.rounds,
        "torch": version,
        "seconds": {"image": plain, "image and derivatives": slopes},
        "port_seconds": {"image": port_plain, "image and derivatives of the sum": port_slopes},
        "load": os.getloadavg()[0],
        "sum": [total, port_total],
        "derivatives_of_the_sum": {name: [by[name], port_by[name]] for name in NAMES},
    }
    print(f"{options.pixels} x {options.pixels} pixels, medians of {options.rounds} rounds, PyTorch {version}")
    print(f"{'':<31}{'nanobragg (process)':>22}{'port (in process)':>22}{'ratio':>8}")
    rows = [("image", plain, port_plain), (f"image, {len(NAMES)} derivatives", slopes, port_slopes)]
    for name, a, b in rows:
        for kind in ["wall", "processor"]:
            words = f"{name}, {kind}"
            print(f"{words:<34}{a[kind] * 1e3:>16.2f} ms{b[kind] * 1e3:>19.2f} ms{b[kind] / a[kind]:>8.1f}")
    print(f"\n{'sum of all pixels':<28}{total:>22.8g}{port_total:>22.8g}")
    for name in NAMES:
        other = "none" if port_by[name] is None else f"{port_by[name]:.8g}"
        print(f"{'by ' + name:<28}{by[name]:>22.8g}{other:>22}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=2)


if __name__ == "__main__":
    main()
