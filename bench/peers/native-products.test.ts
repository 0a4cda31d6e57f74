import { describe, expect, it } from "vitest";
import { parseNativeProducts } from "./native-products.ts";
import { productSpecs } from "./product-specs.ts";

const COLUMNS = "test_time, build_commit, backend_name, op_name, op_params, supported, error_message, time_us, n_runs";

const row = (type: string, tokens: number, time: number, { backend = "CPU", width = 14_336, batch = "1,1" } = {}) => {
  const params = `type_a=${type},type_b=f32,m=4096,n=${tokens},k=${width},bs=[${batch}],nr=[1,1],per=[0,1,2,3],k_v=0,o=1`;
  const values = ["2026-01-01T00:00:00Z", "abc1234", backend, "MUL_MAT", params, "1", "", time.toFixed(6), "345"];
  return `INSERT INTO test_backend_ops (${COLUMNS}) VALUES (${values.map((value) => `'${value}'`).join(", ")});`;
};

const rows = ["q4_0", "q8_0", "q4_K"].flatMap((type, i) => [row(type, 1, 100 + i), row(type, 8, 800 + i)]);
const HEAD = "CREATE TABLE IF NOT EXISTS test_backend_ops (\n  test_time TEXT\n);\n";
const team = (size: number) => `${Array.from({ length: size }, () => `OpenMP team of ${size}`).join("\n")}\n`;
const parse = (lines: string[], messages: string, threads = 4, processors = 4) =>
  parseNativeProducts(`${HEAD}\n${lines.join("\n")}\n`, messages, productSpecs(), threads, processors);

describe("parseNativeProducts", () => {
  it("reads the times of the products that are compared, and no others", () => {
    const others = [
      row("q4_0", 512, 9),
      row("q4_0", 1, 9, { width: 256 }),
      row("iq2_xs", 1, 9),
      row("q4_0", 1, 9, { backend: "CUDA0" }),
      row("q4_0", 1, 9, { batch: "8,1" }),
    ];
    const { version, threads, timings } = parse([...others, ...rows], team(4));
    expect(version).toBe("llama.cpp abc1234, test-backend-ops on CPU, threads by OpenMP's own count");
    expect(threads).toBe(4);
    expect(timings).toEqual([
      { type: "Q4_0", tokens: 1, microseconds: 100 },
      { type: "Q4_0", tokens: 8, microseconds: 800 },
      { type: "Q8_0", tokens: 1, microseconds: 101 },
      { type: "Q8_0", tokens: 8, microseconds: 801 },
      { type: "Q4_K", tokens: 1, microseconds: 102 },
      { type: "Q4_K", tokens: 8, microseconds: 802 },
    ]);
  });

  it("names what has no time", () => {
    expect(() => parse(rows.slice(1), team(4))).toThrow("look at Q4_0 with 1 tokens.");
    expect(() => parse([row("q4_0", 1, 0), ...rows.slice(1)], team(4))).toThrow("look at Q4_0 with 1 tokens.");
    expect(() => parse([], team(4))).toThrow("Q4_K with 8 tokens");
  });

  it("holds both sides to the same threads", () => {
    expect(() => parse(rows, team(2))).toThrow("test-backend-ops ran 2 threads; 4 were asked for.");
    expect(parse(rows, team(2), 2).threads).toBe(2);
    expect(() => parse(rows, "", 2)).toThrow("may take 4; 2 were asked for.");
    expect(parse(rows, "").version).toContain("without OpenMP, on all processors");
  });
});
