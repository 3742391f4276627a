/* One layout of the kernel: LANES rows side by side in a vector, UNROLL vectors at a time.
 *
 * Included by tree_kernel.c once per layout, with LANES, UNROLL and LAYOUT defined. Every row's
 * arithmetic is the same fixed sequence in every layout: lanes hold rows, sums over quadrature
 * nodes run from the first to the last, and nothing is fused or reassociated.
 */

#define JOINED_(name, layout) name##_##layout
#define JOINED(name, layout) JOINED_(name, layout)
#define IN_LAYOUT(name) JOINED(name, LAYOUT)
#define ROWS (LANES * UNROLL)

/* What differs between layouts: vectors of numbers, masks of lanes, codes of categories. */
#if LANES == 1
typedef double IN_LAYOUT(numbers) __attribute__((may_alias));
typedef int64_t IN_LAYOUT(codes) __attribute__((may_alias));
#else
typedef double IN_LAYOUT(numbers) __attribute__((vector_size(8 * LANES), may_alias));
typedef int64_t IN_LAYOUT(codes) __attribute__((vector_size(8 * LANES), may_alias));
#endif
#define NUMBERS IN_LAYOUT(numbers)
#define CODES IN_LAYOUT(codes)
#define SAME_2(x) (x), (x)
#define SAME_4(x) SAME_2(x), SAME_2(x)
#define SAME_8(x) SAME_4(x), SAME_4(x)
#if LANES == 1
#define ALL(number) ((NUMBERS)(number))
#define ALL_CODES(number) ((CODES)(number))
#else
#define ALL(number) ((NUMBERS){JOINED(SAME, LANES)(number)})
#define ALL_CODES(number) ((CODES){JOINED(SAME, LANES)(number)})
#endif

#if LANES == 8
typedef __mmask8 IN_LAYOUT(masks);
#define MASKS IN_LAYOUT(masks)
#define EVERY_LANE(condition) ((MASKS)(0 - (condition)))
#define AT_MOST(x, limit) _mm512_cmp_pd_mask((__m512d)(x), (__m512d)(limit), _CMP_LE_OQ)
#define MISSING(x) _mm512_cmp_pd_mask((__m512d)(x), (__m512d)(x), _CMP_UNORD_Q)
#define NOT_ZERO(codes) _mm512_test_epi64_mask((__m512i)(codes), (__m512i)(codes))
#define EQUAL(codes, others) _mm512_cmpeq_epi64_mask((__m512i)(codes), (__m512i)(others))
#define CHOSEN(mask, yes, no) \
    ((NUMBERS)_mm512_mask_blend_pd((mask), (__m512d)(no), (__m512d)(yes)))
#else
typedef CODES IN_LAYOUT(masks);
#define MASKS IN_LAYOUT(masks)
#define EVERY_LANE(condition) ALL_CODES(-(int64_t)(condition))
#if LANES == 1
#define AS_MASK(condition) (-(int64_t)(condition))
#else
#define AS_MASK(condition) (condition)
#endif
#define AT_MOST(x, limit) AS_MASK((x) <= (limit))
#define MISSING(x) AS_MASK((x) != (x))
#define NOT_ZERO(codes) AS_MASK((codes) != ALL_CODES(0))
#define EQUAL(codes, others) AS_MASK((codes) == (others))
#if LANES == 1
#define CHOSEN(mask, yes, no) ((mask) ? (yes) : (no))
#elif LANES == 4
#define CHOSEN(mask, yes, no) \
    ((NUMBERS)_mm256_blendv_pd((__m256d)(no), (__m256d)(yes), (__m256d)(mask)))
#else
#define CHOSEN(mask, yes, no) \
    ((NUMBERS)(((mask) & (CODES)(yes)) | (~(mask) & (CODES)(no))))
#endif
#endif

/* One of two numbers that all lanes share. */
#define EITHER(mask, yes, no) CHOSEN(mask, ALL(yes), ALL(no))
#define EACH_QUADRATURE_NODE _Pragma("GCC unroll 8") for (int q = 0; q < nodes; q++)

