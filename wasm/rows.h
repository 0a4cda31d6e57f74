// Operations on one row (token) at a time.
#pragma once
#include "base.h"

void rms_norm_row(const float *x, const float *weight, float *out, int width, float eps);

// Does the row operation at `op` for row `row` of the run.
void row_op(const int64_t *op, int row);
