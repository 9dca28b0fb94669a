/* SPDX-License-Identifier: Apache-2.0
 * Many price paths through one scenario: where paths come from, what one path came to, and sums
 * that are the same whoever added them and in which order. Spec: docs/STRESS.md. Integers only:
 * the same seeds give the same sums on every machine. It plays the engine; it knows no rule. */
#ifndef SIM_STRESS_H
#define SIM_STRESS_H

#include "sim_prices.h"
#include "sim_random.h"
#include "sim_run.h"
#include "sim_scenario_parse.h"

#define SIM_STRESS_MARKETS   16u /* series that a path plays */
#define SIM_STRESS_SETS      32u
#define SIM_STRESS_WORST     10u
#define SIM_STRESS_BINS      512u
#define SIM_STRESS_FALLS     101u /* whole percents */
#define SIM_STRESS_NAME      64u
#define SIM_STRESS_BARS_MIN  100u /* fewer say nothing of how a market moves */
#define SIM_STRESS_STEPS_BAR 12u  /* moves inside a generated bar */

/* --- statistics of a series (sim_stress_stats.c) ------------------------------------------------
 */
enum sim_stress_span {
    SIM_STRESS_BAR,
    SIM_STRESS_HOUR,
    SIM_STRESS_DAY,
    SIM_STRESS_SPANS
};

struct sim_stress_stats {
    uint64_t bars;
    uint64_t deviation;                 /* root mean square of a bar's move, 1e-9 */
    uint64_t kurtosis;                  /* thousandths; 3000 where moves are normal */
    uint64_t range;                     /* mean of high - low over mean of a move's size, 1e-3 */
    int64_t echo;                       /* autocorrelation of the moves' sizes at one bar, ppm */
    int64_t echo_hour;                  /* at an hour, or 12 bars where a bar is longer */
    uint64_t largest[SIM_STRESS_SPANS]; /* move from close to close over that time, ppm */
};

/* move: (to - from) / from, 1e-9. */
int64_t sim_stress_move(uint64_t from, uint64_t to);
/* moves: of each bar from the close before it, the first from its open; 0 across a gap. `out` holds
 * prices->count. */
void sim_stress_moves(const struct sim_prices *prices, int64_t *out);
void sim_stress_measure(const struct sim_prices *prices, struct sim_stress_stats *out);
/* correlation: of two rows of moves, ppm; 0 where one of them stands still. */
int64_t sim_stress_correlation(const int64_t *a, const int64_t *b, size_t count);
/* root: floor of the square root. */
uint64_t sim_stress_root(sim_uint value);

/* --- the generator (sim_stress_model.c, sim_stress_fit.c) ---------------------------------------
 * A bar's move is deviation x heat x z. z is normal, shared in part with the other markets, and now
 * and then a jump is added to it. The square of heat follows the squares of moves at three paces:
 *     heat2 = 1 - w0 - w1 - w2 + w0 x m0 + w1 x m1 + w2 x m2
 *     mk'   = mk + (heat2 x min(z^2, 25) - mk) / SIM_STRESS_PACES[k]
 * There is no drift: no side is favoured. */
#define SIM_STRESS_MEMORIES 3u
#define SIM_STRESS_PACES    {2, 30, 360} /* bars */

struct sim_stress_model {
    uint64_t price;                        /* of the first open, as in struct sim_bar */
    uint64_t deviation;                    /* 1e-9 */
    uint32_t weights[SIM_STRESS_MEMORIES]; /* ppm, together below one */
    uint32_t jump_rate;                    /* of a bar, ppm */
    uint32_t jump_size;                    /* mean, in thousandths of the deviation of the moment */
    int32_t loading; /* on the factor that all markets share, thousandths, -990 to 990 */
};

/* A market's name, its real series, and how it is generated. */
struct sim_stress_market {
    char name[SIM_STRESS_NAME];
    const char *path;
    struct sim_prices real;
    struct sim_stress_model model;
    struct sim_stress_stats stats;     /* of the real series */
    struct sim_stress_stats generated; /* of generated ones of the same length, in the middle */
};

/* What is generated. steps: moves inside a bar, from 1. */
struct sim_stress_shape {
    uint64_t start; /* time of the first bar */
    uint64_t step;
    uint32_t bars;
    uint32_t steps;
};

/* generate: a series for every market, from a seed. */
void sim_stress_generate(const struct sim_stress_market *markets,
                         uint32_t count,
                         const struct sim_stress_shape *shape,
                         uint64_t seed,
                         struct sim_prices *out);

