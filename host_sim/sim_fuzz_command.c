/* SPDX-License-Identifier: Apache-2.0
 * plimsoll fuzz: many seeds, their sum, the table of operations and codes, and what to do about a
 * finding. Seeds are played by processes; the sums do not depend on how many. */
#include "sim_error.h"
#include "sim_fuzz.h"
#include "sim_main.h"
#include "sim_trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIM_FUZZ_CODES    96u
#define SIM_FUZZ_JOBS_MAX 256u
#define SIM_FUZZ_TEXT     8192u

struct sim_fuzz_line {
    uint64_t first;
    uint64_t last;
    uint64_t operations; /* of each seed */
    enum sim_choice choice;
    uint32_t jobs;
    const char *trace;
    const char *json;
    const char *replay;
    const char *open;
    const char *out;
    bool wants_pairs;
    bool is_quiet;
    bool audits;
    bool wants_help;
};

/* Shared between the processes: sums of one of them. */
struct sim_fuzz_sums {
    uint64_t results[256][SIM_FUZZ_CODES]; /* opcode x row of errors.def */
    uint64_t checks;
    uint64_t operations;
    uint64_t faults;
    uint64_t seeds;
    uint64_t failed_seed; /* the lowest that failed + 1; 0 = none */
    char failure[SIM_FUZZ_TEXT];
};

struct sim_fuzz_session {
    const struct sim_fuzz_line *line;
    struct sim_fuzz_sums *sums; /* one a process */
    uint64_t *hashes;           /* one a seed */
    size_t sums_bytes;
    size_t hashes_bytes;
    struct timespec start;
};

/* --- one seed ------------------------------------------------------------------------------ */
static void sim_fuzz_count(struct sim_fuzz_sums *sums, const struct sim_fuzz *f)
{
    sums->seeds++;
    sums->operations += f->operations;
    sums->faults += f->faults;
    for (uint32_t id = 0; id < SIM_INVARIANT_COUNT && f->audit != NULL; id++) {
        sums->checks += sim_audit_count(f->audit, (enum sim_audit_id)id);
    }
    for (uint32_t opcode = 0; opcode < 256 && f->audit != NULL; opcode++) {
        for (uint32_t row = 0; sim_abi_error_at(row) != NULL && row < SIM_FUZZ_CODES; row++) {
            sums->results[opcode][row] +=
                sim_audit_results(f->audit, (uint8_t)opcode, sim_abi_error_at(row)->code);
        }
    }
}

/* Shrinks what failed, writes it, and says how to play it again. */
static void sim_fuzz_report(const struct sim_fuzz_line *line,
                            struct sim_fuzz *f,
                            uint64_t seed,
                            struct sim_fuzz_sums *sums)
{
    char word[32];
    char path[256];
    uint64_t tried = 0;
    const uint32_t before = f->steps.count;
    const char *broken = sim_fuzz_broken(f->world, f->audit);
    struct sim_buffer text = {0};
    sim_fuzz_class(broken, f->world, word, sizeof word);
    sim_bytes_add_format(&text, "seed %" PRIu64 ": %s", seed, broken);
    sim_fuzz_shrink(&f->steps, line->choice, word, &tried);
    (void)snprintf(path, sizeof path, "%s-%" PRIu64 ".steps", line->out, seed);
    const bool is_written = sim_fuzz_steps_write(&f->steps, path);
    sim_bytes_add_format(&text,
                         "\n  shrunk from %u to %u steps (%" PRIu64 " operations tried)\n",
                         before,
                         f->steps.count,
                         tried);
    if (is_written) {
        sim_bytes_add_format(&text, "  again: plimsoll fuzz --replay %s\n", path);
    }
    sim_bytes_add_format(&text,
                         "  whole: plimsoll fuzz --seeds %" PRIu64 " --operations %" PRIu64 "\n",
                         seed,
                         line->operations);
    if (sums->failed_seed == 0 || seed + 1u < sums->failed_seed) {
        sums->failed_seed = seed + 1u;
        (void)snprintf(sums->failure, sizeof sums->failure, "%s", sim_bytes_text(&text));
    }
    sim_bytes_free(&text);
}

