/* Walks that go on while Python does something else: begin() puts some into a queue, from which one
 * thread takes them in turn. finish() waits for a walk that is under way; one that nobody has begun
 * it does itself, so that where all processors are busy nothing is waited for.
 *
 * Included by tree_kernel.c. Memory is held until all walks in it have been walked.
 */

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

enum { QUEUED, UNDER_WAY, WALKED };
typedef struct walk {
    call_t call;
    struct walk *next; /* in the queue */
    unsigned process;  /* in which it was begun: a thread does not go through fork() */
    int state, failed;
} walk_t;

/* Walks over one matrix, begun together. */
typedef struct {
    PyObject *programs; /* the tuple that holds them */
    Py_buffer memory[BUFFERS];
    int held;
    Py_ssize_t count;
    walk_t each[];
} walks_t;

static pthread_mutex_t GUARD = PTHREAD_MUTEX_INITIALIZER; /* of all that follows */
static pthread_cond_t ONE_MORE = PTHREAD_COND_INITIALIZER, ONE_LESS = PTHREAD_COND_INITIALIZER;
static walk_t *QUEUE;
static unsigned PROCESS;
static int THREAD; /* 0: not yet, 1: there, -1: there will be none */

/* Walk what has been taken from the queue. The guard is held before and after, and not meanwhile. */
static void go(walk_t *walk) {
    walk->state = UNDER_WAY;
    pthread_mutex_unlock(&GUARD);
    const int failed = walked(&walk->call) < 0;
    pthread_mutex_lock(&GUARD);
    walk->failed = failed;
    walk->state = WALKED;
    pthread_cond_broadcast(&ONE_LESS);
}

static void *walk_in_turn(void *none) {
    pthread_mutex_lock(&GUARD);
    for (;;) {
        while (!QUEUE) pthread_cond_wait(&ONE_MORE, &GUARD);
        walk_t *first = QUEUE;
        QUEUE = first->next;
        go(first);
    }
    return none;
}

static void after_fork(void) {
    pthread_mutex_init(&GUARD, NULL);
    pthread_cond_init(&ONE_MORE, NULL);
    pthread_cond_init(&ONE_LESS, NULL);
    QUEUE = NULL;
    PROCESS++;
    if (THREAD > 0) THREAD = 0;
}

/* Have the thread, where there is a processor for it and it can be had. */
static void have_thread(void) {
    static int asked;
    if (!asked && (asked = 1)) pthread_atfork(NULL, NULL, after_fork);
    sigset_t all, before;
    pthread_t thread;
    THREAD = -1;
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2) return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the others */
    if (!pthread_create(&thread, NULL, walk_in_turn, NULL)) THREAD = 1, pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Have a walk walked. */
static void complete(walk_t *walk) {
    pthread_mutex_lock(&GUARD);
    if (walk->process != PROCESS && walk->state != WALKED) {
        go(walk);
    } else if (walk->state == QUEUED) {
        walk_t **place = &QUEUE;
        while (*place != walk) place = &(*place)->next;
        *place = walk->next;
        go(walk);
    }
    while (walk->state != WALKED) pthread_cond_wait(&ONE_LESS, &GUARD);
    pthread_mutex_unlock(&GUARD);
}

/* Have all walked, the last first: what the thread has not come to yet. Returns 0, or -1 where
 * memory was lacking. */
static int complete_all(walks_t *walks) {
    int failed = 0;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t i = walks->count; i-- > 0;) {
        complete(&walks->each[i]);
        failed |= walks->each[i].failed;
    }
    Py_END_ALLOW_THREADS
    return -failed;
}

static void let_walks_go(walks_t *walks) {
    walks->held = 0;
    let_go(walks->memory);
    Py_CLEAR(walks->programs);
}

static const char WALKS[] = "models._tree_kernel.walks";

static void forget(PyObject *capsule) {
    walks_t *walks = PyCapsule_GetPointer(capsule, WALKS);
    if (walks->held) {
        complete_all(walks);
        let_walks_go(walks);
    }
    PyMem_Free(walks);
}

