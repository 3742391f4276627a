/* The layout for a single row: quadrature nodes side by side, a tree's splits one after another.
 *
 * Included by tree_kernel.c once per instruction set, with LAYOUT and TARGETED defined. In lanes a step's kind decides which code runs next, which is quick where many rows take the same
 * steps and slow where one row does. Here every split of a tree takes the same way down, those of
 * two leaves then the same way up. The arithmetic is that of tree_kernel_lanes.h, number by number.
 */

#define JOINED_(name, layout) name##_##layout
#define JOINED(name, layout) JOINED_(name, layout)
#define IN_LAYOUT(name) JOINED(name, LAYOUT)
#define PATH IN_LAYOUT(path)
/* Vectors may reach beyond the last quadrature node; what they hold there is never summed. */
#define PARTS(nodes) (((nodes) + WIDE - 1) / WIDE)
#define EACH_PART _Pragma("GCC unroll 4") for (int v = 0; v < PARTS(nodes); v++)
#define EACH_QUADRATURE_NODE _Pragma("GCC unroll 8") for (int q = 0; q < nodes; q++)
#define PART(array) (((const wide_t *)(array))[v])
#define FILLED(array) (((wide_t *)(array))[v])

/* What is known of each split of a tree; arrays of (splits,), or (splits, nodes) with
 * nodes rounded up to whole vectors. */
typedef struct {
    double *products, *subtrees, *parts, *moved, *values;
    uint8_t *turned, *above, *followed;
} PATH;

/* One of two numbers without a jump: which way a row turns cannot be foreseen. */
INLINE TARGETED double IN_LAYOUT(either)(int first, double yes, double no) {
    uint64_t mask = -(uint64_t)(first != 0), a, b;
    memcpy(&a, &yes, sizeof a);
    memcpy(&b, &no, sizeof b);
    a = (a & mask) | (b & ~mask);
    memcpy(&yes, &a, sizeof a);
    return yes;
}

INLINE TARGETED int IN_LAYOUT(turned)(const program_t *program, const int32_t *split, const double *columns) {
    int left;
    if (split[WORDS] == 0) {
        const double x = columns[split[COLUMN]];
        const int missing_left = (split[FLAGS] & MISSING_LEFT) != 0;
        left = (x <= program->constants[split[CONSTANTS] + THRESHOLD]) | ((x != x) & missing_left);
    } else {
        int64_t code;
        memcpy(&code, columns + split[COLUMN], sizeof code);
        left = code >= 0 && code >> 6 < split[WORDS] &&
               program->words[split[FIRST_WORD] + (code >> 6)] >> (code & 63) & 1;
    }
    return left ^ ((split[FLAGS] & SWAPPED) != 0);
}

/* The factors of the edge to a child: of the first or the second, by the row's turn. */
INLINE TARGETED const double *IN_LAYOUT(factors)(const int nodes, const double *c, const double *cold,
                                 const double *ones, int second, int turned, int above) {
    const double *own = c + ARRAYS + (second ? nodes : 0);
    const double *factors = turned != second ? own : cold;
    return above ? factors : ones;
}

