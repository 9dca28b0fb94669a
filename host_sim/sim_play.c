/* SPDX-License-Identifier: Apache-2.0
 * play: feeds price series, publish by publish, and lets the keepers work after each.
 * Spec: docs/SCENARIOS.md, "Play". A bar is walked open, nearer extreme, other extreme, close. */
#include "sim_actors.h"
#include "sim_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SIM_TRACKS_MAX 16u

/* One series on its way. */
struct sim_track {
    struct sim_prices prices;
    const struct sim_named_feed *feed;
    size_t bar;
    uint64_t at; /* time of the next publish, in the series' time */
    bool is_done;
};

struct sim_playing {
    struct sim_workload *w;
    struct sim_track tracks[SIM_TRACKS_MAX];
    uint32_t track_count;
    struct sim_prices_options window;
    uint64_t every; /* longest distance of two publishes inside a bar; 0 = the four corners */
    uint64_t round; /* seconds between two rounds of settlements */
    uint64_t next_round;
    uint64_t next_impact;
    uint32_t conf;    /* ppm */
    uint32_t impact;  /* half width of impact prices, ppm; */
    uint32_t premium; /* of impact prices over the price, ppm */
    bool has_impact;
    uint64_t bars;    /* of all tracks */
    struct timespec shown;
};

/* --- words -------------------------------------------------------------------------------------
 */
static bool sim_play_read(const struct sim_args *args, struct sim_playing *p)
{
    static const char *const keys[] = {"every",
                                       "from",
                                       "until",
                                       "conf",
                                       "impact",
                                       "premium",
                                       "round",
                                       "time_column",
                                       "open_column",
                                       "high_column",
                                       "low_column",
                                       "close_column"};
    p->conf = 500;
    p->round = 3600;
    p->has_impact =
        sim_args_value(args, "impact") != NULL || sim_args_value(args, "premium") != NULL;
    if (args->count == 0) {
        return sim_args_refuse(args, "write what to play: `play ETH-PERP`");
    }
    if (!sim_actors_known(args, 1, keys, sizeof(keys) / sizeof(keys[0])) ||
        !sim_actors_window(args, &p->window) || !sim_actors_duration(args, "every", &p->every) ||
        !sim_actors_duration(args, "round", &p->round) ||
        !sim_actors_ratio(args, "conf", &p->conf) ||
        !sim_actors_ratio(args, "impact", &p->impact) ||
        !sim_actors_ratio(args, "premium", &p->premium)) {
        return false;
    }
    return p->window.until == 0 || p->window.from < p->window.until ||
           sim_args_refuse(args, "from is not before until: nothing would be played");
}

/* "WETH=ETH-PERP": the feed of WETH follows the series of ETH-PERP. */
static bool sim_play_track(const struct sim_args *args, struct sim_playing *p, char *name)
{
    char *source = strchr(name, '=');
    if (source != NULL) {
        *source++ = '\0';
    }
    const struct sim_named_feed *feed = sim_names_feed_of(&args->scenario->names, name);
    if (feed == NULL || p->track_count == SIM_TRACKS_MAX) {
        return sim_args_refuse(
            args, "there is no market, asset or feed '%.40s': declare it first", name);
    }
    if (args->scenario->world != NULL && feed->publisher_count == 0) {
        return sim_args_refuse(args, "the feed of '%.40s' has no publisher", name);
    }
    for (uint32_t i = 0; i < p->track_count; i++) {
        if (p->tracks[i].feed == feed) {
            return sim_args_refuse(
                args, "'%.40s' uses a feed that this line names already: leave it out", name);
        }
    }
    struct sim_track *track = &p->tracks[p->track_count++];
    track->feed = feed;
    if (args->scenario->world == NULL) {
        return true;
    }
    const char *series = source != NULL ? source : name;
    if (!sim_actors_series(p->w, series, &p->window, &track->prices)) {
        return false;
    }
    p->bars += track->prices.count;
    track->at = track->prices.bars[0].time;
    char text[256];
    if (track->prices.is_generated) {
        p->w->played.is_generated = true;
    } else if (sim_prices_describe(&track->prices, text, sizeof(text))[0] != '\0') {
        size_t used = strlen(p->w->played.notes);
        (void)snprintf(
            p->w->played.notes + used, sizeof(p->w->played.notes) - used, "%s: %s. ", series, text);
        if (!p->w->is_quiet) {
            (void)fprintf(stderr, "%s:%u: %s: %s\n", args->path, args->line, series, text);
        }
    }
    return true;
}

