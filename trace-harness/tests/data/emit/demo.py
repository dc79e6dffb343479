# As demo.c.
import struct

import nbtrace

v, a = [1, -2.5, 1e300], [[1, 2, 3], [4, 5, 6.5]]
for line in open("bits.txt"):
    nbtrace.scalar("x", struct.unpack("=d", struct.pack("=q", int(line)))[0])
for n in range(2):
    with nbtrace.scope("step", n):
        f = nbtrace.scalar("f", n * 0.7)
        v = nbtrace.vector("v", v)
        with nbtrace.scope("inner cell", -3):
            nbtrace.scalar("g", f + v[0])
        a = nbtrace.array("a/b", a)
        nbtrace.array("line", a[0] + a[1])
