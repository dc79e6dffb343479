/* nbtrace.h: lets a C program say which values it computes, and take those of another program instead.
 *
 * Written by `trace-harness emit c`; depends on nothing but the C library. SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * In exactly one file:      #define NBTRACE_IMPLEMENTATION
 * wherever values are:      #include "nbtrace.h"
 *
 *     x = nbtrace_scalar("flux", x);                    one number; returns it, or the reference's in a replay
 *     nbtrace_vector("velocity", v, 3);                 some numbers, in a line
 *     nbtrace_array("field", a, 2, (size_t[]){ny, nx}); many, in a .npy file beside the trace
 *     nbtrace_begin("step", n); ... nbtrace_end();      a record, which may stand within another
 *     nbtrace_flush();                                  before an end that runs no exit handlers
 *
 * NBTRACE=FILE          where the trace goes; off where it is unset: one branch, nothing allocated, nothing printed
 *                       %p process id, %r MPI rank, %t number of the thread: files of their own
 * NBTRACE_LABEL=C       what the program calls itself in the trace: capital letters and digits
 * NBTRACE_REPLAY=FILE   a trace whose values the calls return
 * NBTRACE_KEYS=a,b      for these keys only
 */
#ifndef NBTRACE_H
#define NBTRACE_H
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif
/* -1 not asked yet, 0 off, 1 on. */
extern int nbtrace_mode;
double nbtrace_scalar_on(const char *key, double x);
void nbtrace_vector_on(const char *key, double *x, size_t count);
void nbtrace_array_on(const char *key, double *x, int rank, const size_t *shape);
void nbtrace_begin_on(const char *name, long long number);
void nbtrace_end_on(void);
void nbtrace_flush(void);
static inline double nbtrace_scalar(const char *key, double x) {
    return nbtrace_mode ? nbtrace_scalar_on(key, x) : x;
}
static inline void nbtrace_vector(const char *key, double *x, size_t count) {
    if (nbtrace_mode) nbtrace_vector_on(key, x, count);
}
static inline void nbtrace_array(const char *key, double *x, int rank, const size_t *shape) {
    if (nbtrace_mode) nbtrace_array_on(key, x, rank, shape);
}
static inline void nbtrace_begin(const char *name, long long number) {
    if (nbtrace_mode) nbtrace_begin_on(name, number);
}
static inline void nbtrace_end(void) {
    if (nbtrace_mode) nbtrace_end_on();
}
#ifdef __cplusplus
}
#endif
#endif

#if defined(NBTRACE_IMPLEMENTATION) && !defined(NBTRACE_IMPLEMENTED)
#define NBTRACE_IMPLEMENTED
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <process.h>
#define NBTRACE_PID _getpid()
#define NBTRACE_LOCAL __declspec(thread)
#define NBTRACE_TAKE(lock) _InterlockedExchange((lock), 1)
#define NBTRACE_GIVE(lock) _InterlockedExchange((lock), 0)
#else
#include <sys/stat.h>
#include <unistd.h>
#define NBTRACE_PID getpid()
#define NBTRACE_LOCAL __thread
#define NBTRACE_TAKE(lock) __sync_lock_test_and_set((lock), 1)
#define NBTRACE_GIVE(lock) __sync_lock_release(lock)
#endif

enum { NBTRACE_WORD = 512, NBTRACE_FULL = 1 << 16, NBTRACE_MOST = 1 << 24, NBTRACE_DEEP = 32, NBTRACE_NAME = 4096, NBTRACE_KEY = 255 };

typedef struct nbtrace_thread {
    char *text, *path;           /* lines not yet written; the records that are open, a line each */
    size_t length, room, path_length, path_room, ends[NBTRACE_DEEP];
    int depth, number;
    FILE *file;
    char name[NBTRACE_NAME];
    struct nbtrace_thread *next;
} nbtrace_thread;

typedef struct nbtrace_value {
    size_t start, count, next;   /* next: index plus one of the value when the key comes again in the record */
    char *file;                  /* of an array */
    int none;                    /* whether it is nothing that can be given back */
} nbtrace_value;

typedef struct nbtrace_entry {
    char *name;                  /* the open records and the key */
    size_t now, last;            /* indices plus one */
} nbtrace_entry;