static bool sim_play_tracks(const struct sim_args *args, struct sim_playing *p)
{
    const char *list = args->words[0];
    char name[SIM_NAME_BYTES];
    while (sim_actors_next(&list, name)) {
        if (!sim_play_track(args, p, name)) {
            return false;
        }
    }
    return p->track_count != 0 || sim_args_refuse(args, "'%.40s' names no market", args->words[0]);
}

/* Says once when publishes are further apart than a price lives. */
static void sim_play_warn(const struct sim_playing *p)
{
    for (uint32_t i = 0; i < p->track_count && !p->w->is_quiet; i++) {
        const struct sim_track *track = &p->tracks[i];
        const struct plm_feed_params *params = &p->w->mirror->feeds[track->feed->id].cold.params;
        uint64_t apart = track->prices.step / 4u;
        uint64_t least = params->age < params->gap ? params->age : params->gap;
        apart = p->every != 0 && p->every < apart ? p->every : apart;
        if (apart > least) {
            (void)fprintf(stderr,
                          "%s:%u: prices of %s come every %llu s, but its feed's age and gap "
                          "allow %llu s: add `every %llus`\n",
                          p->w->args->path,
                          p->w->args->line,
                          track->feed->name,
                          (unsigned long long)apart,
                          (unsigned long long)least,
                          (unsigned long long)least);
            return;
        }
    }
}

/* --- the walk ----------------------------------------------------------------------------------
 */
/* Moves a track behind its publish at `at`: the next corner, or a point before it. */
static void sim_play_step(const struct sim_playing *p, struct sim_track *track)
{
    const struct sim_bar *bar = &track->prices.bars[track->bar];
    uint64_t step = track->prices.step;
    uint64_t next = bar->time + step;
    for (uint32_t corner = 4; corner-- > 1u;) {
        uint64_t time = bar->time + corner * step / 4u;
        next = time > track->at ? time : next;
    }
    if (p->every != 0 && track->at + p->every < next) {
        next = track->at + p->every;
    }
    track->at = next;
    if (next >= bar->time + step) {
        track->bar++;
        track->is_done = track->bar == track->prices.count;
        track->at = track->is_done ? UINT64_MAX : track->prices.bars[track->bar].time;
    }
}

/* Finds the tracks that publish next; returns how many, *time is when. */
static uint32_t
sim_play_due(struct sim_playing *p, uint16_t *feeds, uint64_t *ticks, uint64_t *time)
{
    uint32_t count = 0;
    *time = UINT64_MAX;
    for (uint32_t i = 0; i < p->track_count; i++) {
        if (!p->tracks[i].is_done && p->tracks[i].at < *time) {
            *time = p->tracks[i].at;
        }
    }
    for (uint32_t i = 0; i < p->track_count; i++) {
        struct sim_track *track = &p->tracks[i];
        bool exact = true;
        if (track->is_done || track->at != *time) {
            continue;
        }
        const struct sim_bar *bar = &track->prices.bars[track->bar];
        uint64_t price = sim_prices_path(bar, track->prices.step, *time - bar->time);
        feeds[count] = track->feed->id;
        ticks[count] = sim_prices_ticks(price, track->feed->decimals, &exact);
        count += ticks[count] != 0 ? 1u : 0u;
        sim_play_step(p, track);
    }
    return count;
}

/* Impact prices of every market whose feed is played, once a minute. */
static bool sim_play_impact(struct sim_playing *p)
{
    struct sim_workload *w = p->w;
    uint64_t now = sim_world_time(w->world);
    if (!p->has_impact || now < p->next_impact) {
        return true;
    }
    p->next_impact = now + 60u;
    for (uint32_t i = 0; i < p->track_count; i++) {
        struct plm_publish_impact message = {0};
        struct plm_addr caller = sim_world_actor(p->tracks[i].feed->publishers[0]);
        for (uint32_t k = 0; k < w->mirror->market_count; k++) {
            sim_int price = (sim_int)sim_mirror_price(w->mirror, (uint16_t)k);
            if (!w->mirror->markets[k].exists || price == 0 ||
                w->mirror->markets[k].cold.feed != p->tracks[i].feed->id ||
                message.impacts_count == PLM_PRICES_MAX) {
                continue;
            }
            sim_int middle = price + price * p->premium / SIM_PPM_ONE;
            sim_int half = price * p->impact / SIM_PPM_ONE;
            sim_int bid = middle - half > 0 ? middle - half : 1;
            message.impacts[message.impacts_count++] =
                (struct plm_impact){.market = (uint16_t)k,
                                    .bid = {.ticks = (uint64_t)bid},
                                    .ask = {.ticks = (uint64_t)(middle + half)},
                                    .time = {.sec = now}};
        }
        if (message.impacts_count != 0 &&
            !sim_actors_send(w, &caller, PLM_OP_PUBLISH_IMPACT, &message, NULL)) {
            return false;
        }
    }
    return true;
}

