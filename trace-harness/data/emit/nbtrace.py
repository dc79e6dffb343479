"""Lets a Python program say which values it computes, and take those of another program instead.

Written by `trace-harness emit python`; depends on nothing but Python 3. SPDX-License-Identifier: MIT OR Apache-2.0

    import nbtrace
    x = nbtrace.scalar("flux", x)               # one number; returns it, or the reference's in a replay
    v = nbtrace.vector("velocity", v)           # some numbers, in a line
    a = nbtrace.array("field", a)               # many, in a .npy file beside the trace: a NumPy array, or (nested) lists
    nbtrace.begin("step", n); nbtrace.end()     # a record, which may stand within another
    with nbtrace.scope("step", n): ...          # the same
    nbtrace.flush()                             # before an end that runs no exit handlers

NBTRACE=FILE          where the trace goes; off where it is unset
                      %p process id, %r MPI rank, %t number of the thread: files of their own
NBTRACE_LABEL=PY      what the program calls itself in the trace: capital letters and digits
NBTRACE_REPLAY=FILE   a trace whose values the calls return
NBTRACE_KEYS=a,b      for these keys only
"""

import os
import struct
import sys

_FULL, _MOST = 4096, 262144  # lines
_pattern = os.environ.get("NBTRACE") or None
_reference = os.environ.get("NBTRACE_REPLAY") or None
_on = bool(_pattern or _reference)


def scalar(key, x):
    return _scalar(key, x) if _on else x


def vector(key, x):
    return _vector(key, x) if _on else x


def array(key, x):
    return _array(key, x) if _on else x


def begin(name, number):
    if _on:
        _begin(name, number)


def end():
    if _on:
        _end()


def flush():
    if _on:
        _flush()


class scope:
    __slots__ = ("name", "number")

    def __init__(self, name, number):
        self.name, self.number = name, number

    def __enter__(self):
        begin(self.name, self.number)

    def __exit__(self, *_):
        end()


