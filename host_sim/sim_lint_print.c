/* SPDX-License-Identifier: Apache-2.0
 * What plimsoll lint says, for people and as JSON. It decides nothing. */
#include "sim_lint.h"
#include "sim_units.h"

#include <jansson.h>
#include <stdio.h>

#define SIM_LINT_PERCENT_PPM  4u       /* decimals of a percentage that counts millionths */
#define SIM_LINT_PERCENT_NANO 7u
#define SIM_LINT_ONE          1000000u /* ppm */

struct sim_lint_text {
    char text[SIM_UNITS_TEXT_MAX];
};

static struct sim_lint_text sim_lint_format(sim_int value, uint32_t decimals)
{
    struct sim_lint_text out;
    sim_units_format(value, decimals, out.text, sizeof out.text);
    return out;
}

static struct sim_lint_text sim_lint_money(sim_int wad)
{
    return sim_lint_format(wad, SIM_UNITS_WAD_DECIMALS);
}

static struct sim_lint_text sim_lint_percent(uint32_t ppm)
{
    return sim_lint_format((sim_int)ppm, SIM_LINT_PERCENT_PPM);
}

static const char *sim_lint_verdict(bool is_accepted, bool is_unbacked, bool is_expected)
{
    if (is_accepted) {
        return "accepted";
    }
    if (is_unbacked) {
        return "unbacked";
    }
    return is_expected ? "refused, as the scenario expects" : "refused";
}

static const char *sim_lint_market_verdict(const struct sim_lint_market *m)
{
    return sim_lint_verdict(m->is_accepted, m->is_unbacked, m->is_refusal_expected);
}

/* Which parameters survive the move with the fund: those of the file, or what would have to be
 * another one, each alone. */
static void sim_lint_print_survival(const struct sim_lint_market *m)
{
    if (m->survives) {
        (void)printf("  survives it; the largest move that it survives is %s %%\n",
                     sim_lint_percent((uint32_t)m->move_most).text);
        return;
    }
    (void)printf("  does not survive it; it would with any one of: %s%s%soi_cap %s or less, a fund "
                 "and draw_cap of %s or more\n",
                 m->maint_least <= SIM_LINT_ONE ? "maint " : "",
                 m->maint_least <= SIM_LINT_ONE ? sim_lint_percent(m->maint_least).text : "",
                 m->maint_least <= SIM_LINT_ONE ? " % or more, " : "",
                 sim_lint_money(m->oi_most).text,
                 sim_lint_money(m->loss).text);
    if (m->move_most < 0) {
        (void)printf("  as it is its fees and funding alone are more than margins and fund\n");
    } else {
        (void)printf("  as it is it survives a move of %s %%\n",
                     sim_lint_percent((uint32_t)m->move_most).text);
    }
}

static void sim_lint_print_market(const struct sim_lint_market *m)
{
    (void)printf("%s: %s\n", m->name, sim_lint_market_verdict(m));
    (void)printf("  T %llu s, worst move %s %%, funding %s %%, fees %s %%, 2/3 maintenance %s %%\n",
                 (unsigned long long)m->horizon,
                 sim_lint_percent(m->worst).text,
                 sim_lint_format(m->funding, SIM_LINT_PERCENT_NANO).text,
                 sim_lint_percent(m->fees).text,
                 sim_lint_percent(m->kept).text);
    (void)printf("  open interest up to %s needs %s; the allotment is %s\n",
                 sim_lint_money(m->oi_cap).text,
                 sim_lint_money(m->need).text,
                 sim_lint_money(m->allotment).text);
    (void)printf(
        "  a move of %s %% loses up to %s beyond margins: %s paid by the tranche in a day, "
        "%s by the other side\n",
        sim_lint_percent(m->move).text,
        sim_lint_money(m->loss).text,
        sim_lint_money(m->paid).text,
        sim_lint_money(m->opposing).text);
    sim_lint_print_survival(m);
}