static void
sim_fuzz_seed(const struct sim_fuzz_session *session, uint64_t seed, struct sim_fuzz_sums *sums)
{
    const struct sim_fuzz_line *line = session->line;
    struct sim_trace *trace = NULL;
    struct sim_fuzz *f = sim_bytes_alloc(1, sizeof *f);
    sim_fuzz_begin(f, seed, line->choice, line->audits);
    if (line->trace != NULL) {
        trace = sim_trace_open(line->trace, seed != line->first, f->world);
    }
    bool holds = true;
    while (holds && f->operations < line->operations && !sim_interrupted()) {
        holds = sim_fuzz_next(f);
    }
    if (holds && f->audit != NULL) {
        holds = sim_audit_full(f->audit);
    }
    (void)sim_trace_close(trace);
    session->hashes[seed - line->first] = sim_world_state_hash(f->world);
    sim_fuzz_count(sums, f);
    if (!holds) {
        sim_fuzz_report(line, f, seed, sums);
    }
    sim_fuzz_end(f);
    free(f);
}

/* --- many seeds ---------------------------------------------------------------------------- */
static uint64_t sim_fuzz_seconds_tenths(const struct sim_fuzz_session *session)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    const int64_t tenths = (int64_t)(now.tv_sec - session->start.tv_sec) * 10 +
                           (now.tv_nsec - session->start.tv_nsec) / 100000000;
    return (uint64_t)tenths;
}

static void sim_fuzz_progress(const struct sim_fuzz_session *session)
{
    uint64_t seeds = 0;
    uint64_t operations = 0;
    if (session->line->is_quiet || isatty(STDERR_FILENO) == 0) {
        return;
    }
    for (uint32_t i = 0; i < session->line->jobs; i++) {
        seeds += session->sums[i].seeds;
        operations += session->sums[i].operations;
    }
    (void)fprintf(stderr,
                  "\rseeds %" PRIu64 " of %" PRIu64 ", %" PRIu64 " operations ",
                  seeds,
                  session->line->last - session->line->first + 1u,
                  operations);
}

static void sim_fuzz_job(const struct sim_fuzz_session *session, uint32_t job)
{
    const struct sim_fuzz_line *line = session->line;
    struct sim_fuzz_sums *sums = &session->sums[job];
    for (uint64_t seed = line->first + job; seed <= line->last; seed += line->jobs) {
        sim_fuzz_seed(session, seed, sums);
        sim_fuzz_progress(session);
        if (sums->failed_seed != 0 || sim_interrupted()) {
            return;
        }
    }
}

/* Plays all seeds; false where a process could not be made or died. */
static bool sim_fuzz_play(const struct sim_fuzz_session *session)
{
    pid_t processes[SIM_FUZZ_JOBS_MAX] = {0};
    bool is_good = true;
    (void)fflush(stdout);
    for (uint32_t i = 1; i < session->line->jobs; i++) {
        processes[i] = fork();
        if (processes[i] == 0) {
            sim_fuzz_job(session, i);
            _exit(0);
        }
        if (processes[i] < 0) {
            sim_error("no further process: use --jobs 1");
            is_good = false;
        }
    }
    sim_fuzz_job(session, 0);
    for (uint32_t i = 1; i < session->line->jobs; i++) {
        int status = 0;
        if (processes[i] > 0 && (waitpid(processes[i], &status, 0) < 0 || status != 0)) {
            sim_error("a process of the run has died: use --jobs 1 to see where");
            is_good = false;
        }
    }
    if (!session->line->is_quiet && isatty(STDERR_FILENO) != 0) {
        (void)fputs("\r                                                        \r", stderr);
    }
    return is_good;
}

/* --- the sum ------------------------------------------------------------------------------- */
static void sim_fuzz_merge(const struct sim_fuzz_session *session, struct sim_fuzz_sums *all)
{
    for (uint32_t i = 0; i < session->line->jobs; i++) {
        const struct sim_fuzz_sums *one = &session->sums[i];
        all->checks += one->checks;
        all->operations += one->operations;
        all->faults += one->faults;
        all->seeds += one->seeds;
        for (uint32_t opcode = 0; opcode < 256; opcode++) {
            for (uint32_t row = 0; row < SIM_FUZZ_CODES; row++) {
                all->results[opcode][row] += one->results[opcode][row];
            }
        }
        if (one->failed_seed != 0 &&
            (all->failed_seed == 0 || one->failed_seed < all->failed_seed)) {
            all->failed_seed = one->failed_seed;
            memcpy(all->failure, one->failure, sizeof all->failure);
        }
    }
}

static uint64_t sim_fuzz_of(const struct sim_fuzz_sums *sums, uint8_t opcode, int32_t code)
{
    const uint32_t row = sim_abi_precedence(code);
    return row < SIM_FUZZ_CODES ? sums->results[opcode][row] : 0;
}