if _on:
    import atexit
    import threading

    _label = os.environ.get("NBTRACE_LABEL") or "NB"
    _prefix = "TRACE_" + _label + ": "
    _keys = os.environ.get("NBTRACE_KEYS")
    _keys = None if _keys is None else set(_keys.split(","))
    _own_files = bool(_pattern) and "%t" in _pattern
    _lock = threading.RLock()
    _local = threading.local()
    _threads = []
    _arrays = 0
    _words = {}

    def _rank():
        for name in ("OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"):
            if name in os.environ:
                return os.environ[name]
        return "0"

    def _open(thread):
        name, at = "", 0
        while at < len(_pattern):
            two = _pattern[at : at + 2]
            known = {"%p": str(os.getpid()), "%t": str(thread), "%r": _rank()}
            name += known.get(two, _pattern[at])
            at += 2 if two in known else 1
        if _reference is not None and os.path.exists(name) and os.path.samefile(name, _reference):
            print(f"nbtrace: `{name}`: is the trace that NBTRACE_REPLAY names; expected another file", file=sys.stderr)
            sys.stdout.flush()
            os._exit(2)
        try:
            file = open(name, "w", encoding="utf-8", newline="\n")
            file.write("# nbtrace 1\n")
            return name, file
        except OSError:
            return name, _failed(name)

    def _failed(name):
        print(f"nbtrace: `{name}`: cannot be written", file=sys.stderr)

    class _Thread:
        def __init__(self):
            self.lines, self.path, self.ends = [], "", []
            with _lock:
                self.name, self.file = _open(len(_threads)) if _own_files else _shared
                _threads.append(self)

        # What cannot be written is said once; the program goes on.
        def write(self, to_the_end=False):
            global _shared
            file = self.file if _own_files else _shared[1]
            try:
                if file:
                    file.write("".join(self.lines))
                    if to_the_end:
                        file.flush()
            except OSError:
                self.file, _shared = None, (_shared[0], None)
                _failed(self.name)
                # What is left in it would be written, and fail, once more.
                os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
            self.lines.clear()

    def _me():
        try:
            return _local.me
        except AttributeError:
            _local.me = _Thread()
            return _local.me

    def _flush():
        with _lock:
            for thread in _threads:
                thread.write(True)

    # Whole records go to a file that threads share, so that none stands within another; the longest come in pieces.
    def _done(me):
        if len(me.lines) < (_MOST if me.ends and not _own_files else _FULL):
            return
        with _lock:
            me.write()

    # A name is one word, whatever it is.
    def _word(key):
        word = _words.get(key)
        if word is None:
            word = "".join("_" if c <= " " or c == "\x7f" else c for c in str(key)) or "_"
            _words[key] = word
        return word

    def _wanted(key):
        return _keys is None or key in _keys

    _values = {}

    def _load():
        path, ends, begins = "", [], False
        folder = os.path.dirname(_reference)
        try:
            file = open(_reference, encoding="utf-8", errors="replace")
        except OSError:
            print(f"nbtrace: `{_reference}`: cannot be read; expected a trace", file=sys.stderr)
            os._exit(2)
        with file:
            for line in file:
                line = line.rstrip("\n")
                if line == "# begin":
                    begins = True
                elif line == "# end":
                    path = path[: ends.pop()] if ends else ""
                elif line.startswith("TRACE_") and ": " in line:
                    rest = line.split(": ", 1)[1]
                    if begins:
                        ends.append(len(path))
                        path += rest + "\n"
                        begins = False
                        continue
                    key, _, value = rest.partition(" ")
                    if not _wanted(key):
                        continue
                    if value.startswith("@array "):
                        value = os.path.join(folder, value[7:].split(" shape ")[0])
                    else:
                        try:
                            value = [float(word) for word in value.split()]
                        except ValueError:
                            # It keeps its place among those of its key.
                            value = None
                    _values.setdefault(path + key, []).append(value)
        for values in _values.values():
            values.reverse()

    # The reference's value of a key in this record; each is given once.
    def _taken(me, key):
        key = _word(key)
        if _reference is None or not _wanted(key):
            return None
        with _lock:
            values = _values.get(me.path + key)
            return values.pop() if values else None

    def _tell(me, key, taken):
        if _reference is not None and _wanted(_word(key)):
            me.lines.append(f"# {'' if taken else 'not '}replayed {_word(key)}\n")

    def _scalar(key, x):
        me = _me()
        if x == x:
            me.lines.append("%s%s %.17g\n" % (_prefix, _words.get(key) or _word(key), x))
        else:
            me.lines.append("%s%s nan\n" % (_prefix, _words.get(key) or _word(key)))
        if _reference is not None:
            value = _taken(me, key)
            taken = isinstance(value, list) and len(value) == 1
            _tell(me, key, taken)
            if taken:
                x = value[0]
        if len(me.lines) >= _FULL:
            _done(me)
        return x

    # What came as a NumPy array goes as one.
    def _like(x, values):
        if hasattr(x, "astype"):
            same = x.copy()
            same.flat = values
            return same
        return type(x)(values) if isinstance(x, (list, tuple)) else list(values)

    def _vector(key, x):
        me = _me()
        own = [float(number) for number in x]
        words = " ".join("nan" if number != number else "%.17g" % number for number in own)
        me.lines.append(f"{_prefix}{_word(key)} {words}\n")
        value = _taken(me, key)
        taken = isinstance(value, list) and len(value) == len(own)
        _tell(me, key, taken)
        _done(me)
        return _like(x, value) if taken else x

    def _shape(x):
        if hasattr(x, "shape"):
            return tuple(x.shape)
        return (len(x), *(_shape(x[0]) if len(x) else ())) if isinstance(x, (list, tuple)) else ()

    def _flat(x):
        if isinstance(x, (list, tuple)):
            for part in x:
                yield from _flat(part)
        else:
            yield float(x)

    def _head(shape, fortran):
        order = "<" if sys.byteorder == "little" else ">"
        inside = f"{shape[0]}," if len(shape) == 1 else ", ".join(map(str, shape))
        head = f"{{'descr': '{order}f8', 'fortran_order': {fortran}, 'shape': ({inside}), }}".encode()
        head += b" " * (-(len(head) + 11) % 64) + b"\n"
        return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head

    # The numbers of the reference's file where it is an array of this shape and type, in either order of axes; all or none.
    def _from_npy(name, shape, count):
        with open(name, "rb") as file:
            data = file.read()
        for fortran in (False, True):
            head = _head(shape, fortran)
            if data.startswith(head) and len(data) == len(head) + 8 * count:
                numbers = struct.unpack(f"={count}d", data[len(head) :])
                return _turned(numbers, shape) if fortran else numbers
        return None

    def _turned(numbers, shape):
        places, step = [0], 1
        for length in shape:
            places = [place + n * step for place in places for n in range(length)]
            step *= length
        return [numbers[place] for place in places]

    def _nested(numbers, shape):
        if not shape:
            return next(numbers)
        return [_nested(numbers, shape[1:]) for _ in range(shape[0])]

    def _array(key, x):
        global _arrays
        me = _me()
        shape = _shape(x)
        numbers = [float(number) for number in x.flat] if hasattr(x, "flat") else list(_flat(x))
        if me.name:
            with _lock:
                number = _arrays
                _arrays += 1
            safe = "".join("_" if c <= " " or c in "\x7f/\\:" else c for c in str(key))
            name = f"{me.name}.{safe}.{number}.npy"
            try:
                with open(name, "wb") as file:
                    file.write(_head(shape, False))
                    file.write(struct.pack(f"={len(numbers)}d", *numbers))
            except OSError:
                _failed(name)
            words = "x".join(map(str, shape)) or "1"
            me.lines.append(f"{_prefix}{_word(key)} @array {os.path.basename(name)} shape {words}\n")
        value = _taken(me, key)
        taken = None
        if isinstance(value, str):
            try:
                taken = _from_npy(value, shape, len(numbers))
            except OSError:
                taken = None
        _tell(me, key, taken is not None)
        _done(me)
        if taken is None:
            return x
        return _like(x, taken) if hasattr(x, "astype") else _nested(iter(taken), shape)

    def _begin(name, number):
        me = _me()
        line = f"{_word(name)} {int(number)}\n"
        me.lines.append(f"# begin\n{_prefix}{line}")
        me.ends.append(len(me.path))
        me.path += line

    def _end():
        me = _me()
        me.lines.append("# end\n")
        if me.ends:
            me.path = me.path[: me.ends.pop()]
        _done(me)

    _shared = _open(0) if _pattern and not _own_files else ("", None)
    if _reference is not None:
        _load()
    atexit.register(_flush)
