/* What the reasons of one head are made of: parts rounded so that they add up, and the order in
 * which they are told. models/rounding.py and models/reason_order.py say what each is, and do the
 * same with the same results in Python where this file could not be compiled.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

static const double EXACT = 9007199254740992.0; /* 2**53: whole numbers are exact below it */

static PyObject *FSUM; /* math.fsum */

/* A new block for some items, at least one; NULL with the error set where there is no memory. */
static void *block(Py_ssize_t items, size_t size) {
    void *found = PyMem_Malloc((size_t)(items > 0 ? items : 1) * size);
    return found ? found : (void *)PyErr_NoMemory();
}

/* The exactly rounded sum of a list of floats, which is given up; −1 with the error set. */
static double exact_sum(PyObject *floats) {
    PyObject *sum = floats ? PyObject_CallFunctionObjArgs(FSUM, floats, NULL) : NULL;
    const double found = sum ? PyFloat_AsDouble(sum) : -1.0;
    Py_XDECREF(sum);
    Py_XDECREF(floats);
    return found;
}

/* --- parts that add up --- */

typedef struct {
    double below; /* the whole number under a part, less the part */
    Py_ssize_t place;
} short_t;

static int shortest_first(const void *one, const void *other) {
    const short_t *a = one, *b = other;
    if (a->below != b->below) return a->below < b->below ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* The parts in units, and what each is rounded down to; −1 with the error set. */
static int in_units(PyObject *parts, double unit, Py_ssize_t count, PyObject *exact,
                    double *steps, short_t *shorts) {
    for (Py_ssize_t i = 0; i < count; i++) {
        const double part = PyFloat_AsDouble(PyList_GetItem(parts, i));
        if (part == -1.0 && PyErr_Occurred()) return -1;
        const double units = part / unit;
        if (!(fabs(units) < EXACT)) {
            PyErr_SetString(PyExc_OverflowError, "a part of 2**53 units or more");
            return -1;
        }
        PyObject *number = PyFloat_FromDouble(units);
        if (!number || PyList_SetItem(exact, i, number) < 0) return -1;
        steps[i] = floor(units);
        shorts[i] = (short_t){steps[i] - units, i};
    }
    return 0;
}

static PyObject *whole_numbers(const double *steps, Py_ssize_t count) {
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        PyObject *number = PyLong_FromLongLong((long long)steps[i]);
        if (!number || PyList_SetItem(list, i, number) < 0) Py_CLEAR(list);
    }
    return list;
}

static PyObject *round_steps(PyObject *self, PyObject *arguments) {
    (void)self;
    PyObject *parts, *list = NULL;
    double unit;
    if (!PyArg_ParseTuple(arguments, "O!d", &PyList_Type, &parts, &unit)) return NULL;
    const Py_ssize_t count = PyList_Size(parts);
    PyObject *exact = PyList_New(count);
    double *steps = block(count, sizeof *steps);
    short_t *shorts = block(count, sizeof *shorts);
    if (!exact || !steps || !shorts || in_units(parts, unit, count, exact, steps, shorts) < 0) {
        Py_XDECREF(exact);
    } else {
        double wanting = rint(exact_sum(exact));
        for (Py_ssize_t i = 0; i < count; i++) wanting -= steps[i];
        if (!PyErr_Occurred()) {
            if (wanting > 0) qsort(shorts, (size_t)count, sizeof *shorts, shortest_first);
            for (Py_ssize_t i = 0; i < count && i < wanting; i++) steps[shorts[i].place] += 1;
            list = whole_numbers(steps, count);
        }
    }
    PyMem_Free(steps);
    PyMem_Free(shorts);
    return list;
}

/* --- the order of reasons --- */

/* What is known of a term before any project: models/terms_among_peers.py has the same columns. */
typedef struct {
    int place, expected, rank, dimension;
} term_t;

/* One reason: a term, or with `told` those that are told jointly. */
typedef struct {
    double size, move;
    int rank;
    Py_ssize_t number;
    PyObject *told;
} reason_t;

