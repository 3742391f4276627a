/* The reasons of one head as JSON, put together from pieces that are kept;
 * serving/wording/reasons_text.py says how, and does the same in Python where this file could not
 * be compiled. What is looked up lies far apart in memory: to look up everything first and to copy
 * afterwards lets the processor wait for many pieces at once, and not for one after another.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <math.h>
#include <string.h>

enum { OF_FACT = 4, OF_EFFECT = 3, PIECES = OF_FACT + OF_EFFECT + 1 };

typedef struct {
    PyObject *fact, *effect, *odds; /* owned; NULL where there are none */
    char *text[PIECES];
    Py_ssize_t length[PIECES];
} reason_t;

typedef struct {
    PyObject *order, *terms, *places, *values, *parts, *log_odds;
    PyObject *facts, *joints, *effects, *odds;
} head_t;

/* What is kept of a key, which is given up; it is written where it is not there yet. */
static PyObject *kept(PyObject *pieces, PyObject *key) {
    PyObject *found = key ? PyDict_GetItemWithError(pieces, key) : NULL;
    Py_XINCREF(found);
    if (!found && !PyErr_Occurred()) found = PyObject_GetItem(pieces, key);
    Py_XDECREF(key);
    return found;
}

static PyObject *owned(PyObject *item) {
    Py_XINCREF(item);
    return item;
}

/* The key of a value of a term: zero has two signs, which look alike to a dictionary. */
static PyObject *fact_key(const head_t *head, Py_ssize_t number) {
    PyObject *term = PyTuple_GetItem(head->terms, number);
    PyObject *place = PyTuple_GetItem(head->places, number);
    PyObject *value = place ? PyTuple_GetItem(head->values, PyLong_AsSsize_t(place)) : NULL;
    if (!term || !value) return NULL;
    if (PyFloat_CheckExact(value)) {
        const double given = PyFloat_AsDouble(value);
        if (given == 0.0 && signbit(given)) return PyTuple_Pack(3, term, value, Py_True);
    }
    return PyTuple_Pack(2, term, value);
}

/* Look up what a term told alone is written with; −1 with the error set. */
static int alone(const head_t *head, Py_ssize_t number, reason_t *reason) {
    reason->fact = kept(head->facts, fact_key(head, number));
    if (!reason->fact) return -1;
    reason->effect = kept(head->effects, owned(PyList_GetItem(head->parts, number)));
    if (head->log_odds != Py_None && reason->effect)
        reason->odds = kept(head->odds, owned(PyList_GetItem(head->log_odds, number)));
    return PyErr_Occurred() ? -1 : 0;
}

/* The same of terms that are told jointly: (members, part, log-odds). */
static int jointly(const head_t *head, PyObject *joint, PyObject *fact, reason_t *reason) {
    reason->fact = owned(fact);
    if (!fact) return -1;
    reason->effect = kept(head->effects, owned(PyTuple_GetItem(joint, 1)));
    if (head->log_odds != Py_None && reason->effect)
        reason->odds = kept(head->odds, owned(PyTuple_GetItem(joint, 2)));
    return PyErr_Occurred() ? -1 : 0;
}

static int looked_up(const head_t *head, reason_t *reasons, Py_ssize_t count) {
    Py_ssize_t joint = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *told = PyList_GetItem(head->order, i);
        if (!PyLong_Check(told) && !PyTuple_Check(told)) {
            PyErr_SetString(PyExc_TypeError, "neither the number of a term nor a joint reason");
            return -1;
        }
        const int found = PyLong_Check(told)
            ? alone(head, PyLong_AsSsize_t(told), reasons + i)
            : jointly(head, told, PyList_GetItem(head->joints, joint++), reasons + i);
        if (found < 0) return -1;
    }
    return 0;
}

/* The texts of a reason in their order: the number's stand among those of the fact. */
static int cut(reason_t *reason) {
    static const struct { int of_fact, item; } PLACES[PIECES - 1] = {
        {1, 0}, {0, 0}, {1, 1}, {0, 1}, {1, 2}, {0, 2}, {1, 3},
    };
    int at = 0;
    for (int i = 0; i < PIECES - 1; i++) {
        if (i == PIECES - 2) { /* the log-odds stand before the last of the fact */
            reason->length[at] = 0;
            if (reason->odds &&
                PyBytes_AsStringAndSize(reason->odds, &reason->text[at], &reason->length[at]) < 0)
                return -1;
            at++;
        }
        PyObject *of = PLACES[i].of_fact ? reason->fact : reason->effect;
        PyObject *piece = PyTuple_GetItem(of, PLACES[i].item);
        if (!piece || PyBytes_AsStringAndSize(piece, &reason->text[at], &reason->length[at]) < 0)
            return -1;
        at++;
    }
    return 0;
}

/* All of it in brackets; the comma before the first reason is left out. */
static PyObject *joined(reason_t *reasons, Py_ssize_t count) {
    Py_ssize_t length = 2;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (cut(reasons + i) < 0) return NULL;
        for (int piece = 0; piece < PIECES; piece++) length += reasons[i].length[piece];
    }
    if (count && reasons[0].length[0]) {
        reasons[0].text[0]++, reasons[0].length[0]--;
        length--;
    }
    PyObject *text = PyBytes_FromStringAndSize(NULL, length);
    char *to = text ? PyBytes_AsString(text) : NULL;
    if (!to) return text;
    *to++ = '[';
    for (Py_ssize_t i = 0; i < count; i++)
        for (int piece = 0; piece < PIECES; piece++) {
            const Py_ssize_t some = reasons[i].length[piece];
            if (some) memcpy(to, reasons[i].text[piece], (size_t)some);
            to += some;
        }
    *to = ']';
    return text;
}

static PyObject *reasons_text(PyObject *self, PyObject *arguments) {
    (void)self;
    head_t head;
    if (!PyArg_ParseTuple(arguments, "O!O!O!O!O!OO!O!O!O!", &PyList_Type, &head.order,
                          &PyTuple_Type, &head.terms, &PyTuple_Type, &head.places, &PyTuple_Type,
                          &head.values, &PyList_Type, &head.parts, &head.log_odds, &PyDict_Type,
                          &head.facts, &PyList_Type, &head.joints, &PyDict_Type, &head.effects,
                          &PyDict_Type, &head.odds))
        return NULL;
    const Py_ssize_t count = PyList_Size(head.order);
    reason_t *reasons = PyMem_Calloc((size_t)(count ? count : 1), sizeof *reasons);
    if (!reasons) return PyErr_NoMemory();
    PyObject *text = looked_up(&head, reasons, count) < 0 ? NULL : joined(reasons, count);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_XDECREF(reasons[i].fact);
        Py_XDECREF(reasons[i].effect);
        Py_XDECREF(reasons[i].odds);
    }
    PyMem_Free(reasons);
    return text;
}

static PyMethodDef METHODS[] = {
    {"reasons_text", reasons_text, METH_VARARGS, "The reasons of a head as JSON."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, "_reasons_text", "Reasons put together from pieces.", 0, METHODS,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__reasons_text(void) { return PyModule_Create(&MODULE); }