int nbtrace_mode = -1;
static volatile long nbtrace_lock_;
static NBTRACE_LOCAL nbtrace_thread *nbtrace_me;
static struct {
    const char *pattern, *label, *keys, *reference;
    nbtrace_thread *threads;
    int count, arrays, own_files;
    FILE *file;
    char name[NBTRACE_NAME];
    double *numbers;
    nbtrace_value *values;
    nbtrace_entry *entries;
    size_t number_count, number_room, value_count, value_room, entry_count, entry_room;
} nbtrace_all;

static void nbtrace_lock(void) { while (NBTRACE_TAKE(&nbtrace_lock_)) {} }
static void nbtrace_unlock(void) { NBTRACE_GIVE(&nbtrace_lock_); }

static void *nbtrace_grown(void *old, size_t bytes) {
    void *grown = realloc(old, bytes);
    if (!grown) {
        fprintf(stderr, "nbtrace: out of memory\n");
        exit(2);
    }
    return grown;
}

static void *nbtrace_zeroed(size_t bytes) { return memset(nbtrace_grown(NULL, bytes), 0, bytes); }

/* Room for one more element. */
#ifdef __cplusplus
#define NBTRACE_AS(list) (decltype(list))
#else
#define NBTRACE_AS(list)
#endif
#define NBTRACE_ROOM(list, count, room) \
    if ((count) == (room)) (room) = (room) ? 2 * (room) : 64, (list) = NBTRACE_AS(list) nbtrace_grown((list), (room) * sizeof *(list));

static void nbtrace_put(nbtrace_thread *me, const char *text, size_t length) {
    if (me->length + length > me->room) {
        me->room = 2 * (me->length + length) + NBTRACE_FULL;
        me->text = (char *)nbtrace_grown(me->text, me->room);
    }
    memcpy(me->text + me->length, text, length);
    me->length += length;
}

static void nbtrace_say(nbtrace_thread *me, const char *text) { nbtrace_put(me, text, strlen(text)); }

static void nbtrace_number(nbtrace_thread *me, double x) {
    char text[64];
    size_t length = 1;
    text[0] = ' ';
    if (x != x) strcpy(text + 1, "nan");
    else snprintf(text + 1, sizeof text - 1, "%.17g", x);
    /* Whatever the locale writes in place of the point, in one byte or several. */
    for (const char *c = text + 1; *c; c++) {
        if (strchr("0123456789+-einfa", *c)) text[length++] = *c;
        else if (text[length - 1] != '.') text[length++] = '.';
    }
    nbtrace_put(me, text, length);
}

/* A name is one word, whatever it is; it is cut where it is longer than any that somebody means. */
static const char *nbtrace_clean(const char *key, char *room) {
    size_t n = 0;
    for (; key[n] && n < NBTRACE_KEY; n++) room[n] = (unsigned char)key[n] <= ' ' || key[n] == 127 ? '_' : key[n];
    if (!n) room[n++] = '_';
    room[n] = 0;
    return room;
}

static void nbtrace_key(nbtrace_thread *me, const char *key) {
    nbtrace_say(me, "TRACE_");
    nbtrace_say(me, nbtrace_all.label);
    nbtrace_say(me, ": ");
    nbtrace_say(me, key);
}

static const char *nbtrace_rank(void) {
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        if (getenv(names[n])) return getenv(names[n]);
    return "0";
}

/* Whether two names lead to one file. */
static int nbtrace_same(const char *a, const char *b) {
#ifdef _WIN32
    char full_a[NBTRACE_NAME], full_b[NBTRACE_NAME];
    return _fullpath(full_a, a, sizeof full_a) && _fullpath(full_b, b, sizeof full_b) && !_stricmp(full_a, full_b);
#else
    struct stat of_a, of_b;
    return !stat(a, &of_a) && !stat(b, &of_b) && of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
#endif
}

static FILE *nbtrace_failed(const char *name) {
    fprintf(stderr, "nbtrace: `%s`: cannot be written\n", name);
    return NULL;
}

