/* The nearest of many points to a row; models/nearest.py says what that is, and does the same with
 * the same bits in NumPy where this file could not be compiled. Must be compiled without
 * contraction of products and sums (-ffp-contract=off) and without fast-math.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <math.h>

#ifdef __FAST_MATH__
#error "distances need exact floating-point arithmetic"
#endif

enum { TOGETHER = 64 }; /* points: what is found of them stays in registers and the nearest cache */

typedef struct {
    double distance;
    Py_ssize_t place;
} near_t;

/* The frame: models/nearest.py has the same rows. */
enum { CENTRE, ORIGIN, UNIT, LIMIT, FRAME_ROWS };

static double coordinate(const double *frame, Py_ssize_t features, Py_ssize_t feature, double x) {
    const double known = x == x ? x : frame[CENTRE * features + feature];
    return (known - frame[ORIGIN * features + feature]) / frame[UNIT * features + feature];
}

/* The squares of the distances of some points from a row. */
static void squares(const double *points, Py_ssize_t members, const double *frame,
                    const double *row, Py_ssize_t features, Py_ssize_t some, double *sums) {
    for (Py_ssize_t i = 0; i < some; i++) sums[i] = 0.0;
    for (Py_ssize_t feature = 0; feature < features; feature++) {
        const double at = coordinate(frame, features, feature, row[feature]);
        const double limit = frame[LIMIT * features + feature];
        const double *of = points + feature * members;
        for (Py_ssize_t i = 0; i < some; i++) {
            const double apart = fabs(of[i] - at), counted = apart < limit ? apart : limit;
            sums[i] += counted * counted;
        }
    }
}

/* Put a point among the nearest, which are in order; returns how many there are then. */
static Py_ssize_t kept(near_t *nearest, Py_ssize_t found, Py_ssize_t most, near_t point) {
    if (found == most && !(found && point.distance < nearest[found - 1].distance)) return found;
    Py_ssize_t at = found < most ? found++ : found - 1;
    for (; at > 0 && point.distance < nearest[at - 1].distance; at--) nearest[at] = nearest[at - 1];
    nearest[at] = point;
    return found;
}

static PyObject *told(const near_t *nearest, Py_ssize_t found) {
    PyObject *list = PyList_New(found);
    for (Py_ssize_t i = 0; list && i < found; i++) {
        PyObject *pair = Py_BuildValue("nd", nearest[i].place, nearest[i].distance);
        if (!pair || PyList_SetItem(list, i, pair) < 0) Py_CLEAR(list);
    }
    return list;
}

static PyObject *nearest(PyObject *self, PyObject *arguments) {
    (void)self;
    Py_buffer points, frame, row;
    Py_ssize_t members, most;
    if (!PyArg_ParseTuple(arguments, "y*ny*y*n", &points, &members, &frame, &row, &most))
        return NULL;
    const Py_ssize_t number = sizeof(double), features = row.len / number;
    PyObject *list = NULL;
    most = most < members ? most : members;
    near_t *found = PyMem_Malloc((size_t)(most > 0 ? most : 1) * sizeof *found);
    if (!found) {
        PyErr_NoMemory();
    } else if (most < 0 || row.len % number || points.len != members * row.len ||
               frame.len != FRAME_ROWS * row.len) {
        PyErr_SetString(PyExc_ValueError, "buffers of other sizes than announced");
    } else {
        Py_ssize_t count = 0;
        double sums[TOGETHER];
        for (Py_ssize_t start = 0; start < members; start += TOGETHER) {
            const Py_ssize_t left = members - start, some = left < TOGETHER ? left : TOGETHER;
            squares((const double *)points.buf + start, members, frame.buf, row.buf, features, some,
                    sums);
            for (Py_ssize_t i = 0; i < some; i++)
                count = kept(found, count, most, (near_t){sqrt(sums[i]), start + i});
        }
        list = told(found, count);
    }
    PyMem_Free(found);
    PyBuffer_Release(&points);
    PyBuffer_Release(&frame);
    PyBuffer_Release(&row);
    return list;
}

static PyMethodDef METHODS[] = {
    {"nearest", nearest, METH_VARARGS, "The places and distances of the nearest points."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, "_nearest", "The nearest of many points.", 0, METHODS,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__nearest(void) { return PyModule_Create(&MODULE); }
