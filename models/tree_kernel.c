/* Predictions and exact path-dependent Shapley values of decision trees, for many rows at once.
 *
 * models/tree_program.py says what a program is and why this computes Shapley values; models/
 * numpy_kernel.py does the same with the same bits where this file could not be compiled. Must be
 * compiled without contraction of products and sums (-ffp-contract=off) and without fast-math.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__FAST_MATH__) || !defined(__GNUC__)
#error "the kernel needs GNU vector extensions and exact floating-point arithmetic"
#endif

#define INLINE static inline __attribute__((always_inline))
#define BLOCK_ROWS 512
#define ROUNDED_UP(count, of) (((count) + (of) - 1) / (of) * (of))
#define ALIGNMENT 64
/* LightGBM's kZeroThreshold: the float 1e-35 as a double. */
#define NEARLY_ZERO 1.0000000180025095e-35
#define GREATEST_CODE 2147483647.0

/* The layout of a program: models/tree_layout.py has the same names with the same numbers. */
enum {
    COLUMN, WORDS, FIRST_WORD, FLAGS, FEATURE, DEPTH, ANCESTOR, CONSTANTS,
    EDGE, FIRST, SECOND, SPLIT_FIELDS
};
enum { MISSING_LEFT = 1, SWAPPED = 2 };
enum { THRESHOLD, VALUE_FIRST, VALUE_SECOND, HOT, COLD, HOT_SECOND, NEITHER, ARRAYS };
enum { FIRST_STEP, STEP_COUNT, NODE_COUNT, TREE_CONSTANTS, FIRST_SPLIT, SPLIT_COUNT, TREE_FIELDS };
enum {
    BUNCH_START, BUNCH_COUNT, OPEN_COUNT, REPEATED_START, REPEATED_COUNT, BY_SET_START,
    BY_SET_COUNT, TREES_START, TREES_COUNT, BUNCH_NODES, BUNCH_RULE, DEEPEST, BUNCH_FIELDS
};
enum { TREE, ROOT, LEAVES, PACKED_TREE_FIELDS };
enum { WIDE = 4, MOST_NODES_OF_A_ROW = 32 };
enum { BOTH_LEAVES, OPEN_SECOND, OPEN_FIRST, CLOSE_ONE, BETWEEN, CLOSE_BOTH };
enum { AS_IS, ZERO_FOR_MISSING, ZERO_IS_MISSING, CODE, UNKNOWN_LEAST };

/* Splits for the walk of a single row: models/packed_splits.py has the same types. */
typedef struct {
    union {
        double threshold;
        struct { int32_t first_word, words; }; /* of a categorical split */
    };
    uint16_t column, parent_way;
    int16_t child[2];
} turn_t;
typedef struct {
    double inverse[2], leaf[2];
} edges_t;
typedef struct {
    double share;
    uint16_t split, ancestor_way, unused[2];
} repeated_t;
_Static_assert(sizeof(turn_t) == 16 && sizeof(edges_t) == 32 && sizeof(repeated_t) == 16,
               "the sizes of models/packed_splits.py");

typedef struct {
    const int32_t *steps;     /* (steps, 2): what to do, at which split */
    const int32_t *splits;    /* (splits, SPLIT_FIELDS) */
    const double *constants;  /* of splits and trees */
    const uint64_t *words;    /* bit sets of categorical splits */
    const int32_t *trees;     /* (trees, TREE_FIELDS) */
    const int32_t *sources;   /* (columns, 2): column of the matrix, how it is read */
    /* For a single row: models/packed_splits.py. */
    const turn_t *turns;           /* (splits,) */
    const edges_t *edges;          /* (splits,) */
    const int32_t *packed_sources; /* (packed columns, 2) */
    const int32_t *bunches;        /* (bunches, BUNCH_FIELDS) */
    const repeated_t *repeated;    /* splits whose feature was split on before */
    const int16_t *by_set;         /* categorical splits */
    const int32_t *packed_trees;   /* (trees with splits, PACKED_TREE_FIELDS) */
    const uint32_t *adding;        /* (splits, 2): which split adds to which feature */
    const double *rules;           /* weights, nodes and complements of each quadrature */
    const double *leaf_values;     /* of all trees */
    int tree_count, split_count, bunch_count, packed_columns, columns, features, depth, nodes;
} program_t;

