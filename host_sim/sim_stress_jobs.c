/* SPDX-License-Identifier: Apache-2.0
 * Paths x sets by several processes. Each takes the next path that nobody has and adds it to sums
 * of its own; sums do not depend on who added, so neither does the result. Memory: a world and the
 * sums, however many paths. */
#include "sim_error.h"
#include "sim_fuzz.h"
#include "sim_stress.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BAR_WIDTH 30u
#define JOBS_MAX  256u

/* What the processes share: who has taken what, and the sums, a row of sets for each process. */
struct shared {
    atomic_uint_fast64_t next;
    atomic_uint_fast64_t done;
    struct sim_stress_sum sums[];
};

struct session {
    const struct sim_stress_work *work;
    struct shared *shared;
    struct timespec start;
    uint64_t shown; /* milliseconds after the start */
};

static uint64_t milliseconds_since(const struct timespec *start)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)((int64_t)(now.tv_sec - start->tv_sec) * 1000 +
                      (int64_t)(now.tv_nsec - start->tv_nsec) / 1000000);
}

static uint64_t item_count(const struct sim_stress_work *work)
{
    return work->paths * work->sets->count;
}

/* A bar, twice a second at most. */
static void show(struct session *session)
{
    char bar[BAR_WIDTH + 1u];
    const struct sim_stress_work *work = session->work;
    const uint64_t gone = milliseconds_since(&session->start);
    if (work->is_quiet || isatty(STDERR_FILENO) == 0 || gone < session->shown + 500u) {
        return;
    }
    session->shown = gone;
    const uint64_t all = item_count(work);
    const uint64_t done = atomic_load_explicit(&session->shared->done, memory_order_relaxed);
    const uint64_t left = done == 0 ? 0 : gone * (all - done) / done / 1000u;
    for (uint32_t i = 0; i < BAR_WIDTH; i++) {
        bar[i] = done * BAR_WIDTH / all > i ? '#' : '.';
    }
    bar[BAR_WIDTH] = '\0';
    (void)fprintf(stderr,
                  "\r[%s] %" PRIu64 " of %" PRIu64 " paths, %" PRIu64 ":%02" PRIu64 " left   ",
                  bar,
                  done,
                  all,
                  left / 60u,
                  left % 60u);
}

static void play_items(struct session *session, uint32_t job, bool shows)
{
    const struct sim_stress_work *work = session->work;
    const uint32_t sets = work->sets->count;
    struct sim_stress_sum *sums = &session->shared->sums[(size_t)job * sets];
    struct sim_stress_result result;
    while (!sim_interrupted()) {
        const uint64_t item =
            atomic_fetch_add_explicit(&session->shared->next, 1, memory_order_relaxed);
        if (item >= item_count(work)) {
            return;
        }
        const uint32_t set = (uint32_t)(item % sets);
        if (work->sets->rows[set].refused.length == 0) {
            sim_stress_play(
                work->plan, &work->scripts[set], work->first_seed + item / sets, &result);
            if (sim_interrupted()) {
                return; /* the path may have been cut short: it does not count */
            }
            sim_stress_add(&sums[set], &result);
        }
        (void)atomic_fetch_add_explicit(&session->shared->done, 1, memory_order_relaxed);
        if (shows) {
            show(session);
        }
    }
}

static uint64_t cpu_of(const struct rusage *usage)
{
    return (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000u +
           (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000u;
}

/* What the processes took of the machine. */
static void take_usage(struct sim_stress_work *work)
{
    struct rusage self = {0};
    struct rusage children = {0};
    (void)getrusage(RUSAGE_SELF, &self);
    (void)getrusage(RUSAGE_CHILDREN, &children);
    work->kibibytes =
        (uint64_t)(self.ru_maxrss > children.ru_maxrss ? self.ru_maxrss : children.ru_maxrss);
    work->cpu_milliseconds = cpu_of(&self) + cpu_of(&children);
}

static bool play_all(struct session *session)
{
    pid_t processes[JOBS_MAX] = {0};
    const uint32_t jobs = session->work->jobs;
    bool is_good = true;
    (void)fflush(stdout);
    for (uint32_t i = 1; i < jobs; i++) {
        processes[i] = fork();
        if (processes[i] == 0) {
            play_items(session, i, false);
            _exit(0);
        }
        if (processes[i] < 0) {
            sim_error("no further process: use --jobs 1");
            is_good = false;
        }
    }
    play_items(session, 0, true);
    for (uint32_t i = 1; i < jobs; i++) {
        int status = 0;
        if (processes[i] > 0 && (waitpid(processes[i], &status, 0) < 0 || status != 0)) {
            sim_error("a process of the run has died: use --jobs 1 to see where");
            is_good = false;
        }
    }
    if (!session->work->is_quiet && isatty(STDERR_FILENO) != 0) {
        (void)fputs("\r                                                                        \r",
                    stderr);
    }
    return is_good;
}

bool sim_stress_run(struct sim_stress_work *work)
{
    const size_t rows = (size_t)work->jobs * work->sets->count;
    const size_t bytes = sizeof(struct shared) + rows * sizeof(struct sim_stress_sum);
    struct session session = {.work = work, .shared = sim_fuzz_share(bytes)};
    (void)clock_gettime(CLOCK_MONOTONIC, &session.start);
    const bool is_good = play_all(&session);
    for (size_t i = 0; i < rows; i++) {
        sim_stress_merge(&work->sums[i % work->sets->count], &session.shared->sums[i]);
    }
    take_usage(work);
    (void)munmap(session.shared, bytes);
    return is_good;
}