/* True where the file of open pairs has a line for this one. */
static bool sim_fuzz_is_open(const char *path, const char *operation, const char *code)
{
    char line[256];
    char first[64];
    char second[64];
    bool found = false;
    FILE *file = path == NULL ? NULL : fopen(path, "rb");
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL) {
        found = sscanf(line, "%63s %63s", first, second) == 2 && strcmp(first, operation) == 0 &&
                strcmp(second, code) == 0;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return found;
}

/* Prints operation x code with counts; returns how many pairs of op_errors.def never came. *wrong
 * counts those that are open and came, or are not open and did not. */
static uint32_t sim_fuzz_pairs(const struct sim_fuzz_sums *sums,
                               const char *open,
                               bool prints,
                               uint32_t *total,
                               uint32_t *wrong)
{
    uint32_t missing = 0;
    *wrong = 0;
    *total = 0;
    for (uint32_t i = 0; sim_abi_pair_at(i) != NULL; i++) {
        const struct sim_abi_pair *pair = sim_abi_pair_at(i);
        const uint64_t count = sim_fuzz_of(sums, pair->opcode, pair->code);
        (*total)++;
        const char *operation = sim_abi_find_op(pair->opcode)->symbol;
        const char *code = sim_abi_code_name(pair->code);
        const bool is_open = sim_fuzz_is_open(open, operation, code);
        missing += count == 0 ? 1 : 0;
        *wrong += is_open == (count == 0) ? 0 : 1;
        if (prints) {
            (void)printf("%-22s %-30s %12" PRIu64 "%s\n",
                         operation,
                         code,
                         count,
                         is_open ? "  open" : (count == 0 ? "  never" : ""));
        }
    }
    for (uint32_t i = 0; prints && sim_abi_op_at(i) != NULL; i++) {
        const struct sim_abi_op *op = sim_abi_op_at(i);
        if (!op->is_query) {
            (void)printf("%-22s %-30s %12" PRIu64 "\n",
                         op->symbol,
                         "OK",
                         sim_fuzz_of(sums, op->opcode, PLM_OK));
        }
    }
    return missing;
}

static uint64_t sim_fuzz_accepted(const struct sim_fuzz_sums *sums)
{
    uint64_t accepted = 0;
    for (uint32_t opcode = 0; opcode < 256; opcode++) {
        accepted += sums->results[opcode][sim_abi_precedence(PLM_OK)];
    }
    return accepted;
}

static bool sim_fuzz_write_json(const struct sim_fuzz_line *line,
                                const struct sim_fuzz_sums *sums,
                                uint64_t hash,
                                uint32_t reached,
                                uint32_t total)
{
    FILE *file = fopen(line->json, "wb");
    if (file == NULL) {
        sim_error_at(line->json, 0, "cannot be written: check the folder and its rights");
        return false;
    }
    (void)fprintf(file,
                  "{\"format\": \"plimsoll-fuzz/1\", \"first_seed\": \"%" PRIu64
                  "\", \"last_seed\": \"%" PRIu64 "\", \"operations\": \"%" PRIu64
                  "\", \"accepted\": \"%" PRIu64 "\", \"faults\": \"%" PRIu64
                  "\", \"checks\": \"%" PRIu64 "\", \"pairs_reached\": %u, \"pairs\": %u, "
                  "\"hash\": \"%016" PRIx64 "\", \"failed\": %s}\n",
                  line->first,
                  line->last,
                  sums->operations,
                  sim_fuzz_accepted(sums),
                  sums->faults,
                  sums->checks,
                  reached,
                  total,
                  hash,
                  sums->failed_seed == 0 ? "false" : "true");
    return fclose(file) == 0;
}

