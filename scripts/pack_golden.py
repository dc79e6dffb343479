#!/usr/bin/env python3
"""Make the compact golden data of `sim/tests/golden` from a full golden folder.

Not in it: running any program. The numbers come from the golden folder alone, so packing twice gives the same bytes
(for one version of zlib); only the libm probe is computed here, and must be made on the libm the golden runs used.

    scripts/pack_golden.py GOLDEN_FOLDER OUTPUT_FOLDER

Needs Python 3.11 or later, standard library only.
"""

import gzip
import math
import pathlib
import re
import shutil
import struct
import sys
import tomllib
import zlib

CROP_SIDE = 64  # pixels; the longest side of a stored piece of image
FOREIGN_INPUTS = "supervisor"  # a data set that is not ours to pass on: read in place by the tests
CASE_FIELDS = ("name", "description", "quirk", "tags", "args", "cwd_files", "exit", "fpixels", "spixels", "threshold",
               "sum_ratio", "stats", "absent", "left_behind")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: pack_golden.py GOLDEN_FOLDER OUTPUT_FOLDER")
    golden, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    cases = load_cases(golden / "cases.toml", golden) + load_cases(golden / "protein" / "cases.toml", golden / "protein")
    images = pack_images(cases, out / "images.pack")
    traces = pack_texts(((f"{c['id']} {s} {f}", text) for c in cases for s, f, text in stored_traces(c)),
                        out / "traces.txt.gz")
    consoles = pack_texts(((c["id"], console_text(c)) for c in cases if "stdout" in c), out / "console.txt.gz")
    copy_inputs(golden / "inputs", out / "inputs")
    (out / "libm_probe.txt").write_text(libm_probe(), encoding="utf-8")
    (out / "cases.toml").write_text(manifest(cases, images, traces, consoles), encoding="utf-8")
    size = sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    print(f"{len(cases)} cases, {images} images, {traces} traces, {consoles} console texts, {size / 1e6:.2f} MB")


def load_cases(path, folder):
    with open(path, "rb") as file:
        cases = tomllib.load(file)["case"]
    for case in cases:
        case.setdefault("exit", 0)
        case["name"] = case["id"]
        if "thresholds" in case:
            limits = case["thresholds"]
            case["threshold"] = limits["corr_min"]
            case["sum_ratio"] = [limits["sum_ratio_min"], limits["sum_ratio_max"]]
        case["folder"] = folder
        if folder.name == "protein":  # these cases list their images only; a run with -hkl leaves its cache behind too
            case["left_behind"] = ["Fdump.bin"]
    return cases


# ---- images: a piece around the brightest pixel, bytes of equal weight together, deflated one by one


def pack_images(cases, path):
    offset = count = 0
    with open(path, "wb") as pack:
        for case in cases:
            if "image" not in case:
                continue
            piece, window = crop_of(case)
            shuffled = b"".join(piece[i::4] for i in range(4))
            stored = zlib.compress(shuffled, 9)
            pack.write(stored)
            case["crop_stored"] = {**window, "offset": offset, "length": len(stored)}
            offset += len(stored)
            count += 1
    return count


def crop_of(case):
    """The stored image's piece as little-endian f32 bytes, and its inclusive limits in the complete image."""
    fast0, fast1, slow0, slow1 = case.get("crop", [0, case["fpixels"] - 1, 0, case["spixels"] - 1])
    width, height = fast1 - fast0 + 1, slow1 - slow0 + 1
    data = (case["folder"] / case["image"]).read_bytes()
    if len(data) != 4 * width * height:
        sys.exit(f"{case['id']}: image of {len(data)} bytes, expected {4 * width * height}")
    values = struct.unpack(f"<{width * height}f", data)
    slow, fast = divmod(max(range(len(values)), key=values.__getitem__), width)
    f0, s0 = window_start(fast, width), window_start(slow, height)
    f1, s1 = min(f0 + CROP_SIDE, width), min(s0 + CROP_SIDE, height)
    rows = [data[4 * (row * width + f0):4 * (row * width + f1)] for row in range(s0, s1)]
    return b"".join(rows), {"fast": [fast0 + f0, fast0 + f1 - 1], "slow": [slow0 + s0, slow0 + s1 - 1]}


