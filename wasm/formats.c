#include "formats.h"
#include "decode.h"
#include "runtime.h"
#include "format_float.c"
#include "format_q4_0.c"
#include "format_q4_1.c"
#include "format_q4_k.c"
#include "format_q5_0.c"
#include "format_q5_1.c"
#include "format_q5_k.c"
#include "format_q6_k.c"
#include "format_q8_0.c"

#ifdef __wasm_relaxed_simd__
#define KERNELS(name) {name##_product_wide, name##_product_narrow}, name##_unpack, {name##_products_wide, name##_products_narrow}
#else
#define KERNELS(name) {name##_product_narrow, name##_product_narrow}, name##_unpack, {name##_products_narrow, name##_products_narrow}
#endif
#define ONE_KERNEL(product, unpack, products) {product, product}, unpack, {products, products}

static const struct format formats[] = {
    {0, 1, 4, FORM_F32, 1, {{0, 4, 1}}, ONE_KERNEL(f32_product, f32_unpack, products_float)},
    {1, 1, 2, FORM_F32, 1, {{0, 2, 1}}, ONE_KERNEL(f16_product, f16_unpack, products_float)},
    {30, 1, 2, FORM_F32, 1, {{0, 2, 1}}, ONE_KERNEL(bf16_product, bf16_unpack, products_float)},
    {2, 32, 18, FORM_Q8, 2, {{0, 2, 1}, {2, 4, 4}}, KERNELS(q4_0)},
    {3, 32, 20, FORM_Q8, 3, {{0, 2, 1}, {2, 2, 1}, {4, 4, 4}}, KERNELS(q4_1)},
    {6, 32, 22, FORM_Q8, 3, {{0, 2, 1}, {2, 4, 1}, {6, 4, 4}}, KERNELS(q5_0)},
    {7, 32, 24, FORM_Q8, 4, {{0, 2, 1}, {2, 2, 1}, {4, 4, 1}, {8, 4, 4}}, KERNELS(q5_1)},
    {8, 32, 34, FORM_Q16, 2, {{0, 2, 1}, {2, 4, 8}}, ONE_KERNEL(q8_0_product, q8_0_unpack, q8_0_products)},
    {12, 256, 144, FORM_Q8_K, 4, {{0, 2, 1}, {2, 2, 1}, {4, 1, 12}, {16, 4, 32}}, KERNELS(q4_k)},
    {13, 256, 176, FORM_Q8_K, 5, {{0, 2, 1}, {2, 2, 1}, {4, 1, 12}, {16, 4, 8}, {48, 4, 32}}, KERNELS(q5_k)},
    {14, 256, 210, FORM_Q8_K, 6, {{208, 2, 1}, {192, 1, 16}, {128, 4, 8}, {0, 4, 16}, {160, 4, 8}, {64, 4, 16}}, KERNELS(q6_k)},
};

#ifdef __wasm_relaxed_simd__
// Stands for Q8_0's row of the table where control.full_dot says so.
static const struct format q8_0_full = {
    8, 32, 34, FORM_Q8, 2, {{0, 2, 1}, {2, 4, 8}}, ONE_KERNEL(q8_0_full_product, q8_0_full_unpack, q8_0_full_products),
};
#endif

const struct format *format_of(int type) {
#ifdef __wasm_relaxed_simd__
  if (type == 8 && control.full_dot) return &q8_0_full;
#endif
  for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
    if (formats[i].type == type) return &formats[i];
  return 0;
}

INLINE void copy_item(uint8_t *to, const uint8_t *from, int bytes) {
  if (bytes == 4) __builtin_memcpy_inline(to, from, 4);
  else if (bytes == 2) __builtin_memcpy_inline(to, from, 2);
  else *to = *from;
}

// Element e of the word of fifth bits is bit e in the file and bit 8·(e % 4) + e / 4 in a strip: then one shift brings the high
// bits of four neighbours under their low bits. pack.c has the way there.
INLINE uint32_t q5_0_bits_to_file(uint32_t h) {
  uint32_t out = 0;
  for (int e = 0; e < 32; e++) out |= (h >> (8 * (e & 3) + e / 4) & 1) << e;
  return out;
}

// One block of row `r` out of a strip's block, back in the file's order.
static void unpack_block(const struct format *f, const uint8_t *strip_block, int r, uint8_t *block) {
  for (int s = 0; s < f->item_count; s++) {
    int bytes = f->items[s].bytes;
    uint8_t *item = block + f->items[s].at;
    for (int i = 0; i < f->items[s].count; i++, strip_block += bytes * STRIP, item += bytes) {
      copy_item(item, strip_block + r * bytes, bytes);
      if (is_fifth_bits(f, s)) {
        uint32_t h;
        __builtin_memcpy_inline(&h, item, 4);
        h = q5_0_bits_to_file(h);
        __builtin_memcpy_inline(item, &h, 4);
      }
    }
  }
}

void format_row(int type, const uint8_t *w, size_t row_bytes, int width, int row, float *out) {
  if (row_bytes) {
    decode_row(type, w + row * row_bytes, out, width);
    return;
  }
  const struct format *f = format_of(type);
  uint8_t block[256];
  int blocks = width / f->block_elements;
  const uint8_t *strip = w + (size_t)(row / STRIP) * STRIP * blocks * f->block_bytes;
  for (int b = 0; b < blocks; b++, strip += f->block_bytes * STRIP, out += f->block_elements) {
    unpack_block(f, strip, row % STRIP, block);
    decode_row(type, block, out, f->block_elements);
  }
}