/* Where the rows of one group are on their way through a tree; slot k belongs to depth k. */
typedef struct {
    double *products;  /* (depth + 1, nodes, ROWS): weight × factors of the path */
    double *subtrees;  /* (depth + 1, nodes, ROWS): what lies below, without the path */
    double *integrals; /* (depth + 1, ROWS): of the first child, kept until the second is done */
    double *values;    /* (depth + 1, ROWS): leaf value reached below */
    double *firsts;    /* (depth + 1, ROWS): leaf value reached below the first child */
    MASKS *turns;      /* (depth + 1, UNROLL): rows that turn to the first child */
    MASKS *edges;      /* (depth + 1, UNROLL): rows that follow all splits of the edge's feature */
} IN_LAYOUT(path);

#define PATH IN_LAYOUT(path)
#define EACH_VECTOR for (int u = 0; u < UNROLL; u++)
#define AT(array, type, depth) ((type *)((array) + (size_t)(depth) * ROWS))
#define AT_NODE(array, depth, q) \
    ((NUMBERS *)((array) + ((size_t)(depth) * nodes + (q)) * ROWS))

/* Which rows turn to the first child of a split. */
INLINE TARGETED MASKS IN_LAYOUT(turned)(const int32_t *split, const uint64_t *words,
                                        double threshold, const double *columns, int u) {
    const double *column = columns + (size_t)split[COLUMN] * ROWS;
    const MASKS swapped = EVERY_LANE((split[FLAGS] & SWAPPED) != 0);
    if (split[WORDS] == 0) {
        const NUMBERS x = ((const NUMBERS *)column)[u];
        const MASKS missing_left = EVERY_LANE((split[FLAGS] & MISSING_LEFT) != 0);
        return swapped ^ (AT_MOST(x, ALL(threshold)) | (MISSING(x) & missing_left));
    }
    const CODES code = ((const CODES *)column)[u], word = code >> 6, bit = code & 63;
    MASKS left = EVERY_LANE(0);
    for (int w = 0; w < split[WORDS]; w++) {
        const CODES bits = ALL_CODES((int64_t)words[split[FIRST_WORD] + w]);
        left |= NOT_ZERO((bits >> bit) & 1) & EQUAL(word, ALL_CODES(w));
    }
    return swapped ^ left;
}

