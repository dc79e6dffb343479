# As threads.c, from threads of the library.
import threading

import nbtrace


def work(thread):
    for n in range(100 * thread, 100 * thread + 100):
        with nbtrace.scope("record", n):
            for k in range(100):
                nbtrace.scalar("x", n + k / 128)


threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
