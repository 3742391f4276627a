/* The layout for a single row: quadrature nodes side by side, a bunch's splits one after another.
 *
 * Included by tree_kernel.c once per instruction set, with LAYOUT and TARGETED defined. Lanes of
 * rows share what is read from memory and the jumps of a step; a single row would wait for both.
 * Here a split is a few numbers (models/packed_splits.py), its factors are made on the way, and no jump depends on how the row turns or on the kind of a split: each loop below does the
 * same for all splits it is given. The arithmetic is that of tree_kernel_lanes.h, number by number;
 * only what is added or multiplied may stand in the other order.
 */

#define JOINED_(name, layout) name##_##layout
#define JOINED(name, layout) JOINED_(name, layout)
#define IN_LAYOUT(name) JOINED(name, LAYOUT)
#define PATH IN_LAYOUT(path)
#define VECTOR IN_LAYOUT(vector)
#define PLACES IN_LAYOUT(places)
typedef double VECTOR __attribute__((vector_size(8 * WIDE), may_alias, aligned(8)));
typedef int64_t PLACES __attribute__((vector_size(8 * WIDE)));
#define ALL(x) ((VECTOR){(x), (x), (x), (x)})
#define EVEN ((PLACES){0, 4, 2, 6})
#define ODD ((PLACES){1, 5, 3, 7})
/* Vectors may reach beyond the last quadrature node; what they hold there is never summed. */
#define PARTS(nodes) (((nodes) + WIDE - 1) / WIDE)
#define MOST_PARTS (MOST_NODES_OF_A_ROW / WIDE)
#define EACH_PART _Pragma("GCC unroll 4") for (int v = 0; v < PARTS(nodes); v++)
#define PART(array) (((VECTOR *)(array))[v])

/* What is known of each split of a tree on the way; vectors stand for (splits, nodes). */
typedef struct {
    double *products;  /* weight × factors of the path to the split */
    double *factors;   /* (splits, 2, nodes): of the edge that the row leaves aside, and takes */
    double *subtrees;  /* what lies below, without the path; ones below leaves */
    double *jacobians; /* of the n-th repeated split */
    double *hot;       /* (splits,): by how much of itself taking the way makes a part greater */
    uint8_t *turned;   /* (splits,): to the left; kept by follow() */
    uint8_t *above;    /* (splits,): follows the splits above on the same feature */
} PATH;

/* Two sums over the quadrature nodes, each from the first to the last. */
INLINE TARGETED pair_t IN_LAYOUT(sums)(const int nodes, const VECTOR *one, const VECTOR *other) {
    VECTOR halves[MOST_PARTS][2];
    EACH_PART {
        halves[v][0] = __builtin_shuffle(one[v], other[v], EVEN);
        halves[v][1] = __builtin_shuffle(one[v], other[v], ODD);
    }
    pair_t total = {0.0, 0.0};
    _Pragma("GCC unroll 8") for (int q = 0; q < nodes; q++)
        total += ((const pair_t *)&halves[q / WIDE][q % 2])[q % WIDE / 2];
    return total;
}