typedef struct {
    const double *numbers;
    size_t count, width;
} matrix_t;

typedef struct {
    double *values;        /* (rows,) */
    double *contributions; /* (rows, stride), features of each, or NULL: they are not wanted */
    size_t stride;
} answer_t;

typedef struct {
    int groups;
    double *columns;       /* (groups, columns, ROWS) */
    double *contributions; /* (groups, features, ROWS) */
    double *values;        /* (groups, ROWS) */
} block_t;

static double *aligned_memory(size_t numbers) {
    const size_t bytes = (numbers * sizeof(double) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return aligned_alloc(ALIGNMENT, bytes);
}

/* A value as splits compare it: LightGBM takes what is nearly zero for zero. */
INLINE double read_number(double x, int how) {
    const int nearly_zero = x >= -NEARLY_ZERO && x <= NEARLY_ZERO;
    if (how == ZERO_IS_MISSING) return nearly_zero ? NAN : x;
    if (nearly_zero) return 0.0;
    return how == ZERO_FOR_MISSING && x != x ? 0.0 : x;
}

/* The code of a category; -1 for none. A fraction is cut off, as LightGBM does. */
INLINE int64_t read_code(double x) {
    return x > -1.0 && x <= GREATEST_CODE ? (int64_t)x : -1;
}

static void gather(const program_t *program, const matrix_t *rows, size_t start, size_t count,
                   size_t lanes, const block_t *block) {
    for (size_t group = 0; group < (size_t)block->groups; group++) {
        for (int c = 0; c < program->columns; c++) {
            const int32_t source = program->sources[2 * c], how = program->sources[2 * c + 1];
            double *column = block->columns + (group * program->columns + c) * lanes;
            for (size_t lane = 0; lane < lanes; lane++) {
                const size_t row = group * lanes + lane;
                /* Lanes beyond the last row repeat it; nobody reads what they give. */
                const size_t place = start + (row < count ? row : count - 1);
                const double x = rows->numbers[place * rows->width + source];
                if (how == CODE) {
                    const int64_t code = read_code(x);
                    memcpy(column + lane, &code, sizeof code);
                } else {
                    column[lane] = read_number(x, how);
                }
            }
        }
    }
}

static void scatter(const program_t *program, const block_t *block, size_t start, size_t count,
                    size_t lanes, const answer_t *answer) {
    const size_t features = (size_t)program->features;
    memcpy(answer->values + start, block->values, count * sizeof(double));
    if (!answer->contributions) return;
    for (size_t row = 0; row < count; row++) {
        const double *group = block->contributions + row / lanes * features * lanes + row % lanes;
        double *to = answer->contributions + (start + row) * answer->stride;
        for (size_t feature = 0; feature < features; feature++) to[feature] = group[feature * lanes];
    }
}

typedef double pair_t __attribute__((vector_size(16), may_alias));

/* A row as packed splits compare it: left is what is at most the threshold. */
static void read_row(const program_t *program, const double *row, double *columns) {
    for (int c = 0; c < program->packed_columns; c++) {
        const int32_t how = program->packed_sources[2 * c + 1];
        double x = row[program->packed_sources[2 * c]];
        if (how == CODE) {
            const int64_t code = read_code(x);
            memcpy(columns + c, &code, sizeof code);
            continue;
        }
        x = read_number(x, how % UNKNOWN_LEAST);
        columns[c] = x != x && how >= UNKNOWN_LEAST ? -INFINITY : x;
    }
}

/* Whether a row's code is in the set of a categorical split. */
INLINE int in_set(const uint64_t *words, const turn_t *split, const double *columns) {
    uint64_t code; /* -1 is in no word */
    memcpy(&code, columns + split->column, sizeof code);
    const int inside = code >> 6 < (uint64_t)split->words;
    return words[split->first_word + (inside ? code >> 6 : 0)] >> (code & 63) & inside;
}

/* How one row turns at each split of a bunch of trees, and the leaf value it reaches in each tree.
 * next: from each split; from a leaf to itself, so that every way takes as many steps. */
static void follow(const program_t *program, const int32_t *bunch, const double *columns,
                   uint8_t *turned, int16_t *next, double *reached) {
    const turn_t *splits = program->turns + bunch[BUNCH_START] - 1; /* numbered from 1 */
    const int count = bunch[BUNCH_COUNT], set_count = bunch[BY_SET_COUNT];
    const int tree_count = bunch[TREES_COUNT], deepest = bunch[DEEPEST];
    const int16_t *by_set = program->by_set + bunch[BY_SET_START];
    for (int n = 1; n <= count; n++) {
        const int left = columns[splits[n].column] <= splits[n].threshold;
        turned[n] = (uint8_t)left;
        next[n] = splits[n].child[left];
    }
    const uint64_t *words = program->words;
    for (int i = 0; i < set_count; i++) {
        const int n = by_set[i], left = in_set(words, splits + n, columns);
        turned[n] = (uint8_t)left;
        next[n] = splits[n].child[left];
    }
    const int32_t *tree = program->packed_trees + PACKED_TREE_FIELDS * bunch[TREES_START];
    for (int i = 0; i < tree_count; i++, tree += PACKED_TREE_FIELDS) {
        int n = tree[ROOT];
        for (int depth = 0; depth < deepest; depth++) n = next[n];
        reached[tree[TREE]] = program->leaf_values[tree[LEAVES] - n];
    }
}

#define LAYOUT row
#define TARGETED
#include "tree_kernel_row.h"

#if defined(__x86_64__)
#define LAYOUT row_avx2
#define TARGETED __attribute__((target("avx2")))
#include "tree_kernel_row.h"
#endif

#define LAYOUT portable
#define LANES 2
#define UNROLL 4
#define TARGETED
#include "tree_kernel_lanes.h"

#if defined(__x86_64__)
#define LAYOUT avx2
#define LANES 4
#define UNROLL 4
#define TARGETED __attribute__((target("avx2")))
#include "tree_kernel_lanes.h"

#define LAYOUT avx512
#define LANES 8
#define UNROLL 4
#define TARGETED __attribute__((target("avx512f,avx512dq,avx512vl,prefer-vector-width=512")))
#include "tree_kernel_lanes.h"
#endif

typedef int (*layout_t)(const program_t *, const matrix_t *, const answer_t *);

static const struct {
    const char *name;
    layout_t run;
} LAYOUTS[] = {
    {"row", run_row},
#if defined(__x86_64__)
    {"row_avx2", run_row_avx2},
#endif
    {"portable", run_portable},
#if defined(__x86_64__)
    {"avx2", run_avx2},
    {"avx512", run_avx512},
#endif
};
enum { LAYOUT_COUNT = sizeof LAYOUTS / sizeof *LAYOUTS };

static int runs_here(const char *name) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (strstr(name, "avx2")) return __builtin_cpu_supports("avx2");
    if (strstr(name, "avx512"))
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
#endif
    return !strstr(name, "avx");
}