/* Opens the file of a thread, or that of all threads; the caller has the lock. */
static FILE *nbtrace_open(char *name, int thread) {
    size_t length = 0;
    for (const char *p = nbtrace_all.pattern; *p && length + 32 < NBTRACE_NAME; p++) {
        if (p[0] == '%' && p[1] == 'p') length += (size_t)sprintf(name + length, "%d", (int)NBTRACE_PID), p++;
        else if (p[0] == '%' && p[1] == 't') length += (size_t)sprintf(name + length, "%d", thread), p++;
        else if (p[0] == '%' && p[1] == 'r') length += (size_t)snprintf(name + length, 32, "%s", nbtrace_rank()), p++;
        else name[length++] = *p;
    }
    name[length] = 0;
    if (nbtrace_all.reference && nbtrace_same(name, nbtrace_all.reference)) {
        fprintf(stderr, "nbtrace: `%s`: is the trace that NBTRACE_REPLAY names; expected another file\n", name);
        nbtrace_unlock();
        exit(2);
    }
    FILE *file = fopen(name, "wb");
    if (!file) return nbtrace_failed(name);
    fputs("# nbtrace 1\n", file);
    return file;
}

/* What cannot be written is said once; the program goes on. */
static void nbtrace_write(nbtrace_thread *me, int all) {
    FILE **file = nbtrace_all.own_files ? &me->file : &nbtrace_all.file;
    if (*file) {
        int done = fwrite(me->text, 1, me->length, *file) == me->length && !(all && fflush(*file));
        if (!done) *file = nbtrace_failed(nbtrace_all.own_files ? me->name : nbtrace_all.name);
    }
    me->length = 0;
}

void nbtrace_flush(void) {
    if (nbtrace_mode <= 0) return;
    nbtrace_lock();
    for (nbtrace_thread *t = nbtrace_all.threads; t; t = t->next) nbtrace_write(t, 1);
    nbtrace_unlock();
}

/* Whole records go to a file that threads share, so that none stands within another; those above 16 MiB come in pieces. */
static void nbtrace_done(nbtrace_thread *me) {
    if (me->length < (size_t)(me->depth && !nbtrace_all.own_files ? NBTRACE_MOST : NBTRACE_FULL)) return;
    nbtrace_lock();
    nbtrace_write(me, 0);
    nbtrace_unlock();
}

/* The entry of a name; NULL where there is none, unless it is to be made. */
static nbtrace_entry *nbtrace_find(const char *path, size_t path_length, const char *key, int make) {
    if (2 * nbtrace_all.entry_count >= nbtrace_all.entry_room) {
        size_t old = nbtrace_all.entry_room, room = old ? 4 * old : 1024;
        nbtrace_entry *was = nbtrace_all.entries;
        if (!make && !old) return NULL;
        nbtrace_all.entries = (nbtrace_entry *)nbtrace_zeroed(room * sizeof *was);
        nbtrace_all.entry_room = room, nbtrace_all.entry_count = 0;
        for (size_t n = 0; n < old; n++)
            if (was[n].name) {
                nbtrace_entry *to = nbtrace_find("", 0, was[n].name, 2);
                *to = was[n];
            }
        free(was);
    }
    size_t length = strlen(key), hash = 14695981039346656037u;
    for (size_t n = 0; n < path_length; n++) hash = (hash ^ (unsigned char)path[n]) * 1099511628211u;
    for (size_t n = 0; n < length; n++) hash = (hash ^ (unsigned char)key[n]) * 1099511628211u;
    for (size_t at = hash;; at++) {
        nbtrace_entry *entry = &nbtrace_all.entries[at % nbtrace_all.entry_room];
        if (!entry->name) {
            if (!make) return NULL;
            nbtrace_all.entry_count++;
            if (make == 1) {
                entry->name = (char *)nbtrace_grown(NULL, path_length + length + 1);
                memcpy(entry->name, path, path_length);
                memcpy(entry->name + path_length, key, length + 1);
            }
            return entry;
        }
        if (!strncmp(entry->name, path, path_length) && !strcmp(entry->name + path_length, key)) return entry;
    }
}

