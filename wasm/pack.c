// The step that loads a matrix: rows, as they lie in the file, into strips (formats.h). It is a program of its own, run for each slice
// that was read (backends/wasm/plan.ts).
#include "formats.h"
#include "steps.h"

enum { CHUNK_BYTES = 64 << 10 };

static size_t row_bytes_of(const struct pack_record *r, const struct format *f) {
  return (size_t)(r->width / f->block_elements) * (size_t)f->block_bytes;
}
static int strips_at_once(const struct pack_record *r) {
  return max_int(1, CHUNK_BYTES / (int)(STRIP * row_bytes_of(r, format_of((int)r->type))));
}

int pack_chunks(const struct pack_record *r) { return ceil_div((int)r->strips, strips_at_once(r)); }

#define LOW_8(a, b) wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH_8(a, b) wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define LOW_16(a, b) wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH_16(a, b) wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define LOW_32(a, b) wasm_i32x4_shuffle(a, b, 0, 4, 1, 5)
#define HIGH_32(a, b) wasm_i32x4_shuffle(a, b, 2, 6, 3, 7)
#define LOW_64(a, b) wasm_i64x2_shuffle(a, b, 0, 2)
#define HIGH_64(a, b) wasm_i64x2_shuffle(a, b, 1, 3)

// Sixteen bytes of each of eight rows, the rows `stride` apart, turned: the words of all rows, four times.
INLINE void turn_words(const uint8_t *from, size_t stride, uint8_t *to) {
  UNROLL for (int half = 0; half < 2; half++, from += 4 * stride, to += 16) {
    v128_t a = wasm_v128_load(from), b = wasm_v128_load(from + stride);
    v128_t c = wasm_v128_load(from + 2 * stride), d = wasm_v128_load(from + 3 * stride);
    v128_t low_ab = LOW_32(a, b), high_ab = HIGH_32(a, b), low_cd = LOW_32(c, d), high_cd = HIGH_32(c, d);
    wasm_v128_store(to, LOW_64(low_ab, low_cd)), wasm_v128_store(to + 32, HIGH_64(low_ab, low_cd));
    wasm_v128_store(to + 64, LOW_64(high_ab, high_cd)), wasm_v128_store(to + 96, HIGH_64(high_ab, high_cd));
  }
}

// The same for pairs of bytes, eight times.
INLINE void turn_halves(const uint8_t *from, size_t stride, uint8_t *to) {
  v128_t pairs[4][2];
  UNROLL for (int i = 0; i < 4; i++, from += 2 * stride) {
    v128_t a = wasm_v128_load(from), b = wasm_v128_load(from + stride);
    pairs[i][0] = LOW_16(a, b), pairs[i][1] = HIGH_16(a, b);
  }
  UNROLL for (int n = 0; n < 2; n++, to += 64) {
    v128_t low_a = LOW_32(pairs[0][n], pairs[1][n]), high_a = HIGH_32(pairs[0][n], pairs[1][n]);
    v128_t low_b = LOW_32(pairs[2][n], pairs[3][n]), high_b = HIGH_32(pairs[2][n], pairs[3][n]);
    wasm_v128_store(to, LOW_64(low_a, low_b)), wasm_v128_store(to + 16, HIGH_64(low_a, low_b));
    wasm_v128_store(to + 32, LOW_64(high_a, high_b)), wasm_v128_store(to + 48, HIGH_64(high_a, high_b));
  }
}