/* Read the calls of walks; returns 0, or -1 with an exception set.
 *
 * Each of the programs is a layout, a program, and where in a row of the contributions its own
 * begin; less than 0 where they are not wanted. */
static int read_calls(walks_t *walks, Py_ssize_t rows, Py_ssize_t width, Py_ssize_t stride) {
    const Py_buffer *of = walks->memory;
    const Py_ssize_t number = sizeof(double), explained = of[THE_CONTRIBUTIONS].len;
    if (of[THE_NUMBERS].len != rows * width * number ||
        of[THE_VALUES].len != walks->count * rows * number ||
        (explained && explained != rows * stride * number))
        return refuse_sizes();
    for (Py_ssize_t i = 0; i < walks->count; i++) {
        walk_t *walk = &walks->each[i];
        call_t *call = &walk->call;
        PyObject *named = PyTuple_GetItem(walks->programs, i), *capsule;
        const char *name;
        Py_ssize_t begin;
        if (!named || !PyArg_ParseTuple(named, "sOn", &name, &capsule, &begin)) return -1;
        if (walk_with(call, name, capsule) < 0) return -1;
        double *to = explained && begin >= 0 ? (double *)of[THE_CONTRIBUTIONS].buf + begin : NULL;
        if (to && begin + call->walked->features > stride) return refuse_sizes();
        call->rows = (matrix_t){of[THE_NUMBERS].buf, (size_t)rows, (size_t)width};
        call->answer = (answer_t){(double *)of[THE_VALUES].buf + i * rows, to, (size_t)stride};
        *walk = (walk_t){.call = *call, .state = QUEUED};
    }
    return 0;
}

static void queue(walks_t *walks) {
    pthread_mutex_lock(&GUARD);
    if (!THREAD) have_thread();
    walk_t **end = &QUEUE;
    while (*end) end = &(*end)->next;
    for (Py_ssize_t i = 0; i < walks->count; i++) {
        walks->each[i].process = PROCESS;
        *end = &walks->each[i];
        end = &(*end)->next;
    }
    const int there = THREAD > 0;
    pthread_mutex_unlock(&GUARD);
    if (there) pthread_cond_signal(&ONE_MORE); /* now it need not wait for the guard */
}

static PyObject *begin(PyObject *self, PyObject *arguments) {
    (void)self;
    PyObject *programs;
    Py_ssize_t rows, width, stride;
    Py_buffer of[BUFFERS];
    if (!PyArg_ParseTuple(arguments, "O!y*nnw*w*n", &PyTuple_Type, &programs, &of[THE_NUMBERS],
                          &rows, &width, &of[THE_VALUES], &of[THE_CONTRIBUTIONS], &stride))
        return NULL;
    const Py_ssize_t count = PyTuple_Size(programs);
    walks_t *walks = PyMem_Malloc(sizeof *walks + (size_t)count * sizeof *walks->each);
    if (!walks) {
        let_go(of);
        return PyErr_NoMemory();
    }
    *walks = (walks_t){.programs = Py_NewRef(programs), .held = 1, .count = count};
    memcpy(walks->memory, of, sizeof of);
    PyObject *capsule = NULL;
    if (read_calls(walks, rows, width, stride) == 0) capsule = PyCapsule_New(walks, WALKS, forget);
    if (!capsule) {
        let_walks_go(walks);
        PyMem_Free(walks);
        return NULL;
    }
    queue(walks);
    return capsule;
}

static PyObject *finish(PyObject *self, PyObject *capsule) {
    (void)self;
    walks_t *walks = PyCapsule_GetPointer(capsule, WALKS);
    if (!walks) return NULL;
    const int failed = complete_all(walks) < 0;
    if (walks->held) let_walks_go(walks);
    return failed ? PyErr_NoMemory() : Py_NewRef(Py_None);
}