/* How far each split of a bunch of trees of `nodes` quadrature nodes moves its feature. */
INLINE TARGETED void IN_LAYOUT(walk)(const int nodes, const program_t *program,
                                     const int32_t *bunch, double *moved, const PATH path) {
    const turn_t *splits = program->turns + bunch[BUNCH_START] - 1; /* numbered from 1 */
    const edges_t *edges = program->edges + bunch[BUNCH_START] - 1;
    const int count = bunch[BUNCH_COUNT], open = bunch[OPEN_COUNT];
    const repeated_t *repeated = program->repeated + bunch[REPEATED_START];
    const int repeated_count = bunch[REPEATED_COUNT];
    const uint8_t *turned = path.turned;
    const size_t stride = (size_t)PARTS(nodes) * WIDE;
    const double *rule = program->rules + bunch[BUNCH_RULE];
    VECTOR t[MOST_PARTS] = {{0}}, rest[MOST_PARTS] = {{0}};
    EACH_PART t[v] = PART(rule + stride);
    EACH_PART rest[v] = PART(rule + 2 * stride);
#define OF(array, n) ((array) + (size_t)(n) * stride)
#define FACTORS(n, taken) OF(path.factors, 2 * (n) + (taken))

    memset(path.above, 1, (size_t)count + 1);
    double *factors = FACTORS(1, 0);
    for (int n = 1; n <= count; n++, factors += 2 * stride) {
        const double taken = edges[n].inverse[turned[n]];
        const VECTOR inverse = ALL(taken);
        path.hot[n] = taken - 1.0;
        EACH_PART {
            PART(factors) = rest[v];
            PART(factors + stride) = rest[v] + t[v] * inverse;
        }
    }
    for (int i = 0; i < repeated_count; i++) {
        const int n = repeated[i].split, way = repeated[i].ancestor_way, ancestor = way >> 1;
        const int above = path.above[ancestor] & (turned[ancestor] ^ way);
        const VECTOR share = ALL(repeated[i].share);
        const PLACES follows = (PLACES)ALL(0.0) - above;
        path.above[n] = (uint8_t)above;
        path.hot[n] = edges[n].inverse[turned[n]] * repeated[i].share - 1.0;
        EACH_PART {
            const VECTOR within = ALL(1.0) / (rest[v] * share + t[v]), quotient = share * within;
            PART(OF(path.jacobians, i)) = quotient * within;
            for (int taken = 0; taken < 2; taken++) {
                VECTOR *factor = &PART(FACTORS(n, taken));
                *factor = (VECTOR)((follows & (PLACES)(*factor * quotient)) |
                                   (~follows & (PLACES)ALL(1.0)));
            }
        }
    }
    EACH_PART PART(path.products) = PART(rule);
    EACH_PART PART(FACTORS(0, 0)) = PART(FACTORS(0, 1)) = ALL(1.0);
    EACH_PART PART(path.subtrees) = ALL(1.0); /* leaf 0: vectors of other lengths overlap it */
    double *products = OF(path.products, 1);
    for (int n = 1; n <= count; n++, products += stride) {
        const size_t way = splits[n].parent_way, parent = way >> 1;
        const double *factor = OF(path.factors, way ^ turned[parent]);
        EACH_PART PART(products) = PART(OF(path.products, parent)) * PART(factor);
    }
    for (int i = 0; i < repeated_count; i++)
        EACH_PART PART(OF(path.products, repeated[i].split)) *= PART(OF(path.jacobians, i));

    for (int n = open + 1; n <= count; n++) { /* both children leaves */
        const int taken = turned[n], other = 1 ^ taken;
        const double leaf = edges[n].leaf[taken], other_leaf = edges[n].leaf[other];
        EACH_PART PART(OF(path.subtrees, n)) =
            PART(FACTORS(n, 1)) * ALL(leaf) + PART(FACTORS(n, 0)) * ALL(other_leaf);
        double whole = 0.0;
        _Pragma("GCC unroll 8") for (int q = 0; q < nodes; q++) whole += OF(path.products, n)[q];
        moved[n] = whole * (path.hot[n] * leaf - other_leaf);
    }
    for (int n = open; n > 0; n--) { /* at most one; below a leaf are ones, and instead of one a 1 */
        const int taken = turned[n], other = 1 ^ taken;
        const double leaf = edges[n].leaf[taken], other_leaf = edges[n].leaf[other];
        const double *below = OF(path.subtrees, splits[n].child[taken]);
        const double *other_below = OF(path.subtrees, splits[n].child[other]);
        VECTOR over[MOST_PARTS], over_other[MOST_PARTS];
        EACH_PART {
            const VECTOR product = PART(OF(path.products, n));
            over[v] = product * PART(below);
            over_other[v] = product * PART(other_below);
            PART(OF(path.subtrees, n)) = PART(FACTORS(n, 1)) * ALL(leaf) * PART(below) +
                                         PART(FACTORS(n, 0)) * ALL(other_leaf) * PART(other_below);
        }
        const pair_t integrals = IN_LAYOUT(sums)(nodes, over, over_other);
        moved[n] = integrals[0] * (path.hot[n] * leaf) - integrals[1] * other_leaf;
    }
    for (int i = 0; i < repeated_count; i++)
        if (!path.above[repeated[i].split]) moved[repeated[i].split] = 0.0;
#undef OF
#undef FACTORS
}