static PyObject *layouts(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    PyObject *names = PyList_New(0);
    for (int layout = 0; names && layout < LAYOUT_COUNT; layout++) {
        if (!runs_here(LAYOUTS[layout].name)) continue;
        PyObject *name = PyUnicode_FromString(LAYOUTS[layout].name);
        if (!name || PyList_Append(names, name) < 0) Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

static int layout_named(const char *name) {
    for (int layout = 0; layout < LAYOUT_COUNT; layout++)
        if (!strcmp(name, LAYOUTS[layout].name) && runs_here(LAYOUTS[layout].name)) return layout;
    PyErr_Format(PyExc_ValueError, "no layout %s on this processor", name);
    return -1;
}

/* A program in the memory of the arrays that it was made of, which it holds. */
enum {
    THE_STEPS, THE_SPLITS, THE_CONSTANTS, THE_BIT_SETS, THE_TREES, THE_TURNS, THE_EDGES,
    THE_PACKED_SOURCES, THE_BUNCHES, THE_REPEATED, THE_BY_SET, THE_PACKED_TREES, THE_ADDING,
    THE_RULES, THE_LEAF_VALUES, THE_SOURCES, PROGRAM_BUFFERS
};
typedef struct {
    program_t program;
    int packed; /* for the walk of a single row */
    Py_buffer memory[PROGRAM_BUFFERS];
} kept_program_t;

static const char PROGRAM[] = "models._tree_kernel.program";

static void forget_program(PyObject *capsule) {
    kept_program_t *kept = PyCapsule_GetPointer(capsule, PROGRAM);
    for (int i = 0; i < PROGRAM_BUFFERS; i++) PyBuffer_Release(&kept->memory[i]);
    PyMem_Free(kept);
}

static PyObject *program(PyObject *self, PyObject *arguments) {
    (void)self;
    kept_program_t *kept = PyMem_Malloc(sizeof *kept);
    if (!kept) return PyErr_NoMemory();
    Py_buffer *of = kept->memory;
    program_t *program = &kept->program;
    if (!PyArg_ParseTuple(arguments, "y*y*y*y*y*y*y*y*y*y*y*y*y*y*y*y*iii", &of[THE_STEPS],
                          &of[THE_SPLITS], &of[THE_CONSTANTS], &of[THE_BIT_SETS], &of[THE_TREES],
                          &of[THE_TURNS], &of[THE_EDGES], &of[THE_PACKED_SOURCES], &of[THE_BUNCHES],
                          &of[THE_REPEATED], &of[THE_BY_SET], &of[THE_PACKED_TREES], &of[THE_ADDING],
                          &of[THE_RULES], &of[THE_LEAF_VALUES], &of[THE_SOURCES], &program->features,
                          &program->depth, &program->nodes)) {
        PyMem_Free(kept);
        return NULL;
    }
    program->steps = of[THE_STEPS].buf;
    program->splits = of[THE_SPLITS].buf;
    program->constants = of[THE_CONSTANTS].buf;
    program->words = of[THE_BIT_SETS].buf;
    program->trees = of[THE_TREES].buf;
    program->turns = of[THE_TURNS].buf;
    program->edges = of[THE_EDGES].buf;
    program->packed_sources = of[THE_PACKED_SOURCES].buf;
    program->bunches = of[THE_BUNCHES].buf;
    program->repeated = of[THE_REPEATED].buf;
    program->by_set = of[THE_BY_SET].buf;
    program->packed_trees = of[THE_PACKED_TREES].buf;
    program->adding = of[THE_ADDING].buf;
    program->rules = of[THE_RULES].buf;
    program->leaf_values = of[THE_LEAF_VALUES].buf;
    program->sources = of[THE_SOURCES].buf;
    program->packed_columns = (int)(of[THE_PACKED_SOURCES].len / (Py_ssize_t)(2 * sizeof(int32_t)));
    program->split_count = (int)(of[THE_SPLITS].len / (Py_ssize_t)(SPLIT_FIELDS * sizeof(int32_t)));
    program->bunch_count = (int)(of[THE_BUNCHES].len / (Py_ssize_t)(BUNCH_FIELDS * sizeof(int32_t)));
    program->tree_count = (int)(of[THE_TREES].len / (Py_ssize_t)(TREE_FIELDS * sizeof(int32_t)));
    program->columns = (int)(of[THE_SOURCES].len / (Py_ssize_t)(2 * sizeof(int32_t)));
    kept->packed = of[THE_EDGES].len == (Py_ssize_t)sizeof(edges_t) * program->split_count;
    PyObject *capsule = PyCapsule_New(kept, PROGRAM, forget_program);
    if (!capsule) {
        for (int i = 0; i < PROGRAM_BUFFERS; i++) PyBuffer_Release(&of[i]);
        PyMem_Free(kept);
    }
    return capsule;
}

/* One call: what is to be walked, and where to write what is found. */
typedef struct {
    const program_t *walked;
    matrix_t rows;
    answer_t answer;
    int layout;
} call_t;

/* Have a call walk a program in a layout; returns 0, or -1 with an exception set. */
static int walk_with(call_t *call, const char *name, PyObject *capsule) {
    const kept_program_t *kept = PyCapsule_GetPointer(capsule, PROGRAM);
    if (!kept) return -1;
    call->walked = &kept->program;
    call->layout = layout_named(name);
    if (call->layout < 0) return -1;
    if (strncmp(name, "row", 3) || kept->packed) return 0;
    PyErr_SetString(PyExc_ValueError, "these trees are not packed for single rows");
    return -1;
}

static int refuse_sizes(void) {
    PyErr_SetString(PyExc_ValueError, "buffers of other sizes than announced");
    return -1;
}

/* Returns 0, or -1 where memory is lacking; needs no Python. */
static int walked(const call_t *call) {
    return call->rows.count ? LAYOUTS[call->layout].run(call->walked, &call->rows, &call->answer) : 0;
}

/* The memory of a matrix and of what is found of it. */
enum { THE_NUMBERS, THE_VALUES, THE_CONTRIBUTIONS, BUFFERS };

static void let_go(Py_buffer *memory) {
    for (int i = 0; i < BUFFERS; i++) PyBuffer_Release(&memory[i]);
}

static PyObject *run(PyObject *self, PyObject *arguments) {
    (void)self;
    const char *name;
    PyObject *program;
    Py_buffer of[BUFFERS];
    Py_ssize_t count, width;
    if (!PyArg_ParseTuple(arguments, "sOy*nnw*w*", &name, &program, &of[THE_NUMBERS], &count,
                          &width, &of[THE_VALUES], &of[THE_CONTRIBUTIONS]))
        return NULL;
    call_t call;
    const Py_ssize_t number = sizeof(double), explained = of[THE_CONTRIBUTIONS].len;
    int failed = walk_with(&call, name, program) < 0, lacking = 0;
    if (!failed && (of[THE_NUMBERS].len != count * width * number ||
                    of[THE_VALUES].len != count * number ||
                    (explained && explained != count * call.walked->features * number)))
        failed = refuse_sizes();
    if (!failed) {
        call.rows = (matrix_t){of[THE_NUMBERS].buf, (size_t)count, (size_t)width};
        call.answer = (answer_t){of[THE_VALUES].buf, explained ? of[THE_CONTRIBUTIONS].buf : NULL,
                                 (size_t)call.walked->features};
        Py_BEGIN_ALLOW_THREADS
        lacking = walked(&call) < 0;
        Py_END_ALLOW_THREADS
    }
    let_go(of);
    if (lacking) return PyErr_NoMemory();
    return failed ? NULL : Py_NewRef(Py_None);
}

#include "tree_kernel_ahead.h"

static PyMethodDef METHODS[] = {
    {"layouts", layouts, METH_NOARGS, "The names of the layouts that run on this processor."},
    {"program", program, METH_VARARGS, "A program that walks go through; it holds its arrays."},
    {"run", run, METH_VARARGS, "Fill values and, unless empty, contributions of a matrix's rows."},
    {"begin", begin, METH_VARARGS, "Walks of several programs, which go on meanwhile."},
    {"finish", finish, METH_O, "Return when such walks have been walked."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT, "_tree_kernel", "Decision trees for many rows at once.", 0, METHODS,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__tree_kernel(void) { return PyModule_Create(&MODULE); }
