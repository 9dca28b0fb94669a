// SPDX-License-Identifier: Apache-2.0
/* plm_tables: the flat tables agree with the structs and with each other. [I46] */
#include "plm_cmocka.h"
#include "plm_tables.h"

static void test_every_field_lies_within_its_struct(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PLM_LAYOUT_COUNT; i++) {
        const struct plm_layout *layout = &plm_tables_layouts[i];
        assert_true(layout->count > 0);
        for (unsigned f = 0; f < layout->count; f++) {
            const struct plm_field *field = &plm_tables_fields[layout->first + f];
            assert_true(field->offset < layout->size);
            assert_true(field->type <= PLM_TYPE_LIST);
        }
    }
}

static void test_layouts_follow_each_other_without_a_gap(void **state)
{
    (void)state;
    unsigned next = 0;
    for (unsigned i = 0; i < PLM_LAYOUT_COUNT; i++) {
        assert_int_equal(plm_tables_layouts[i].first, next);
        next += plm_tables_layouts[i].count;
    }
    assert_int_equal(next, PLM_FIELD_COUNT);
}

static void test_every_field_has_the_bounds_of_its_row(void **state)
{
    bool is_used[PLM_BOUND_COUNT] = {false};
    static const struct plm_bound rows[PLM_FIELD_COUNT] = {
#define PLM_FIELD(name, field, type, min, max, text) {(min), (max)},
#define PLM_GROUP(name, field, group, text)          {PLM_LO, PLM_HI},
#define PLM_LIST(name, field, element, max, text)    {PLM_LO, PLM_HI},
#include "plm_abi_tables.h"
    };
    (void)state;
    for (unsigned i = 0; i < PLM_FIELD_COUNT; i++) {
        assert_true(plm_tables_fields[i].bounds < PLM_BOUND_COUNT);
        const struct plm_bound *bound = &plm_tables_bounds[plm_tables_fields[i].bounds];
        assert_true(bound->min == rows[i].min);
        assert_true(bound->max == rows[i].max);
        is_used[plm_tables_fields[i].bounds] = true;
    }
    for (uint32_t i = 0; i < PLM_BOUND_COUNT; i++) {
        assert_true(is_used[i]);
    }
}

static void test_parameters_have_one_id_each_and_point_at_their_group(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PLM_PARAM_COUNT; i++) {
        const struct plm_param *row = &plm_tables_params[i];
        assert_true(row->id > 0);
        for (unsigned j = 0; j < i; j++) {
            assert_int_not_equal(plm_tables_params[j].id, row->id);
        }
        const bool is_market =
            row->field >= PLM_FIRST_market_params && row->field <= PLM_LAST_market_params;
        assert_int_equal(is_market, row->target == PLM_TARGET_MARKET);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field_lies_within_its_struct),
        cmocka_unit_test(test_layouts_follow_each_other_without_a_gap),
        cmocka_unit_test(test_every_field_has_the_bounds_of_its_row),
        cmocka_unit_test(test_parameters_have_one_id_each_and_point_at_their_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