static int nbtrace_wanted(const char *key) {
    if (!nbtrace_all.keys) return 1;
    size_t length = strlen(key);
    for (const char *at = nbtrace_all.keys; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (!strncmp(at, key, length) && (at[length] == ',' || !at[length])) return 1;
    return 0;
}

static void nbtrace_push(nbtrace_thread *me, const char *line) {
    size_t length = strlen(line);
    if (me->depth >= NBTRACE_DEEP) return;
    me->ends[me->depth++] = me->path_length;
    if (me->path_length + length + 1 > me->path_room) {
        me->path_room = 2 * (me->path_length + length + 1);
        me->path = (char *)nbtrace_grown(me->path, me->path_room);
    }
    memcpy(me->path + me->path_length, line, length);
    me->path[me->path_length + length] = '\n';
    me->path_length += length + 1;
}

static void nbtrace_pop(nbtrace_thread *me) {
    if (me->depth) me->path_length = me->ends[--me->depth];
}

/* The next number of a line with a point whatever the locale, and what follows it; NULL where the next word is none as a whole. */
static const char *nbtrace_parse(const char *at, double *x) {
    const char *point = localeconv()->decimal_point;
    char word[NBTRACE_WORD], *end;
    size_t length = 0;
    for (; *at && *at != ' '; at++) {
        if (length + strlen(point) + 1 > sizeof word || !strchr("0123456789+-.eEinfatyINFATY", *at)) return NULL;
        if (*at == '.') strcpy(word + length, point), length += strlen(point);
        else word[length++] = *at;
    }
    word[length] = 0;
    *x = strtod(word, &end);
    return length && !*end ? at : NULL;
}

/* Keeps the values of a line, which is `key value value...`. */
static void nbtrace_keep(nbtrace_thread *at, char *line) {
    char *rest = strchr(line, ' ');
    if (!rest) return;
    *rest++ = 0;
    if (!nbtrace_wanted(line)) return;
    nbtrace_value value = {nbtrace_all.number_count, 0, 0, NULL, 0};
    if (!strncmp(rest, "@array ", 7)) {
        char *end = strstr(rest, " shape ");
        if (!end) return;
        *end = 0;
        value.file = (char *)nbtrace_grown(NULL, strlen(nbtrace_all.reference) + strlen(rest) + 1);
        strcpy(value.file, nbtrace_all.reference);
        char *slash = strrchr(value.file, '/');
        strcpy(slash ? slash + 1 : value.file, rest + 7);
    } else {
        for (const char *at_word = rest;;) {
            double x;
            while (*at_word == ' ') at_word++;
            if (!*at_word) break;
            at_word = nbtrace_parse(at_word, &x);
            /* A value that is not read keeps its place among those of its key. */
            if ((value.none = !at_word)) break;
            NBTRACE_ROOM(nbtrace_all.numbers, nbtrace_all.number_count, nbtrace_all.number_room)
            nbtrace_all.numbers[nbtrace_all.number_count++] = x;
            value.count++;
        }
    }
    NBTRACE_ROOM(nbtrace_all.values, nbtrace_all.value_count, nbtrace_all.value_room)
    nbtrace_all.values[nbtrace_all.value_count++] = value;
    nbtrace_entry *entry = nbtrace_find(at->path, at->path_length, line, 1);
    if (entry->last) nbtrace_all.values[entry->last - 1].next = nbtrace_all.value_count;
    else entry->now = nbtrace_all.value_count;
    entry->last = nbtrace_all.value_count;
}

static void nbtrace_load(void) {
    FILE *file = fopen(nbtrace_all.reference, "rb");
    if (!file) {
        fprintf(stderr, "nbtrace: `%s`: cannot be read; expected a trace\n", nbtrace_all.reference);
        exit(2);
    }
    char *line = NULL;
    size_t length = 0, room = 0;
    int c, begins = 0;
    nbtrace_thread at;
    memset(&at, 0, sizeof at);
    while ((c = getc(file)) != EOF || length) {
        NBTRACE_ROOM(line, length, room)
        line[length++] = (char)c;
        /* The last line may have no end of its own. */
        if (c != '\n' && c != EOF) continue;
        line[length - 1] = 0, length = 0;
        char *rest = strstr(line, ": ");
        if (!strcmp(line, "# begin")) begins = 1;
        else if (!strcmp(line, "# end")) nbtrace_pop(&at);
        else if (!strncmp(line, "TRACE_", 6) && rest) {
            if (begins) nbtrace_push(&at, rest + 2);
            else nbtrace_keep(&at, rest + 2);
            begins = 0;
        }
    }
    fclose(file);
    free(line);
    free(at.path);
}

static void nbtrace_start(void) {
    nbtrace_lock();
    if (nbtrace_mode < 0) {
        const char *label = getenv("NBTRACE_LABEL");
        nbtrace_all.pattern = getenv("NBTRACE");
        nbtrace_all.reference = getenv("NBTRACE_REPLAY");
        nbtrace_all.keys = getenv("NBTRACE_KEYS");
        nbtrace_all.label = label && *label ? label : "NB";
        if (nbtrace_all.pattern && !*nbtrace_all.pattern) nbtrace_all.pattern = NULL;
        if (nbtrace_all.reference && !*nbtrace_all.reference) nbtrace_all.reference = NULL;
        int on = nbtrace_all.pattern || nbtrace_all.reference;
        if (on) atexit(nbtrace_flush);
        if (nbtrace_all.reference) nbtrace_load();
        if (nbtrace_all.pattern) {
            nbtrace_all.own_files = strstr(nbtrace_all.pattern, "%t") != NULL;
            if (!nbtrace_all.own_files) nbtrace_all.file = nbtrace_open(nbtrace_all.name, 0);
        }
        nbtrace_mode = on;
    }
    nbtrace_unlock();
}

/* The calling thread; NULL where tracing is off. */
static nbtrace_thread *nbtrace_thread_(void) {
    if (nbtrace_mode < 0) nbtrace_start();
    if (!nbtrace_mode) return NULL;
    if (nbtrace_me) return nbtrace_me;
    nbtrace_thread *me = (nbtrace_thread *)nbtrace_zeroed(sizeof *me);
    nbtrace_lock();
    me->number = nbtrace_all.count++;
    me->next = nbtrace_all.threads;
    nbtrace_all.threads = me;
    if (nbtrace_all.own_files) me->file = nbtrace_open(me->name, me->number);
    nbtrace_unlock();
    return nbtrace_me = me;
}

/* The reference's value of a key in this record; each is given once. */
static int nbtrace_taken(nbtrace_thread *me, const char *key, nbtrace_value *value) {
    if (!nbtrace_all.reference || !nbtrace_wanted(key)) return 0;
    nbtrace_lock();
    nbtrace_entry *entry = nbtrace_find(me->path ? me->path : "", me->path_length, key, 0);
    int found = entry && entry->now;
    if (found) *value = nbtrace_all.values[entry->now - 1], entry->now = value->next;
    nbtrace_unlock();
    return found;
}

static void nbtrace_tell(nbtrace_thread *me, const char *key, int taken) {
    if (!nbtrace_all.reference || !nbtrace_wanted(key)) return;
    nbtrace_say(me, taken ? "# replayed " : "# not replayed ");
    nbtrace_say(me, key);
    nbtrace_say(me, "\n");
}

void nbtrace_vector_on(const char *name, double *x, size_t count) {
    nbtrace_thread *me = nbtrace_thread_();
    nbtrace_value value;
    char room[NBTRACE_KEY + 1];
    if (!me) return;
    const char *key = nbtrace_clean(name, room);
    nbtrace_key(me, key);
    for (size_t n = 0; n < count; n++) nbtrace_number(me, x[n]);
    nbtrace_say(me, "\n");
    int taken = nbtrace_taken(me, key, &value) && value.count == count && !value.file && !value.none;
    if (taken) memcpy(x, nbtrace_all.numbers + value.start, count * sizeof *x);
    nbtrace_tell(me, key, taken);
    nbtrace_done(me);
}

double nbtrace_scalar_on(const char *key, double x) {
    nbtrace_vector_on(key, &x, 1);
    return x;
}

/* The head of a file of NumPy; returns its length. */
static size_t nbtrace_head(char *head, size_t size, const char *shape, int fortran) {
    const unsigned one = 1;
    int length = snprintf(head + 10, size - 80, "{'descr': '%cf8', 'fortran_order': %s, 'shape': (%s), }",
                          *(const char *)&one ? '<' : '>', fortran ? "True" : "False", shape);
    while ((10 + length + 1) % 64) head[10 + length++] = ' ';
    head[10 + length++] = '\n';
    memcpy(head, "\x93NUMPY\x01", 8);
    head[8] = (char)(length & 255), head[9] = (char)(length >> 8);
    return 10 + (size_t)length;
}

static int nbtrace_npy(FILE *file, const double *x, size_t count, const char *shape) {
    char head[1024];
    size_t length = nbtrace_head(head, sizeof head, shape, 0);
    int done = fwrite(head, 1, length, file) == length && fwrite(x, sizeof *x, count, file) == count;
    return !fclose(file) && done;
}

/* Takes the numbers of the reference's file where it is an array of the same shape and type, in either order of axes; all or none. */
static int nbtrace_from_npy(const char *name, double *x, size_t count, int rank, const size_t *shape, const char *words) {
    char head[1024], found[1024];
    FILE *file = fopen(name, "rb");
    if (!file) return 0;
    size_t length = nbtrace_head(head, sizeof head, words, 0);
    int fortran = 0, done = fread(found, 1, length, file) == length;
    if (done && memcmp(head, found, length)) {
        fortran = nbtrace_head(head, sizeof head, words, 1) == length;
        done = fortran && !memcmp(head, found, length);
    }
    double *numbers = done ? (double *)nbtrace_grown(NULL, (count + 1) * sizeof *x) : NULL;
    /* One more than there are: none may follow. */
    done = done && fread(numbers, 1, count * sizeof *x + 1, file) == count * sizeof *x;
    for (size_t n = 0; done && n < count; n++) {
        size_t at = n, rest = n, step = count;
        if (fortran) {
            at = 0;
            for (int axis = rank - 1; axis >= 0; axis--) {
                step /= shape[axis];
                at += rest % shape[axis] * step;
                rest /= shape[axis];
            }
        }
        x[n] = numbers[at];
    }
    free(numbers);
    fclose(file);
    return done;
}

void nbtrace_array_on(const char *given, double *x, int rank, const size_t *shape) {
    nbtrace_thread *me = nbtrace_thread_();
    nbtrace_value value;
    char name[NBTRACE_NAME + 300], npy[400] = "", words[400] = "", room[NBTRACE_KEY + 1];
    size_t count = 1, length = 0;
    if (!me) return;
    const char *key = nbtrace_clean(given, room);
    for (int n = 0; n < rank && n < 16; n++) {
        sprintf(npy + strlen(npy), n ? ", %zu" : rank == 1 ? "%zu," : "%zu", shape[n]);
        sprintf(words + strlen(words), n ? "x%zu" : "%zu", shape[n]);
        count *= shape[n];
    }
    const char *trace = nbtrace_all.own_files ? me->name : nbtrace_all.name;
    if (*trace) {
        nbtrace_lock();
        int number = nbtrace_all.arrays++;
        nbtrace_unlock();
        length = (size_t)sprintf(name, "%s.", trace);
        for (const char *c = key; *c && length < NBTRACE_NAME + 200; c++) name[length++] = strchr("/\\:", *c) ? '_' : *c;
        sprintf(name + length, ".%d.npy", number);
        FILE *file = fopen(name, "wb");
        if (!file || !nbtrace_npy(file, x, count, npy)) nbtrace_failed(name);
        nbtrace_key(me, key);
        nbtrace_say(me, " @array ");
        nbtrace_say(me, strrchr(name, '/') ? strrchr(name, '/') + 1 : name);
        nbtrace_say(me, " shape ");
        nbtrace_say(me, *words ? words : "1");
        nbtrace_say(me, "\n");
    }
    int taken = nbtrace_taken(me, key, &value) && value.file
        && nbtrace_from_npy(value.file, x, count, rank < 16 ? rank : 16, shape, npy);
    nbtrace_tell(me, key, taken);
    nbtrace_done(me);
}

void nbtrace_begin_on(const char *name, long long number) {
    nbtrace_thread *me = nbtrace_thread_();
    char text[32], room[NBTRACE_KEY + 1];
    if (!me) return;
    nbtrace_say(me, "# begin\n");
    size_t start = me->length + strlen("TRACE_: ") + strlen(nbtrace_all.label);
    nbtrace_key(me, nbtrace_clean(name, room));
    sprintf(text, " %lld", number);
    nbtrace_put(me, text, strlen(text) + 1);
    nbtrace_push(me, me->text + start);
    me->text[me->length - 1] = '\n';
}

void nbtrace_end_on(void) {
    nbtrace_thread *me = nbtrace_thread_();
    if (!me) return;
    nbtrace_say(me, "# end\n");
    nbtrace_pop(me);
    nbtrace_done(me);
}
#endif