/* One row through one tree of `nodes` quadrature nodes; adds to contributions, returns the leaf. */
INLINE TARGETED double IN_LAYOUT(walk)(const int nodes, const program_t *program, const int32_t *tree,
                       const double *columns, const double *ones, double *contributions,
                       const PATH path) {
    const int32_t start = tree[FIRST_SPLIT], count = tree[SPLIT_COUNT];
    const int32_t *splits = program->splits + (size_t)SPLIT_FIELDS * start;
    const double *weights = program->constants + tree[TREE_CONSTANTS];
    const double *complements = weights + nodes;
    const size_t stride = (size_t)PARTS(nodes) * WIDE;
    /* Each number is read once for a row, and waiting for memory would take longer than all else:
     * what the next tree needs is fetched while this one is walked, a line here and a line there. */
    const int32_t *next_splits = splits + (size_t)SPLIT_FIELDS * count;
    const size_t to_next = (size_t)tree[CONSTANTS_COUNT];
#define COLD_FACTORS(split, c) ((split)[EDGE] >= 0 ? (c) + ARRAYS + 2 * nodes : complements)

    for (int n = 0; n < count; n++) {
        __builtin_prefetch(next_splits + SPLIT_FIELDS * n);
        path.turned[n] = (uint8_t)IN_LAYOUT(turned)(program, splits + SPLIT_FIELDS * n, columns);
    }
    path.above[0] = path.followed[0] = 1;
    EACH_PART FILLED(path.products) = PART(weights);
    for (int n = 1; n < count; n++) {
        const int32_t *split = splits + SPLIT_FIELDS * n;
        const int p = split[PARENT], turned = path.turned[p], above = path.above[p];
        const int32_t way = split[WAY_OTHER - turned];
        const double *factors = above ? program->constants + way : ones;
        const double *before = path.products + p * stride;
        double *products = path.products + n * stride;
        EACH_PART FILLED(products) = PART(before) * PART(factors);
        path.followed[n] = (uint8_t)(above & (turned != split[SIDE]));
        path.above[n] = split[EDGE] < 0 ? 1 : path.followed[split[EDGE]];
    }

    for (int i = 0; i < count; i++) {
        const int n = program->upward[start + i];
        const int32_t *split = splits + SPLIT_FIELDS * n;
        const double *c = program->constants + split[CONSTANTS], *arrays = c + ARRAYS;
        const double *cold = COLD_FACTORS(split, c);
        const double *jacobian = split[EDGE] >= 0 ? arrays + 3 * nodes : ones;
        for (int line = 0; line < ARRAYS + 2 * nodes; line += ALIGNMENT / (int)sizeof(double))
            __builtin_prefetch(c + to_next + line);
        const double *products = path.products + n * stride;
        double *subtrees = path.subtrees + n * stride;
        const int turned = path.turned[n], above = path.above[n];
        double *parts = path.parts, *parts_below = path.parts + stride;
        double whole = 0.0, below = 0.0, moved;
        if (split[SECOND] < 0) { /* both leaves */
            const double *leaf = above ? arrays + nodes * !turned : ones;
            EACH_PART FILLED(parts) = PART(products) * PART(jacobian);
            EACH_QUADRATURE_NODE whole += parts[q];
            moved = whole * IN_LAYOUT(either)(turned, c[HOT], c[COLD]);
            const wide_t value = WIDE_OF(IN_LAYOUT(either)(above, 1.0, c[NEITHER]));
            EACH_PART FILLED(subtrees) = PART(leaf) * value;
            path.values[n] = IN_LAYOUT(either)(turned, c[VALUE_FIRST], c[VALUE_SECOND]);
        } else {
            const int to_second = split[SECOND];
            const double *second = path.subtrees + to_second * stride;
            const double *factors = IN_LAYOUT(factors)(nodes, c, cold, ones, 1, turned, above);
            EACH_PART {
                FILLED(parts) = PART(products) * PART(jacobian);
                FILLED(parts_below) = PART(parts) * PART(second);
            }
            EACH_QUADRATURE_NODE below += parts_below[q];
            const double with_second = below * IN_LAYOUT(either)(turned, -1.0, c[HOT_SECOND]);
            if (split[FIRST] < 0) { /* first a leaf */
                EACH_QUADRATURE_NODE whole += parts[q];
                moved = whole * IN_LAYOUT(either)(turned, c[HOT], c[COLD]) + with_second;
                /* NEITHER is the leaf's value, and ones leave it as it is. */
                const double *leaf = above ? (turned ? arrays : cold) : ones;
                const wide_t value = WIDE_OF(IN_LAYOUT(either)(above & turned, 1.0, c[NEITHER]));
                EACH_PART FILLED(subtrees) = PART(leaf) * value + PART(factors) * PART(second);
                path.values[n] =
                    IN_LAYOUT(either)(turned, c[VALUE_FIRST], path.values[to_second]);
            } else {
                const int to_first = split[FIRST];
                const double *first = path.subtrees + to_first * stride;
                const double *others = IN_LAYOUT(factors)(nodes, c, cold, ones, 0, turned, above);
                EACH_PART FILLED(parts) = PART(parts) * PART(first);
                EACH_QUADRATURE_NODE whole += parts[q];
                moved = whole * IN_LAYOUT(either)(turned, c[HOT], -1.0) + with_second;
                EACH_PART FILLED(subtrees) =
                    PART(others) * PART(first) + PART(factors) * PART(second);
                path.values[n] =
                    IN_LAYOUT(either)(turned, path.values[to_first], path.values[to_second]);
            }
        }
        path.moved[n] = IN_LAYOUT(either)(above, moved, 0.0);
    }
#undef COLD_FACTORS
    for (int i = 0; i < count; i++) {
        const int n = program->closing[start + i];
        contributions[splits[SPLIT_FIELDS * n + FEATURE]] += path.moved[n];
    }
    return path.values[0];
}