static int greatest_first(const void *one, const void *other) {
    const reason_t *a = one, *b = other;
    if (a->size != b->size) return a->size > b->size ? -1 : 1;
    if (a->move != b->move) return a->move > b->move ? -1 : 1;
    if (a->rank != b->rank) return a->rank < b->rank ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

typedef struct {
    PyObject *parts, *moved, *log_odds, *moves, *sides;
    const term_t *terms;
    Py_ssize_t count;
    PyObject *joined, *joint; /* puts parts together and says how far that moves; makes a Joint */
} head_t;

static double number_at(PyObject *list, Py_ssize_t i) {
    PyObject *number = PyList_GetItem(list, i);
    if (number && PyLong_Check(number)) return PyLong_AsDouble(number);
    return number ? PyFloat_AsDouble(number) : -1.0;
}

static long odds_at(const head_t *head, Py_ssize_t i) {
    return head->log_odds == Py_None ? 0 : PyLong_AsLong(PyList_GetItem(head->log_odds, i));
}

/* Whether a term is told alone, as models.indicator_among_peers.tells_alone says it. */
static int tells_alone(PyObject *side, int expected, double move) {
    if (side == Py_None) return 0;
    const long beside = PyLong_AsLong(side);
    return !beside || !expected || (beside > 0) != (move * expected < 0);
}

/* The items of a list at some places. */
static PyObject *chosen(PyObject *list, const Py_ssize_t *members, Py_ssize_t count) {
    PyObject *found = PyList_New(count);
    for (Py_ssize_t i = 0; found && i < count; i++) {
        PyObject *item = PyList_GetItem(list, members[i]);
        Py_XINCREF(item);
        if (!item || PyList_SetItem(found, i, item) < 0) Py_CLEAR(found);
    }
    return found;
}

static PyObject *numbers(const Py_ssize_t *members, Py_ssize_t count) {
    PyObject *found = PyList_New(count);
    for (Py_ssize_t i = 0; found && i < count; i++) {
        PyObject *number = PyLong_FromSsize_t(members[i]);
        if (!number || PyList_SetItem(found, i, number) < 0) Py_CLEAR(found);
    }
    return found;
}

/* Some terms of one dimension as one reason: how many that makes, 0 where they cancel out as
 * shown; −1 with the error set. */
static int together(const head_t *head, const Py_ssize_t *members, Py_ssize_t count,
                    reason_t *reason) {
    long odds = 0;
    for (Py_ssize_t i = 0; i < count; i++) odds += odds_at(head, members[i]);
    PyObject *parts = chosen(head->parts, members, count);
    PyObject *put = parts ? PyObject_CallFunctionObjArgs(head->joined, parts, NULL) : NULL;
    Py_XDECREF(parts);
    PyObject *part; /* borrowed */
    double moved;
    if (!put || !PyArg_ParseTuple(put, "Od", &part, &moved)) {
        Py_XDECREF(put);
        return -1;
    }
    int found = moved != 0.0 || odds != 0;
    if (found) {
        const double move = exact_sum(chosen(head->moves, members, count));
        PyObject *own = PyErr_Occurred() ? NULL : numbers(members, count);
        PyObject *told =
            own ? PyObject_CallFunction(head->joint, "OOl", own, part, odds) : NULL;
        *reason = (reason_t){fabs(moved), fabs(move), INT_MAX, members[0], told};
        Py_XDECREF(own);
        found = told ? 1 : -1;
    }
    Py_DECREF(put);
    return found;
}

/* Of the terms that move anything those told alone become reasons, the others stand in `pooled`;
 * how many there are of each is set. −1 with the error set. */
static int alone(const head_t *head, reason_t *reasons, Py_ssize_t *found, Py_ssize_t *pooled,
                 Py_ssize_t *others) {
    const Py_ssize_t indicators = PyTuple_Size(head->sides);
    for (Py_ssize_t i = 0; i < head->count; i++) {
        const double moved = number_at(head->moved, i);
        if (moved == 0.0 && odds_at(head, i) == 0) continue;
        const term_t term = head->terms[i];
        if (term.place < 0 || term.place >= indicators) {
            PyErr_SetString(PyExc_ValueError, "a term beyond the indicators of the row");
            return -1;
        }
        const double move = number_at(head->moves, i);
        if (tells_alone(PyTuple_GetItem(head->sides, term.place), term.expected, move))
            reasons[(*found)++] = (reason_t){fabs(moved), fabs(move), term.rank, i, NULL};
        else
            pooled[(*others)++] = i;
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* The pooled terms by dimension, as reasons behind those that are there; −1 with the error set. */
static int jointly(const head_t *head, reason_t *reasons, Py_ssize_t *found, Py_ssize_t *pooled,
                   Py_ssize_t others, Py_ssize_t *members) {
    while (others > 0) {
        const int dimension = head->terms[pooled[0]].dimension;
        Py_ssize_t own = 0, left = 0;
        for (Py_ssize_t i = 0; i < others; i++) {
            if (head->terms[pooled[i]].dimension == dimension) members[own++] = pooled[i];
            else pooled[left++] = pooled[i];
        }
        others = left;
        const int put = together(head, members, own, reasons + *found);
        if (put < 0) return -1;
        *found += put;
    }
    return 0;
}

/* The reasons, which are given up, as a list. */
static PyObject *listed(const reason_t *reasons, Py_ssize_t found) {
    PyObject *list = PyList_New(found);
    for (Py_ssize_t i = 0; i < found; i++) {
        PyObject *told = reasons[i].told;
        if (list && !told) told = PyLong_FromSsize_t(reasons[i].number);
        if (!list) Py_XDECREF(told);
        else if (!told || PyList_SetItem(list, i, told) < 0) Py_CLEAR(list);
    }
    return list;
}

static PyObject *in_order(PyObject *self, PyObject *arguments) {
    (void)self;
    head_t head;
    Py_buffer terms;
    if (!PyArg_ParseTuple(arguments, "O!O!OO!O!y*OO", &PyList_Type, &head.parts, &PyList_Type,
                          &head.moved, &head.log_odds, &PyList_Type, &head.moves, &PyTuple_Type,
                          &head.sides, &terms, &head.joined, &head.joint))
        return NULL;
    head.terms = terms.buf;
    head.count = terms.len / (Py_ssize_t)sizeof(term_t);
    PyObject *list = NULL;
    reason_t *reasons = block(head.count, sizeof *reasons);
    Py_ssize_t *places = block(2 * head.count, sizeof *places), others = 0;
    if (!reasons || !places) {
        /* the error is set */
    } else if (terms.len % (Py_ssize_t)sizeof(term_t) || PyList_Size(head.parts) != head.count ||
               PyList_Size(head.moved) != head.count || PyList_Size(head.moves) != head.count ||
               (head.log_odds != Py_None && (!PyList_Check(head.log_odds) ||
                                             PyList_Size(head.log_odds) != head.count))) {
        PyErr_SetString(PyExc_ValueError, "lists of another length than there are terms");
    } else {
        Py_ssize_t found = 0;
        if (alone(&head, reasons, &found, places, &others) < 0 ||
            jointly(&head, reasons, &found, places, others, places + head.count) < 0) {
            for (Py_ssize_t i = 0; i < found; i++) Py_XDECREF(reasons[i].told);
        } else {
            qsort(reasons, (size_t)found, sizeof *reasons, greatest_first);
            list = listed(reasons, found);
        }
    }
    PyMem_Free(reasons);
    PyMem_Free(places);
    PyBuffer_Release(&terms);
    return list;
}

static PyMethodDef METHODS[] = {
    {"round_steps", round_steps, METH_VARARGS, "Whole numbers of a unit that add up."},
    {"in_order", in_order, METH_VARARGS, "The reasons of a head in the order of telling."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, "_reasons", "What the reasons of a head are made of.", 0, METHODS,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__reasons(void) {
    PyObject *math = PyImport_ImportModule("math");
    FSUM = math ? PyObject_GetAttrString(math, "fsum") : NULL;
    Py_XDECREF(math);
    return FSUM ? PyModule_Create(&MODULE) : NULL;
}