// The same for bytes, of which `count` are wanted: 12 or 16. Behind twelve, the block goes on.
INLINE void turn_bytes(const uint8_t *from, size_t stride, int count, uint8_t *to) {
  v128_t pairs[4][2];
  UNROLL for (int i = 0; i < 4; i++, from += 2 * stride) {
    v128_t a = wasm_v128_load(from), b = wasm_v128_load(from + stride);
    pairs[i][0] = LOW_8(a, b), pairs[i][1] = HIGH_8(a, b);
  }
  UNROLL for (int n = 0; n < 2; n++, to += 64) {
    v128_t low_a = LOW_16(pairs[0][n], pairs[1][n]), high_a = HIGH_16(pairs[0][n], pairs[1][n]);
    v128_t low_b = LOW_16(pairs[2][n], pairs[3][n]), high_b = HIGH_16(pairs[2][n], pairs[3][n]);
    wasm_v128_store(to, LOW_32(low_a, low_b)), wasm_v128_store(to + 16, HIGH_32(low_a, low_b));
    if (n && count < 16) break;
    wasm_v128_store(to + 32, LOW_32(high_a, high_b)), wasm_v128_store(to + 48, HIGH_32(high_a, high_b));
  }
}

// The words of fifth bits, see format_q5_0.c: bit 4j + i goes to 8i + j, which are four exchanges of halves of the bits with each other.
INLINE v128_t exchange(v128_t v, const uint32_t distance, const uint32_t mask) {
  v128_t differing = wasm_v128_and(wasm_v128_xor(wasm_u32x4_shr(v, distance), v), wasm_i32x4_splat((int)mask));
  return wasm_v128_xor(v, wasm_v128_xor(differing, wasm_i32x4_shl(differing, distance)));
}
INLINE void turn_fifth_bits(const uint8_t *from, size_t stride, uint8_t *to) {
  UNROLL for (int half = 0; half < 2; half++, from += 4 * stride, to += 16) {
    v128_t v = wasm_v128_load32_zero(from);
    v = wasm_v128_load32_lane(from + stride, v, 1);
    v = wasm_v128_load32_lane(from + 2 * stride, v, 2);
    v = wasm_v128_load32_lane(from + 3 * stride, v, 3);
    v = exchange(exchange(v, 14, 0x0000cccc), 7, 0x00aa00aa);
    wasm_v128_store(to, exchange(exchange(v, 2, 0x0c0c0c0c), 1, 0x22222222));
  }
}

// `count` items of `bytes` each: sixteen bytes of each row at once, then item by item.
INLINE void turn_items(const uint8_t *from, size_t stride, int bytes, int count, uint8_t *to) {
  if (bytes == 1) {
    turn_bytes(from, stride, count, to);
    return;
  }
  if (bytes == 4) ROLLED for (; count >= 4; count -= 4, from += 16, to += 128) turn_words(from, stride, to);
  else ROLLED for (; count >= 8; count -= 8, from += 16, to += 128) turn_halves(from, stride, to);
  for (; count > 0; count--, from += bytes) {
    UNROLL for (int r = 0; r < STRIP; r++, to += bytes) {
      if (bytes == 4) __builtin_memcpy_inline(to, from + r * stride, 4);
      else __builtin_memcpy_inline(to, from + r * stride, 2);
    }
  }
}

static void pack_strip(const struct format *f, const uint8_t *from, size_t stride, int width, uint8_t *to) {
  if (f->block_elements == 1) {
    turn_items(from, stride, f->block_bytes, width, to);
    return;
  }
  for (int b = 0; b < width / f->block_elements; b++, from += f->block_bytes) {
    for (int s = 0; s < f->item_count; s++) {
      int bytes = f->items[s].bytes, count = f->items[s].count;
      const uint8_t *items = from + f->items[s].at;
      if (is_fifth_bits(f, s)) turn_fifth_bits(items, stride, to);
      else turn_items(items, stride, bytes, count, to);
      to += STRIP * bytes * count;
    }
  }
}

void pack_run(const struct pack_record *r, int chunk) {
  const struct format *f = format_of((int)r->type);
  size_t stride = row_bytes_of(r, f);
  int at_once = strips_at_once(r), first = chunk * at_once, end = min_int(first + at_once, (int)r->strips);
  for (int s = first; s < end; s++) {
    size_t at = (size_t)s * STRIP * stride;
    pack_strip(f, AT(const uint8_t, r->from) + at, stride, (int)r->width, AT(uint8_t, r->to) + at);
  }
}