/* What to say in the end, and the exit status. */
static int sim_fuzz_tell(const struct sim_fuzz_session *session, const struct sim_fuzz_sums *sums)
{
    const struct sim_fuzz_line *line = session->line;
    FILE *out = line->trace != NULL && strcmp(line->trace, "-") == 0 ? stderr : stdout;
    uint64_t hash = SIM_HASH_START;
    uint32_t total = 0;
    for (uint64_t seed = line->first; seed <= line->last; seed++) {
        hash = sim_bytes_mix(hash, &session->hashes[seed - line->first], sizeof(uint64_t));
    }
    uint32_t wrong = 0;
    const uint32_t missing = sim_fuzz_pairs(sums, line->open, line->wants_pairs, &total, &wrong);
    const uint64_t accepted = sim_fuzz_accepted(sums);
    const uint64_t tenths = sim_fuzz_seconds_tenths(session);
    (void)fprintf(out,
                  "fuzz: %" PRIu64 " seeds, %" PRIu64 " operations (%" PRIu64 " accepted, %" PRIu64
                  " refused), %" PRIu64 " host faults, %" PRIu64 " checks\n",
                  sums->seeds,
                  sums->operations,
                  accepted,
                  line->audits ? sums->operations - accepted : 0,
                  sums->faults,
                  sums->checks);
    (void)fprintf(out,
                  "fuzz: %u of %u pairs of operation and code reached; run %016" PRIx64 "; %" PRIu64
                  ".%" PRIu64 " s, %" PRIu64 " operations a second\n",
                  total - missing,
                  total,
                  hash,
                  tenths / 10u,
                  tenths % 10u,
                  sums->operations * 10u / (tenths + 1u));
    bool is_good = sums->failed_seed == 0 && !sim_interrupted();
    if (sums->failed_seed != 0) {
        (void)fprintf(stderr, "%s", sums->failure);
    }
    if (line->wants_pairs && wrong != 0) {
        sim_error("%u pairs of operation and code never came, or came and are called open: play "
                  "more seeds, teach the generator, or mend the file of open pairs",
                  wrong);
        is_good = false;
    }
    if (line->json != NULL) {
        is_good = sim_fuzz_write_json(line, sums, hash, total - missing, total) && is_good;
    }
    return is_good ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

/* --- the command line ---------------------------------------------------------------------- */
static void sim_fuzz_help(void)
{
    (void)puts(
        "plimsoll fuzz [--seeds A..B] [--operations N] [--engine native|wasm|both] [--jobs N]\n"
        "              [--pairs] [--trace FILE] [--json FILE] [--out PREFIX] [--no-audit] "
        "[--quiet]\n"
        "plimsoll fuzz --replay FILE.steps [--engine E]\n"
        "\n"
        "From each seed a world: markets and their terms, owners, oracles that freeze, jump, lie\n"
        "and come late, hosts that fail, messages damaged, repeated and delayed. After every\n"
        "operation the auditor checks every invariant and the engines are compared. The same\n"
        "seeds give the same run on any machine and with any number of jobs.\n"
        "\n"
        "  --seeds A..B    or one seed (default 1..10)\n"
        "  --operations N  of each seed (default 2000)\n"
        "  --engine E      both (default) compares native and WebAssembly after every operation\n"
        "  --jobs N        so many processes (default 1)\n"
        "  --pairs         print how often each operation ended in each code that it may return;\n"
        "                  one that never came is a failure\n"
        "  --open FILE     pairs that need not come: OPERATION CODE reason, a line each; one that\n"
        "                  comes all the same is a failure too\n"
        "  --trace FILE    every operation, for plimsoll replay and tests/model/check.py; - is "
        "the\n"
        "                  standard output; with --jobs 1\n"
        "  --json FILE     the sums, for programs\n"
        "  --out PREFIX    where a finding's steps go (default finding: finding-<seed>.steps)\n"
        "  --no-audit      only compares the engines\n"
        "  --replay FILE   plays the steps of a finding, with the auditor\n"
        "  --quiet         no progress\n"
        "\n"
        "A finding is cut down to the fewest steps that show it, and the command that plays it\n"
        "again is printed. Exit status 0 when nothing broke.");
}

bool sim_fuzz_number(const char *text, uint64_t least, uint64_t *value)
{
    char *end = NULL;
    *value = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *value >= least;
}

bool sim_fuzz_seeds(const char *text, uint64_t *first, uint64_t *last)
{
    char *end = NULL;
    *first = strtoull(text, &end, 10);
    *last = *first;
    if (*text < '0' || *text > '9') {
        return false;
    }
    if (strncmp(end, "..", 2) == 0) {
        const char *second = end + 2;
        return sim_fuzz_number(second, *first, last);
    }
    return *end == '\0';
}

/* An option with a value; false where it is none or the value is wrong. */
static bool sim_fuzz_option(const char *option, const char *value, struct sim_fuzz_line *line)
{
    uint64_t number = 0;
    if (strcmp(option, "--seeds") == 0) {
        return sim_fuzz_seeds(value, &line->first, &line->last);
    }
    if (strcmp(option, "--operations") == 0) {
        return sim_fuzz_number(value, 1, &line->operations);
    }
    if (strcmp(option, "--engine") == 0) {
        return sim_world_parse_choice(value, &line->choice);
    }
    if (strcmp(option, "--jobs") == 0) {
        const bool is_good = sim_fuzz_number(value, 1, &number) && number <= SIM_FUZZ_JOBS_MAX;
        line->jobs = (uint32_t)number;
        return is_good;
    }

    const struct {
        const char *name;
        const char **place;
    } texts[] = {{"--trace", &line->trace},
                 {"--open", &line->open},
                 {"--json", &line->json},
                 {"--out", &line->out},
                 {"--replay", &line->replay}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (strcmp(option, texts[i].name) == 0) {
            *texts[i].place = value;
            return true;
        }
    }
    return false;
}

static bool sim_fuzz_parse(int argc, char **argv, struct sim_fuzz_line *line)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            line->wants_help = true;
        } else if (strcmp(argv[i], "--pairs") == 0) {
            line->wants_pairs = true;
        } else if (strcmp(argv[i], "--quiet") == 0) {
            line->is_quiet = true;
        } else if (strcmp(argv[i], "--no-audit") == 0) {
            line->audits = false;
        } else if (i + 1 < argc && sim_fuzz_option(argv[i], argv[i + 1], line)) {
            i++;
        } else {
            sim_error("fuzz: %s is no option, or its value is missing or wrong: see plimsoll fuzz "
                      "--help",
                      argv[i]);
            return false;
        }
    }
    if (line->trace != NULL && line->jobs != 1) {
        sim_error("fuzz: a trace is written in the order of the seeds: use --jobs 1");
        return false;
    }
    if (line->wants_pairs && !line->audits) {
        sim_error("fuzz: --pairs are counted by the auditor: leave --no-audit out");
        return false;
    }
    return true;
}

