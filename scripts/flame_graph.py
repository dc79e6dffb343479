#!/usr/bin/env python3
"""Draws a flame graph (SVG) of a run of nanobragg from what `perf script` prints, with inlined functions as frames.

    perf record -F 1500 --call-graph dwarf,65528 -o perf.data nanobragg ARGUMENTS
    perf script -i perf.data -F ip,sym,symoff,dso --no-inline --no-demangle > stacks.txt
    scripts/flame_graph.py stacks.txt nanobragg picture.svg

Needs nm and addr2line (binutils) and a program with line tables. Frames of the system are drawn as one.
"""
import collections
import html
import re
import subprocess
import sys

WIDTH, LINE, LEAST = 1200, 17, 0.002
# Where the program's own work starts, and the iterators that a call passes through on its way.
START = "run_cli"
PASSED_THROUGH = re.compile(r"collect|from_iter|spec_extend|extend_trusted|for_each|fold|map|call_once|call|next|\{closure#?\d*\}"
                            r"|.*\{\{closure\}\}|polynomial|cvt|iter::.*|.*::call_once|branch")


def stacks(text):
    """Lists of (symbol, offset, module), outermost first."""
    for sample in text.split("\n\n"):
        frames = [re.match(r"\s*[0-9a-f]+ (\S+?)(?:\+0x([0-9a-f]+))? \((.*)\)$", line) for line in sample.splitlines()]
        frames = [(f[1], int(f[2] or "0", 16), f[3]) for f in frames if f]
        if frames:
            yield frames[::-1]


def short(name):
    """A function's name without its hash, generic arguments and crate."""
    name = re.sub(r"::h[0-9a-f]{16}$", "", name)
    while (fewer := re.sub(r"<[^<>]*>", "", name)) != name:
        name = fewer
    name = re.sub(r"^(nanobragg|core|std|alloc)::", "", name)
    return name or "?"


def inlined(program, addresses):
    """For each address the functions that were inlined there, outermost first."""
    words = [hex(address) for address in addresses]
    told = subprocess.run(["addr2line", "-e", program, "-a", "-i", "-f", "-C"], input="\n".join(words),
                          capture_output=True, text=True, check=True).stdout
    chains, chain = {}, []
    lines = iter(told.splitlines())
    for line in lines:
        if line.startswith("0x"):
            chain = chains.setdefault(int(line, 16), [])
        else:
            chain.insert(0, short(line))
            next(lines)
    for chain in chains.values():
        # What has no name of its own is told under the name of all around it.
        if len(chain) > 1 and (chain[-1] == chain[0] or chain[-1].endswith("::" + chain[0])):
            chain.pop()
    return chains


def folded(text, program):
    """Samples by chain of names."""
    symbols = {}
    for line in subprocess.run(["nm", program], capture_output=True, text=True, check=True).stdout.splitlines():
        parts = line.split()
        if len(parts) == 3:
            symbols[parts[2]] = int(parts[0], 16)
    ours = program.rsplit("/", 1)[-1]
    samples = [[(symbols.get(s) if m.endswith("/" + ours) else None, s, o, m) for s, o, m in f] for f in stacks(text)]

    def address(frame, is_leaf):
        # A caller's address is that of the next instruction.
        return frame[0] + frame[2] - (0 if is_leaf else 1)

    wanted = {address(f, i == len(s) - 1) for s in samples for i, f in enumerate(s) if f[0] is not None}
    chains = inlined(program, sorted(wanted))
    counts = collections.Counter()
    for sample in samples:
        names = []
        for i, frame in enumerate(sample):
            if frame[0] is not None:
                names += chains.get(address(frame, i == len(sample) - 1), [short(frame[1])])
            elif "kernel" in frame[3]:
                names.append("operating system")
                break
        start = next((i for i, name in enumerate(names) if name.split("::")[-1] == START), None)
        # What the run-time does around the program is no news.
        inside = [name for name in names[start:] if not PASSED_THROUGH.fullmatch(name)] if start is not None else []
        counts[tuple(inside or ["starting and ending"])] += 1
    return counts


def draw(counts):
    total = sum(counts.values())
    root = {"name": f"all, {total} samples", "n": total, "below": {}}
    for chain, n in counts.items():
        node = root
        for name in chain:
            node = node["below"].setdefault(name, {"name": name, "n": 0, "below": {}})
            node["n"] += n
    out, depth = [], [0]

    def box(node, x, level):
        width = WIDTH * node["n"] / total
        if width < WIDTH * LEAST:
            return
        depth[0] = max(depth[0], level)
        hue = sum(map(ord, node["name"])) % 35 + 15
        title = html.escape(f"{node['name']}: {100 * node['n'] / total:.1f} %")
        fits = int(width / 6.2)
        label = html.escape(node["name"] if len(node["name"]) <= fits else node["name"][: max(0, fits - 1)] + "…")
        y = level * LINE
        out.append(f'<g><title>{title}</title><rect x="{x:.1f}" y="{y}" width="{max(width - 0.5, 0.3):.1f}" height="{LINE - 1}"'
                   f' fill="hsl({hue},75%,65%)"/>' + (f'<text x="{x + 3:.1f}" y="{y + 12}">{label}</text>' if fits > 3 else "")
                   + "</g>")
        for child in sorted(node["below"].values(), key=lambda child: -child["n"]):
            box(child, x, level + 1)
            x += WIDTH * child["n"] / total

    box(root, 0.0, 0)
    height = (depth[0] + 1) * LINE
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="monospace" font-size="10">\n'
            + "\n".join(out) + "\n</svg>\n")


def main():
    if len(sys.argv) != 4 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        sys.exit(0 if sys.argv[1:2] in (["-h"], ["--help"]) else 2)
    text, program, picture = sys.argv[1:]
    counts = folded(open(text, encoding="utf-8", errors="replace").read(), program)
    if not counts:
        sys.exit(f"error: `{text}` holds no samples, expected the output of perf script")
    with open(picture, "w", encoding="utf-8") as file:
        file.write(draw(counts))
    alone = collections.Counter()
    for chain, n in counts.items():
        alone[chain[-1]] += n
    total = sum(counts.values())
    for name, n in alone.most_common(15):
        print(f"{100 * n / total:6.1f} %  {name}")


if __name__ == "__main__":
    main()
