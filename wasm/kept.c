#include "kept.h"

#define EIGHT(x) {x, x, x, x, x, x, x, x}
#define SIXTEEN(x) {x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}
#define FOUR(x) {x, x, x, x}

const struct kept_lanes kept = {
    .ones = EIGHT(1),
    .low_nibbles = SIXTEEN(0x0f),
    .fifth_bits = SIXTEEN(0x10),
    .high_pairs = SIXTEEN(0x30),
    .low_bytes = EIGHT(0x00ff),
    .lowest_nibbles = EIGHT(0x000f),
    .half_exponents = EIGHT(0x7c00),
    .half_bits = FOUR(0x8fffe000),
    .half_raise = FOUR(0x1p112f),
    .minus_8 = EIGHT(-8),
    .minus_16 = EIGHT(-16),
    .minus_128 = EIGHT(-128),
};