static void sim_lint_print_asset(const struct sim_lint_asset *a)
{
    (void)printf(
        "%s: %s\n", a->name, sim_lint_verdict(a->is_accepted, false, a->is_refusal_expected));
    (void)printf("  confidence and sale discount %s %%, haircut %s %%\n",
                 sim_lint_percent(a->lost).text,
                 sim_lint_percent(a->haircut).text);
    (void)printf("  a move of %s %% before the sale leaves %s %% of its value uncovered: the "
                 "tranches of the markets it backs pay, then their other sides\n",
                 sim_lint_percent(a->move).text,
                 sim_lint_percent(a->uncovered).text);
}

void sim_lint_print(const struct sim_lint *lint)
{
    for (uint32_t i = 0; i < lint->market_count; i++) {
        sim_lint_print_market(&lint->markets[i]);
    }
    for (uint32_t i = 0; i < lint->asset_count; i++) {
        sim_lint_print_asset(&lint->assets[i]);
    }
}

/* --- JSON --------------------------------------------------------------------------------------
 */
/* Money as a decimal text: a JSON number would lose digits. */
static void sim_lint_set_money(json_t *to, const char *key, sim_int wad)
{
    (void)json_object_set_new(to, key, json_string(sim_lint_money(wad).text));
}

static json_t *sim_lint_json_market(const struct sim_lint_market *m)
{
    json_t *row = json_pack("{s:s, s:s, s:I, s:i, s:I, s:i, s:i, s:i}",
                            "market",
                            m->name,
                            "verdict",
                            sim_lint_market_verdict(m),
                            "horizon_s",
                            (json_int_t)m->horizon,
                            "worst_move_ppm",
                            (int)m->worst,
                            "funding_nano",
                            (json_int_t)m->funding,
                            "fees_ppm",
                            (int)m->fees,
                            "two_thirds_maint_ppm",
                            (int)m->kept,
                            "move_ppm",
                            (int)m->move);
    sim_lint_set_money(row, "oi_cap", m->oi_cap);
    sim_lint_set_money(row, "need", m->need);
    sim_lint_set_money(row, "allotment", m->allotment);
    sim_lint_set_money(row, "loss", m->loss);
    sim_lint_set_money(row, "paid_by_tranche", m->paid);
    sim_lint_set_money(row, "left_to_other_side", m->opposing);
    (void)json_object_set_new(row, "survives", json_boolean(m->survives));
    (void)json_object_set_new(row, "survives_move_ppm", json_integer(m->move_most));
    (void)json_object_set_new(row, "survives_with_maint_ppm", json_integer(m->maint_least));
    sim_lint_set_money(row, "survives_with_oi_cap", m->oi_most);
    sim_lint_set_money(row, "survives_with_fund", m->loss);
    return row;
}

static json_t *sim_lint_json_asset(const struct sim_lint_asset *a)
{
    return json_pack("{s:s, s:s, s:i, s:i, s:i, s:i}",
                     "asset",
                     a->name,
                     "verdict",
                     sim_lint_verdict(a->is_accepted, false, a->is_refusal_expected),
                     "conf_and_discount_ppm",
                     (int)a->lost,
                     "haircut_ppm",
                     (int)a->haircut,
                     "move_ppm",
                     (int)a->move,
                     "uncovered_ppm",
                     (int)a->uncovered);
}

bool sim_lint_print_json(const struct sim_lint *lint)
{
    json_t *markets = json_array();
    json_t *assets = json_array();
    for (uint32_t i = 0; i < lint->market_count; i++) {
        (void)json_array_append_new(markets, sim_lint_json_market(&lint->markets[i]));
    }
    for (uint32_t i = 0; i < lint->asset_count; i++) {
        (void)json_array_append_new(assets, sim_lint_json_asset(&lint->assets[i]));
    }
    json_t *all = json_pack("{s:b, s:o, s:o}",
                            "is_outside",
                            sim_lint_is_outside(lint) ? 1 : 0,
                            "markets",
                            markets,
                            "assets",
                            assets);
    const bool is_good = all != NULL && json_dumpf(all, stdout, JSON_INDENT(1)) == 0;
    (void)printf("\n");
    json_decref(all);
    return is_good;
}