/* The leaf value of a tree that one row reaches. */
INLINE TARGETED double IN_LAYOUT(leaf)(const program_t *program, const int32_t *tree, const double *columns) {
    const int32_t *splits = program->splits + (size_t)SPLIT_FIELDS * tree[FIRST_SPLIT];
    for (int n = 0;;) {
        const int32_t *split = splits + SPLIT_FIELDS * n;
        const int turned = IN_LAYOUT(turned)(program, split, columns);
        n = split[turned ? FIRST : SECOND];
        if (n < 0)
            return program->constants[split[CONSTANTS] + (turned ? VALUE_FIRST : VALUE_SECOND)];
    }
}

TARGETED static double IN_LAYOUT(through)(const program_t *program, const int32_t *tree, const double *columns,
                          const double *ones, double *contributions, const PATH path) {
    switch (tree[NODE_COUNT]) {
#define NODES(n) \
    case n: return IN_LAYOUT(walk)(n, program, tree, columns, ones, contributions, path);
        NODES(1) NODES(2) NODES(3) NODES(4) NODES(5) NODES(6) NODES(7) NODES(8)
#undef NODES
        default: return IN_LAYOUT(walk)(tree[NODE_COUNT], program, tree, columns, ones, contributions, path);
    }
}

/* What every row of the matrix is answered; returns 0, or -1 where memory is lacking. */
TARGETED static int IN_LAYOUT(run)(const program_t *program, const matrix_t *rows, const answer_t *answer) {
    size_t most = 1;
    for (int tree = 0; tree < program->tree_count; tree++) {
        const size_t count = (size_t)program->trees[(size_t)TREE_FIELDS * tree + SPLIT_COUNT];
        if (count > most) most = count;
    }
    const size_t nodes = PARTS((size_t)program->nodes) * WIDE, columns = (size_t)program->columns;
    double *memory = aligned_memory(2 * most * nodes + 3 * nodes + 3 * most + columns + 1);
    if (!memory) return -1;
    PATH path;
    path.products = memory;
    path.subtrees = path.products + most * nodes;
    path.parts = path.subtrees + most * nodes;
    path.moved = path.parts + 2 * nodes;
    path.values = path.moved + most;
    double *ones = path.values + most;
    for (size_t q = 0; q < nodes; q++) ones[q] = 1.0;
    const block_t block = {1, ones + nodes, NULL, NULL};
    path.turned = (uint8_t *)(block.columns + columns);
    path.above = path.turned + most;
    path.followed = path.above + most;
    for (size_t row = 0; row < rows->count; row++) {
        gather(program, rows, row, 1, 1, &block);
        double *contributions =
            answer->contributions ? answer->contributions + row * (size_t)program->features : NULL;
        if (contributions) memset(contributions, 0, sizeof(double) * (size_t)program->features);
        double value = 0.0;
        for (int t = 0; t < program->tree_count; t++) {
            const int32_t *tree = program->trees + (size_t)TREE_FIELDS * t;
            if (tree[SPLIT_COUNT] == 0)
                value += program->constants[tree[TREE_CONSTANTS]];
            else if (contributions) {
                value += IN_LAYOUT(through)(program, tree, block.columns, ones, contributions, path);
            } else
                value += IN_LAYOUT(leaf)(program, tree, block.columns);
        }
        answer->values[row] = value;
    }
    free(memory);
    return 0;
}

#undef JOINED_
#undef JOINED
#undef IN_LAYOUT
#undef PATH
#undef PARTS
#undef EACH_PART
#undef EACH_QUADRATURE_NODE
#undef PART
#undef FILLED
#undef LAYOUT
#undef TARGETED