/* One line on stderr, twice a second at most. */
static void sim_play_show(struct sim_playing *p, bool is_end)
{
    struct timespec now = {0};
    if (p->w->is_quiet || isatty(STDERR_FILENO) == 0) {
        return;
    }
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t gone = (int64_t)(now.tv_sec - p->shown.tv_sec) * 1000 +
                   (int64_t)(now.tv_nsec - p->shown.tv_nsec) / 1000000;
    if (!is_end && gone < 500) {
        return;
    }
    p->shown = now;
    uint64_t bars = 0;
    for (uint32_t i = 0; i < p->track_count; i++) {
        bars += p->tracks[i].bar;
    }
    (void)fprintf(stderr,
                  "\rplay: %3u %%, %llu prices, %llu operations, %u accounts in trouble%s",
                  (unsigned)(bars * 100u / (p->bars != 0 ? p->bars : 1u)),
                  (unsigned long long)p->w->played.publishes,
                  (unsigned long long)sim_world_operations(p->w->world),
                  p->w->case_count,
                  is_end ? "   \n" : "   ");
    (void)fflush(stderr);
}

static bool sim_play_run(struct sim_playing *p)
{
    struct sim_workload *w = p->w;
    uint16_t feeds[SIM_TRACKS_MAX] = {0};
    uint64_t ticks[SIM_TRACKS_MAX] = {0};
    uint64_t time = 0;
    uint64_t last = UINT64_MAX;
    uint32_t count = sim_play_due(p, feeds, ticks, &time);
    p->next_round = sim_world_time(w->world) + p->round;
    w->played.shift = (int64_t)(sim_world_time(w->world) + 1u) - (int64_t)time;
    w->played.has_played = true;
    while (time != UINT64_MAX && !sim_interrupted()) {
        sim_world_advance(w->world, last == UINT64_MAX ? 1u : time - last);
        last = time;
        w->played.publishes += count;
        if (!sim_actors_publish(w, feeds, ticks, count, p->conf) || !sim_play_impact(p) ||
            !sim_keepers_step(w)) {
            return false;
        }
        if (p->round != 0 && sim_world_time(w->world) >= p->next_round) {
            p->next_round = sim_world_time(w->world) + p->round;
            if (!sim_keepers_round(w)) {
                return false;
            }
        }
        sim_play_show(p, false);
        count = sim_play_due(p, feeds, ticks, &time);
    }
    sim_play_show(p, true);
    if (sim_interrupted()) {
        return sim_args_refuse(w->args,
                               "interrupted after %llu prices: what was played until then stands",
                               (unsigned long long)w->played.publishes);
    }
    /* What is still owed is paid out as far as it goes. */
    return p->round == 0 || sim_keepers_round(w);
}

bool sim_workload_play(const struct sim_args *args)
{
    struct sim_playing *p = sim_bytes_alloc(1, sizeof(*p));
    p->w = args->scenario->workload;
    bool is_good = sim_play_read(args, p);
    if (is_good && args->scenario->world == NULL) {
        is_good = sim_play_tracks(args, p);
    } else if (is_good) {
        sim_actors_begin(p->w, args);
        (void)clock_gettime(CLOCK_MONOTONIC, &p->shown);
        is_good = sim_play_tracks(args, p);
        if (is_good) {
            sim_play_warn(p);
            is_good = sim_play_run(p);
        }
        p->w->played.bars += p->bars;
        sim_actors_end(p->w);
    }
    for (uint32_t i = 0; i < p->track_count; i++) {
        sim_prices_free(&p->tracks[i].prices);
    }
    free(p);
    return is_good;
}