TARGETED static void IN_LAYOUT(through)(const program_t *program, const int32_t *bunch,
                                        double *moved, const PATH path) {
    switch (bunch[BUNCH_NODES]) {
#define NODES(n) \
    case n: IN_LAYOUT(walk)(n, program, bunch, moved, path); break;
        NODES(1) NODES(2) NODES(3) NODES(4) NODES(5) NODES(6) NODES(7) NODES(8)
#undef NODES
        default: IN_LAYOUT(walk)(bunch[BUNCH_NODES], program, bunch, moved, path);
    }
}

/* What every row of the matrix is answered; returns 0, or -1 where memory is lacking. */
TARGETED static int IN_LAYOUT(run)(const program_t *program, const matrix_t *rows,
                                   const answer_t *answer) {
    size_t most = 0;
    for (int b = 0; b < program->bunch_count; b++) {
        const size_t count = (size_t)program->bunches[(size_t)BUNCH_FIELDS * b + BUNCH_COUNT];
        if (count > most) most = count;
    }
    most++; /* what is above the roots, or a leaf */
    const size_t nodes = ROUNDED_UP((size_t)program->nodes, WIDE), columns = (size_t)program->packed_columns;
    const size_t splits = (size_t)program->split_count;
    double *memory = aligned_memory(6 * most * nodes + splits +
                                    (size_t)program->tree_count + columns + 3 * most);
    if (!memory) return -1;
    PATH path;
    path.products = memory;
    path.factors = path.products + most * nodes;
    double *leaves = path.factors + 2 * most * nodes;
    for (size_t i = 0; i < most * nodes; i++) leaves[i] = 1.0;
    path.subtrees = leaves + (most - 1) * nodes;
    path.jacobians = path.subtrees + most * nodes;
    path.hot = path.jacobians + most * nodes;
    double *moved = path.hot + most, *reached = moved + splits;
    double *row_columns = reached + program->tree_count;
    /* Where the way leads from each split, and from a leaf: nowhere. */
    int16_t *next = (int16_t *)(row_columns + columns) + most;
    for (int leaf = 0; leaf < (int)most; leaf++) next[-leaf] = (int16_t)-leaf;
    path.turned = (uint8_t *)(next + most);
    path.above = path.turned + most;
    path.turned[0] = 0;
    for (int tree = 0; tree < program->tree_count; tree++) {
        const int32_t *alone = program->trees + (size_t)TREE_FIELDS * tree;
        if (alone[SPLIT_COUNT] == 0) reached[tree] = program->constants[alone[TREE_CONSTANTS]];
    }
    for (size_t row = 0; row < rows->count; row++) {
        read_row(program, rows->numbers + row * rows->width, row_columns);
        for (int b = 0; b < program->bunch_count; b++) {
            const int32_t *bunch = program->bunches + BUNCH_FIELDS * b;
            follow(program, bunch, row_columns, path.turned, next, reached);
            if (answer->contributions)
                IN_LAYOUT(through)(program, bunch, moved + bunch[BUNCH_START] - 1, path);
        }
        double value = 0.0;
        for (int tree = 0; tree < program->tree_count; tree++) value += reached[tree];
        answer->values[row] = value;
        if (!answer->contributions) continue;
        double *contributions = answer->contributions + row * answer->stride;
        memset(contributions, 0, sizeof(double) * (size_t)program->features);
        const uint32_t *adding = program->adding;
        for (size_t n = 0; n < splits; n++, adding += 2) contributions[adding[1]] += moved[adding[0]];
    }
    free(memory);
    return 0;
}

#undef JOINED_
#undef JOINED
#undef IN_LAYOUT
#undef PATH
#undef VECTOR
#undef PLACES
#undef ALL
#undef EVEN
#undef ODD
#undef PARTS
#undef MOST_PARTS
#undef EACH_PART
#undef PART
#undef LAYOUT
#undef TARGETED