/* fit: models from the real series, which have bars of the same length, and what the models' own
 * series measure. links: real and generated correlations of each pair, i < j, in order of i. */
struct sim_stress_link {
    uint32_t first;
    uint32_t second;
    int64_t real; /* ppm */
    int64_t generated;
};

#define SIM_STRESS_LINKS (SIM_STRESS_MARKETS * (SIM_STRESS_MARKETS - 1u) / 2u)

void sim_stress_fit(struct sim_stress_market *markets,
                    uint32_t count,
                    struct sim_stress_link *links);

/* --- sums (sim_stress_sum.c) --------------------------------------------------------------------
 */
/* Who pays what an account owes: its owner first; what is beyond is the others' together. */
enum sim_stress_payer {
    SIM_STRESS_OWNERS,
    SIM_STRESS_TRANCHE,
    SIM_STRESS_GLOBAL,
    SIM_STRESS_OPPOSING,
    SIM_STRESS_UNCOVERED,
    SIM_STRESS_BEYOND,
    SIM_STRESS_PAYERS
};

enum sim_stress_count {
    SIM_STRESS_OPERATIONS,
    SIM_STRESS_ACCOUNTS,
    SIM_STRESS_LIQUIDATIONS, /* takeovers, sales of collateral, forced closes */
    SIM_STRESS_FORCED,       /* of them: closed against winners */
    SIM_STRESS_DEFICITS,
    SIM_STRESS_REFUSED_PRICES,
    SIM_STRESS_GAPS,
    SIM_STRESS_COUNTS
};

/* What one path came to. */
struct sim_stress_result {
    uint64_t seed;
    uint64_t state_hash;
    uint64_t counts[SIM_STRESS_COUNTS];
    sim_int paid[SIM_STRESS_PAYERS]; /* wad */
    uint32_t fall;                   /* the worst drawdown of an accepted price, ppm */
    bool has_failed;
    char why[SIM_SCRIPT_WHY_MAX];
};

struct sim_stress_bad {
    uint64_t seed;
    sim_int paid[SIM_STRESS_PAYERS];
    uint32_t fall;
};

/* Of many paths. {0} is none. */
struct sim_stress_sum {
    uint64_t paths;
    uint64_t failed;
    uint64_t survived; /* nobody paid but owners and insurance */
    uint64_t counts[SIM_STRESS_COUNTS];
    sim_int paid[SIM_STRESS_PAYERS];
    sim_int most[SIM_STRESS_PAYERS];
    uint64_t bins[SIM_STRESS_PAYERS][SIM_STRESS_BINS];
    uint64_t falls[SIM_STRESS_FALLS];
    uint64_t hash;                               /* the sum of the paths' hashes */
    uint64_t failed_seed;                        /* the lowest */
    uint32_t bad_count;
    struct sim_stress_bad bad[SIM_STRESS_WORST]; /* the worst first */
    char why[SIM_SCRIPT_WHY_MAX];
};

void sim_stress_add(struct sim_stress_sum *sum, const struct sim_stress_result *result);
/* merge: the sum of two disjoint lots of paths: commutative and associative, to the last bit. */
void sim_stress_merge(struct sim_stress_sum *to, const struct sim_stress_sum *from);
/* hash: over every number of a sum, for comparisons. */
uint64_t sim_stress_hash(uint64_t hash, const struct sim_stress_sum *sum);
/* bin: 0 for 0; else four to a power of two. bin_edge: the least value in a bin. */
uint32_t sim_stress_bin(sim_int value);
sim_int sim_stress_bin_edge(uint32_t bin);
/* quantile: the upper edge of the bin in which that share of the paths (ppm) is reached, or the
 * largest value where that is less. */
sim_int
sim_stress_quantile(const struct sim_stress_sum *sum, enum sim_stress_payer payer, uint32_t share);

/* --- parameter sets (sim_stress_sets.c) --------------------------------------------------------
 */
/* One value for each --set option: the scenario's text with these values, and their name. */
struct sim_stress_set {
    struct sim_buffer name;    /* "ETH-PERP initial=2%", or "as the file says" */
    struct sim_buffer flags;   /* the options that make this set alone */
    struct sim_buffer text;
    struct sim_buffer refused; /* what the engine says to these declarations, or empty */
};

struct sim_stress_sets {
    struct sim_stress_set rows[SIM_STRESS_SETS];
    uint32_t count;
};