/* One step of the way through a tree, for every row of a group. */
INLINE TARGETED void IN_LAYOUT(step)(const int nodes, const int step, const int repeated,
                                     const int32_t *split, const double *c,
                                     const double *complements, const uint64_t *words,
                                     const double *columns, double *contributions,
                                     const PATH path) {
    const int k = split[DEPTH];
    const double *arrays = c + ARRAYS, *one = arrays, *two = arrays + nodes;
    const double *cold = repeated ? arrays + 2 * nodes : complements;
    const double *jacobian = arrays + 3 * nodes;
    EACH_VECTOR {
        MASKS first, above = EVERY_LANE(0);
        if (step <= OPEN_FIRST) {
            first = IN_LAYOUT(turned)(split, words, c[THRESHOLD], columns, u);
            path.turns[k * UNROLL + u] = first;
        } else {
            first = path.turns[k * UNROLL + u];
        }
        if (repeated) above = path.edges[split[ANCESTOR] * UNROLL + u];

        /* The integrals over both children, of the leaf and of what lies below. */
        NUMBERS whole = ALL(0.0), below = ALL(0.0);
        EACH_QUADRATURE_NODE {
            NUMBERS product = AT_NODE(path.products, k, q)[u];
            if (repeated) product *= jacobian[q];
            if (step == BOTH_LEAVES || step == CLOSE_ONE) whole += product;
            if (step == CLOSE_ONE || step == BETWEEN || step == CLOSE_BOTH)
                below += product * AT_NODE(path.subtrees, k + 1, q)[u];
        }
        NUMBERS moved = ALL(0.0);
        if (step == BOTH_LEAVES) moved = whole * EITHER(first, c[HOT], c[COLD]);
        if (step == CLOSE_ONE)
            moved = whole * EITHER(first, c[HOT], c[COLD]) +
                    below * EITHER(first, -1.0, c[HOT_SECOND]);
        if (step == CLOSE_BOTH && nodes)
            moved = AT(path.integrals, NUMBERS, k)[u] * EITHER(first, c[HOT], -1.0) +
                    below * EITHER(first, -1.0, c[HOT_SECOND]);
        if (step == BETWEEN && nodes) AT(path.integrals, NUMBERS, k)[u] = below;
        if (nodes && (step == BOTH_LEAVES || step == CLOSE_ONE || step == CLOSE_BOTH)) {
            NUMBERS *feature = (NUMBERS *)(contributions + (size_t)split[FEATURE] * ROWS);
            if (repeated) moved = CHOSEN(above, moved, ALL(0.0));
            feature[u] += moved;
        }

        /* What lies below this split, and the way to the next one. Where an earlier split of the
         * same feature was not followed, this one changes nothing: its factors are 1. */
        EACH_QUADRATURE_NODE {
            NUMBERS *subtree = &AT_NODE(path.subtrees, k, q)[u];
            NUMBERS to_first = ALL(1.0), to_second = ALL(1.0), leaf = ALL(0.0);
            if (step == OPEN_FIRST || step == BETWEEN)
                to_first = EITHER(first, one[q], cold[q]);
            if (step != BOTH_LEAVES && step != OPEN_FIRST)
                to_second = EITHER(first, cold[q], two[q]);
            if (step == BOTH_LEAVES) leaf = EITHER(first, one[q], two[q]);
            if (step == CLOSE_ONE)
                leaf = EITHER(first, one[q], cold[q] * c[NEITHER]);
            if (repeated) {
                to_first = CHOSEN(above, to_first, ALL(1.0));
                to_second = CHOSEN(above, to_second, ALL(1.0));
                leaf = CHOSEN(above, leaf, ALL(c[NEITHER]));
            }
            const NUMBERS product = AT_NODE(path.products, k, q)[u];
            if (step == OPEN_FIRST) AT_NODE(path.products, k + 1, q)[u] = product * to_first;
            if (step == OPEN_SECOND || step == BETWEEN)
                AT_NODE(path.products, k + 1, q)[u] = product * to_second;
            if (step == BOTH_LEAVES) *subtree = leaf;
            if (step == BETWEEN) *subtree = to_first * AT_NODE(path.subtrees, k + 1, q)[u];
            if (step == CLOSE_ONE)
                *subtree = leaf + to_second * AT_NODE(path.subtrees, k + 1, q)[u];
            if (step == CLOSE_BOTH)
                *subtree = *subtree + to_second * AT_NODE(path.subtrees, k + 1, q)[u];
        }
        if (nodes && (step == OPEN_FIRST || step == OPEN_SECOND || step == BETWEEN)) {
            MASKS followed = first;
            if (step != OPEN_FIRST) followed = ~first;
            if (repeated) followed &= above;
            path.edges[(k + 1) * UNROLL + u] = followed;
        }

        /* The leaf value that the row reaches. */
        NUMBERS *value = &AT(path.values, NUMBERS, k)[u];
        if (step == BOTH_LEAVES)
            *value = EITHER(first, c[VALUE_FIRST], c[VALUE_SECOND]);
        if (step == CLOSE_ONE)
            *value = CHOSEN(first, ALL(c[VALUE_FIRST]), AT(path.values, NUMBERS, k + 1)[u]);
        if (step == BETWEEN)
            AT(path.firsts, NUMBERS, k)[u] = AT(path.values, NUMBERS, k + 1)[u];
        if (step == CLOSE_BOTH)
            *value = CHOSEN(first, AT(path.firsts, NUMBERS, k)[u],
                                       AT(path.values, NUMBERS, k + 1)[u]);
    }
}

/* All groups of a block through one tree of `nodes` quadrature nodes; 0 nodes: values only. */
INLINE TARGETED void IN_LAYOUT(walk)(const int nodes, const program_t *program, const int32_t *tree,
                            const block_t *block, const PATH path) {
    for (int group = 0; group < block->groups; group++) {
        const double *columns = block->columns + (size_t)group * program->columns * ROWS;
        double *contributions = block->contributions + (size_t)group * program->features * ROWS;
        NUMBERS *totals = (NUMBERS *)(block->values + (size_t)group * ROWS);
        if (tree[STEP_COUNT] == 0) {
            EACH_VECTOR totals[u] += program->constants[tree[TREE_CONSTANTS]];
            continue;
        }
        const double *weights = program->constants + tree[TREE_CONSTANTS];
        for (int q = 0; q < nodes; q++) EACH_VECTOR AT_NODE(path.products, 0, q)[u] = ALL(weights[q]);
        const int32_t *steps = program->steps + 2 * (size_t)tree[FIRST_STEP];
        for (int s = 0; s < tree[STEP_COUNT]; s++) {
            const int32_t *split = program->splits + (size_t)SPLIT_FIELDS * steps[2 * s + 1];
            const double *constants = program->constants + split[CONSTANTS];
#define ONE_STEP(code, repeated)                                                          \
    case 2 * (code) + (repeated):                                                         \
        IN_LAYOUT(step)(nodes, code, repeated, split, constants, weights + nodes,         \
                        program->words, columns, contributions, path);                    \
        break;
#define STEP(code) ONE_STEP(code, 0) ONE_STEP(code, 1)
            switch (steps[2 * s]) {
                STEP(BOTH_LEAVES)
                STEP(OPEN_SECOND)
                STEP(OPEN_FIRST)
                STEP(CLOSE_ONE)
                STEP(BETWEEN)
                STEP(CLOSE_BOTH)
            }
#undef STEP
#undef ONE_STEP
        }
        EACH_VECTOR totals[u] += AT(path.values, NUMBERS, 0)[u];
    }
}