def window_start(centre, size):
    return max(0, min(centre - CROP_SIDE // 2, size - CROP_SIDE))


# ---- texts: one compressed stream, each entry after a line `== name lines`


def pack_texts(entries, path):
    parts, count = [], 0
    for name, text in entries:
        lines = text.splitlines()
        parts.append("\n".join([f"== {name} {len(lines)}", *lines]))
        count += 1
    path.write_bytes(gzip.compress(("\n".join(parts) + "\n").encode(), 9, mtime=0))
    return count


def stored_traces(case):
    paths = case.get("traces")
    if paths is None:  # the protein's cases name their trace by its file only
        stem = pathlib.Path(case["image"]).stem if case["folder"].name == "protein" else None
        paths = sorted(p.name for p in case["folder"].glob(f"{stem}.s*_f*.trace")) if stem else []
    case["trace_pixels"] = []
    for path in paths:
        slow, fast = map(int, re.search(r"\.s(\d+)_f(\d+)\.trace$", path).groups())
        case["trace_pixels"].append([slow, fast])
        yield slow, fast, with_first_line((case["folder"] / path).read_text(encoding="utf-8"))


def with_first_line(trace):
    """The reference ends one warning without a newline, so a trace that begins right after it was stored without its first
    pixel line, the detector's origin. The set-up lines hold the same vector."""
    at = trace.find("TRACE_C: ")
    if at < 0 or trace.startswith("TRACE_C: pix0_vector_meters ", at):
        return trace
    origin = re.search(r"^TRACE_C:pix0_vector=(.+)$", trace, re.MULTILINE).group(1)
    return f"{trace[:at]}TRACE_C: pix0_vector_meters {origin}\n{trace[at:]}"


def console_text(case):
    """The console output less its banner and the lines that only the trace-instrumented build prints."""
    lines = (case["folder"] / case["stdout"]).read_text(encoding="utf-8").splitlines()
    left_out = ("nanoBragg nanocrystal diffraction simulator", "DETECTOR_", "TRACE")
    return "\n".join(line for line in lines if not line.startswith(left_out))


def copy_inputs(source, target):
    target.mkdir(exist_ok=True)
    for path in sorted(source.iterdir()):
        if path.name != FOREIGN_INPUTS:
            shutil.copyfile(path, target / path.name)


# ---- libm probe: the bits of a few functions at fixed places


def libm_probe():
    lines = ["# function, argument bits, result bits; see README.md"]
    state = 1
    for name, function, low, high in (("sin", math.sin, -400, 400), ("cos", math.cos, -400, 400),
                                      ("tan", math.tan, -1.5, 1.5), ("exp", math.exp, -60, 60),
                                      ("log", math.log, 1e-6, 1e6)):
        for _ in range(48):
            state = state * 16807 % 2147483647
            x = low + (high - low) * (state / 2147483647)
            lines.append(f"{name} {bits(x)} {bits(function(x))}")
    return "\n".join(lines) + "\n"


def bits(value):
    return struct.pack(">d", value).hex()


# ---- the manifest


def manifest(cases, images, traces, consoles):
    protein = [c for c in cases if c["id"].startswith("protein/")]
    totals = {
        "cases": len(cases) - len(protein),
        "protein_cases": len(protein),
        "files": sum(len(c.get("files", {})) for c in cases),
        "traces": traces - sum(len(c["trace_pixels"]) for c in protein),
        "protein_traces": sum(len(c["trace_pixels"]) for c in protein),
        "images": images,
        "consoles": consoles,
    }
    lines = ["# Written by scripts/pack_golden.py; the fields are explained in README.md beside this file.", "", "[totals]"]
    lines += [f"{key} = {toml(value)}" for key, value in totals.items()]
    for case in cases:
        lines += ["", "[[case]]"]
        lines += [f"{key} = {toml(case[key])}" for key in CASE_FIELDS if key in case]
        lines += [f"files.{kind} = {toml(entry)}" for kind, entry in case.get("files", {}).items()]
        if "crop_stored" in case:
            lines.append(f"crop = {toml(case['crop_stored'])}")
        if case.get("trace_pixels"):
            lines.append(f"traces = {toml(case['trace_pixels'])}")
        if "stdout" in case:
            lines.append("console = true")
    return "\n".join(lines) + "\n"


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return "{ " + ", ".join(f"{key_text(key)} = {toml(entry)}" for key, entry in value.items()) + " }"


def key_text(key):
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml(key)


if __name__ == "__main__":
    main()