/* may: whether an option has the form "NAME key=v1,v2"; else the error is printed. */
bool sim_stress_sets_may(const char *option);
/* make: every combination of the options' values. False with an error printed. */
bool sim_stress_sets_make(const char *path,
                          const char *const *options,
                          uint32_t option_count,
                          struct sim_stress_sets *out);
void sim_stress_sets_free(struct sim_stress_sets *sets);

/* --- one path (sim_stress_path.c) ---------------------------------------------------------------
 */
enum sim_stress_kind {
    SIM_STRESS_CRASH,     /* no file: the crash of `plimsoll generate` */
    SIM_STRESS_GENERATED, /* by the models */
    SIM_STRESS_REAL,      /* stretches of the real series */
};

/* All that a path follows from, beside its seed. */
struct sim_stress_plan {
    const char *path; /* of the scenario, for messages */
    enum sim_stress_kind kind;
    struct sim_stress_market markets[SIM_STRESS_MARKETS];
    struct sim_stress_link links[SIM_STRESS_LINKS];
    uint32_t market_count;
    uint64_t length; /* seconds */
    bool audits;     /* after every operation, not at the end alone */
};

/* The price series of one path. */
struct sim_stress_prices {
    struct sim_prices prices[SIM_STRESS_MARKETS];
    struct sim_series series[SIM_STRESS_MARKETS];
    uint32_t count;
};

void sim_stress_prices_make(const struct sim_stress_plan *plan,
                            uint64_t seed,
                            struct sim_stress_prices *out);
void sim_stress_prices_free(struct sim_stress_prices *prices);
/* play: one path from nothing to its full audit. */
void sim_stress_play(const struct sim_stress_plan *plan,
                     const struct sim_script *script,
                     uint64_t seed,
                     struct sim_stress_result *out);

/* --- many paths (sim_stress_jobs.c) -------------------------------------------------------------
 */
struct sim_stress_work {
    const struct sim_stress_plan *plan;
    const struct sim_stress_sets *sets;
    const struct sim_script *scripts; /* one a set */
    struct sim_stress_sum *sums;      /* one a set: filled */
    uint64_t first_seed;
    uint64_t paths;
    uint64_t kibibytes;        /* filled: the most memory of one process */
    uint64_t cpu_milliseconds; /* filled: of all processes, since each began */
    uint32_t jobs;
    bool is_quiet;
};

/* run: paths x sets by so many processes; false where one of them died. After Ctrl-C the sums are
 * of the paths that had ended. */
bool sim_stress_run(struct sim_stress_work *work);

/* --- parts of a run in files (sim_stress_parts.c) -----------------------------------------------
 */
#define SIM_STRESS_RANGES 256u

/* The paths that sums are of, and what they were played on. */
struct sim_stress_range {
    uint64_t first;
    uint64_t paths;
};

struct sim_stress_part {
    uint64_t played; /* sim_stress_played */
    uint32_t range_count;
    struct sim_stress_range ranges[SIM_STRESS_RANGES];
};

/* played: a hash of all that a path follows from, beside its seed. */
uint64_t sim_stress_played(const struct sim_stress_plan *plan, const struct sim_stress_sets *sets);
/* write, merge: false with the error printed. merge adds the file's sums to those given. */
bool sim_stress_part_write(const char *path,
                           struct sim_stress_part *part,
                           struct sim_stress_sum *sums,
                           uint32_t sets);
bool sim_stress_part_merge(const char *path,
                           struct sim_stress_part *to,
                           struct sim_stress_sum *sums,
                           uint32_t sets);

/* --- what is told (sim_stress_print.c, sim_stress_report.c) ------------------------------------
 */
struct sim_stress_told {
    const struct sim_stress_plan *plan;
    struct sim_stress_sets *sets;      /* their texts are ended for printing */
    const struct sim_stress_sum *sums; /* one a set */
    const char *command;               /* a path's, but for its set's flags and --replay SEED */
    uint64_t first_seed;
    uint64_t paths;
    uint64_t milliseconds;
    uint64_t cpu_milliseconds;
    uint64_t kibibytes; /* the most of one process */
    uint64_t hash;
    uint32_t jobs;
    uint32_t parts; /* merged from so many files; 0: played */
};

void sim_stress_print_models(const struct sim_stress_plan *plan);
void sim_stress_print(const struct sim_stress_told *told);
/* write: false with the error printed. */
bool sim_stress_write_json(const struct sim_stress_told *told, const char *path);
bool sim_stress_write_html(const struct sim_stress_told *told, const char *path);

#endif