TARGETED static void IN_LAYOUT(through)(const program_t *program, const int32_t *tree,
                                        const block_t *block, const PATH path, int explain) {
    switch (explain ? tree[NODE_COUNT] : 0) {
        case 0: IN_LAYOUT(walk)(0, program, tree, block, path); break;
        case 1: IN_LAYOUT(walk)(1, program, tree, block, path); break;
        case 2: IN_LAYOUT(walk)(2, program, tree, block, path); break;
        case 3: IN_LAYOUT(walk)(3, program, tree, block, path); break;
        case 4: IN_LAYOUT(walk)(4, program, tree, block, path); break;
        case 5: IN_LAYOUT(walk)(5, program, tree, block, path); break;
        case 6: IN_LAYOUT(walk)(6, program, tree, block, path); break;
        default: IN_LAYOUT(walk)(tree[NODE_COUNT], program, tree, block, path);
    }
}

/* What every row of the matrix is answered; returns 0, or -1 where memory is lacking. */
static int IN_LAYOUT(run)(const program_t *program, const matrix_t *rows, const answer_t *answer) {
    const size_t slots = (size_t)program->depth + 2, wide = slots * program->nodes * ROWS;
    const int groups_at_once = BLOCK_ROWS / ROWS > 0 ? BLOCK_ROWS / ROWS : 1;
    const size_t block_rows = (size_t)groups_at_once * ROWS;
    const size_t masks = slots * UNROLL * sizeof(MASKS) / sizeof(double) + ALIGNMENT;
    const size_t needed = 2 * wide + 3 * slots * ROWS + 2 * masks +
                          block_rows * (program->columns + program->features + 1);
    double *memory = aligned_memory(needed);
    if (!memory) return -1;
    PATH path;
    path.products = memory;
    path.subtrees = path.products + wide;
    path.integrals = path.subtrees + wide;
    path.values = path.integrals + slots * ROWS;
    path.firsts = path.values + slots * ROWS;
    block_t block;
    block.columns = path.firsts + slots * ROWS;
    block.contributions = block.columns + block_rows * program->columns;
    block.values = block.contributions + block_rows * program->features;
    path.turns = (MASKS *)(block.values + block_rows);
    path.edges = path.turns + slots * UNROLL;
    for (size_t start = 0; start < rows->count; start += block_rows) {
        const size_t left = rows->count - start;
        const size_t count = left < block_rows ? left : block_rows;
        block.groups = (int)((count + ROWS - 1) / ROWS);
        gather(program, rows, start, count, ROWS, &block);
        memset(block.contributions, 0,
               sizeof(double) * (block_rows * ((size_t)program->features + 1)));
        for (int tree = 0; tree < program->tree_count; tree++)
            IN_LAYOUT(through)(program, program->trees + (size_t)TREE_FIELDS * tree, &block, path,
                               answer->contributions != NULL);
        scatter(program, &block, start, count, ROWS, answer);
    }
    free(memory);
    return 0;
}

#undef JOINED_
#undef JOINED
#undef IN_LAYOUT
#undef ROWS
#undef NUMBERS
#undef CODES
#undef MASKS
#undef SAME_2
#undef SAME_4
#undef SAME_8
#undef ALL
#undef ALL_CODES
#undef EVERY_LANE
#undef AS_MASK
#undef AT_MOST
#undef MISSING
#undef NOT_ZERO
#undef EQUAL
#undef CHOSEN
#undef EITHER
#undef EACH_QUADRATURE_NODE
#undef PATH
#undef EACH_VECTOR
#undef AT
#undef AT_NODE
#undef LANES
#undef UNROLL
#undef LAYOUT
#undef TARGETED