static int sim_fuzz_play_again(const struct sim_fuzz_line *line)
{
    struct sim_fuzz_steps steps = {0};
    struct sim_buffer text = {0};
    uint64_t operations = 0;
    if (!sim_fuzz_steps_read(line->replay, &steps)) {
        return SIM_EXIT_FAILED;
    }
    const bool holds = sim_fuzz_replay(&steps, line->choice, &text, &operations);
    if (holds) {
        (void)printf("%s: %u steps, %" PRIu64 " operations: nothing breaks\n",
                     line->replay,
                     steps.count,
                     operations);
    } else {
        (void)fprintf(stderr, "%s: %s\n", line->replay, sim_bytes_text(&text));
    }
    sim_bytes_free(&text);
    sim_fuzz_steps_free(&steps);
    return holds ? SIM_EXIT_OK : SIM_EXIT_FAILED;
}

/* A file without a name, mapped. */
void *sim_fuzz_share(size_t bytes)
{
    FILE *file = tmpfile();
    void *room = MAP_FAILED;
    if (file != NULL && ftruncate(fileno(file), (off_t)bytes) == 0) {
        room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    }
    if (room == MAP_FAILED) {
        sim_error("no room for so many seeds in the folder of temporary files: use fewer");
        exit(SIM_EXIT_FAILED);
    }
    (void)fclose(file);
    return room;
}

int sim_cmd_fuzz(int argc, char **argv)
{
    struct sim_fuzz_line line = {.first = 1,
                                 .last = 10,
                                 .operations = 2000,
                                 .choice = SIM_CHOICE_BOTH,
                                 .jobs = 1,
                                 .out = "finding",
                                 .audits = true};
    if (!sim_fuzz_parse(argc, argv, &line)) {
        return SIM_EXIT_USAGE;
    }
    if (line.wants_help) {
        sim_fuzz_help();
        return SIM_EXIT_OK;
    }
    if (line.replay != NULL) {
        return sim_fuzz_play_again(&line);
    }
    struct sim_fuzz_session session = {.line = &line};
    session.sums_bytes = line.jobs * sizeof *session.sums;
    session.hashes_bytes = (line.last - line.first + 1u) * sizeof *session.hashes;
    session.sums = sim_fuzz_share(session.sums_bytes);
    session.hashes = sim_fuzz_share(session.hashes_bytes);
    (void)clock_gettime(CLOCK_MONOTONIC, &session.start);
    struct sim_fuzz_sums *all = sim_bytes_alloc(1, sizeof *all);
    int status = SIM_EXIT_FAILED;
    if (sim_fuzz_play(&session)) {
        sim_fuzz_merge(&session, all);
        status = sim_fuzz_tell(&session, all);
    }
    free(all);
    (void)munmap(session.sums, session.sums_bytes);
    (void)munmap(session.hashes, session.hashes_bytes);
    return status;
}
