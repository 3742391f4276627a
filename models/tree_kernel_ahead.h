/* Walks that go on while Python does something else: begin() puts one into a queue, from which one
 * thread takes them in turn. finish() waits for a walk that is under way; one that nobody has begun
 * it does itself, so that where all processors are busy nothing is waited for.
 *
 * Included by tree_kernel.c. A walk is a call whose memory is held until it has been walked.
 */

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

enum { QUEUED, UNDER_WAY, WALKED };
typedef struct walk {
    call_t call;
    struct walk *next; /* in the queue */
    unsigned process;  /* in which it was begun: a thread does not go through fork() */
    int state, failed, held;
} walk_t;

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

static const char WALK[] = "models._tree_kernel.walk";

static void forget(PyObject *capsule) {
    walk_t *walk = PyCapsule_GetPointer(capsule, WALK);
    if (walk->held) {
        Py_BEGIN_ALLOW_THREADS
        complete(walk);
        Py_END_ALLOW_THREADS
        let_go(&walk->call);
    }
    PyMem_Free(walk);
}

static PyObject *begin(PyObject *self, PyObject *arguments) {
    (void)self;
    walk_t *walk = PyMem_Malloc(sizeof *walk);
    if (!walk) return PyErr_NoMemory();
    if (read_call(arguments, &walk->call) < 0) {
        PyMem_Free(walk);
        return NULL;
    }
    walk->state = QUEUED, walk->failed = 0, walk->held = 1, walk->next = NULL;
    pthread_mutex_lock(&GUARD);
    if (!THREAD) have_thread();
    walk->process = PROCESS;
    walk_t **end = &QUEUE;
    while (*end) end = &(*end)->next;
    *end = walk;
    pthread_mutex_unlock(&GUARD);
    if (THREAD > 0) pthread_cond_signal(&ONE_MORE); /* now it need not wait for the guard */
    PyObject *capsule = PyCapsule_New(walk, WALK, forget);
    if (!capsule) {
        complete(walk);
        let_go(&walk->call);
        PyMem_Free(walk);
    }
    return capsule;
}

static PyObject *finish(PyObject *self, PyObject *capsule) {
    (void)self;
    walk_t *walk = PyCapsule_GetPointer(capsule, WALK);
    if (!walk) return NULL;
    Py_BEGIN_ALLOW_THREADS
    complete(walk);
    Py_END_ALLOW_THREADS
    if (walk->held) {
        walk->held = 0;
        let_go(&walk->call);
    }
    return walk->failed ? PyErr_NoMemory() : Py_NewRef(Py_None);
}
