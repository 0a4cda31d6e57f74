// Weight formats with kernels of their own ("hot"), and how all others are reached.
//
// A hot matrix is kept in strips of eight rows. Inside a strip the blocks follow each other along the row; inside a
// block every field of the file's block stands eight times, once for each row: first all rows' item 0, then all rows'
// item 1 … An item is two bytes (scales), one byte (packed K scales) or four bytes (weights, high
// bits), so that one vector load brings the same four weights of four rows. No bit is changed and nothing grows: a strip
// is as large as its eight rows in the file. (Q5_0's high bits are permuted inside their word, see format_q5_0.c.) The
// fields stand in the order in which they are needed: reading must go forward for the machine to fetch ahead.
//
// Each format has three verbs: `product` (two strips × one token), `unpack` (strip → tile) and `products` (tile × 4
// tokens). A product reads its strips side by side, out of the two halves of the matrix.
#pragma once
#include "act.h"
#include "base.h"

enum { STRIP = 8, WAYS = 2 };

typedef void product(const uint8_t *const strips[WAYS], int width, struct act a, float *out);  // out[way][row]
typedef void unpack(const uint8_t *strip, int width, uint8_t *tile);
typedef void products(const uint8_t *tile, int width, struct act a, float *out);  // out[64]: [token][row], then the kernel's own

struct format {
  int type;            // ggml's number
  int block_elements;
  int block_bytes;
  int forms;           // of the activations it multiplies with
  int item_count;
  // The block's fields: where in the file's block, in the strip's order. Fields of single bytes have 16 items, or 12 with four more
  // bytes of the block behind them (pack.c).
  struct { int at, bytes, count; } items[6];
  product *product[2];                        // by control.gemv_dot
  unpack *unpack;
  products *products[2];                      // by control.gemm_dot
};

INLINE void store_ways(v128_t sums[WAYS][2], float *out) {
  UNROLL for (int n = 0; n < WAYS; n++) {
    wasm_v128_store(out + STRIP * n, sums[n][0]);
    wasm_v128_store(out + STRIP * n + 4, sums[n][1]);
  }
}

// Whether field `s` of a block is Q5_0's or Q5_1's word of fifth bits, which is permuted in a strip.
INLINE int is_fifth_bits(const struct format *f, int s) { return (f->type == 6 && s == 1) || (f->type == 7 && s == 2); }

// The hot format with this number, or a null pointer.
const struct format *format_of(int type);

// Row `row` of a matrix as floats. `row_bytes` is 0 for a matrix in strips, else the length of a row as in the file.
void format_row(int type, const uint8_t *w, size_t row_bytes, int width, int row, float *out);
