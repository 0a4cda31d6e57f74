import type { OpCase } from "./case.ts";
import { CaseBuilder, tokensAt } from "./case-builder.ts";

const RUNS = [tokensAt(0, 1), tokensAt(1, 3, 2), tokensAt(4, 17)];
const TOKENS = 17;

function rmsNormCase(width: number, groups: number, eps: number, magnitude: number): OpCase {
  const b = new CaseBuilder("rms_norm", `${width} in ${groups}, eps ${eps}, values of ${magnitude}`);
  const x = b.input("x", width, TOKENS, magnitude);
  const weight = b.nearOne("weight", width / groups);
  return b.finish(b.append({ op: "rms_norm", inputs: [x, weight], params: { eps, groups } }, width), { runs: RUNS });
}

/** Whole rows and heads; values so small that eps rules, and large ones. */
export const RMS_NORM_CASES: readonly OpCase[] = [
  rmsNormCase(64, 1, 1e-5, 1),
  rmsNormCase(896, 1, 1e-6, 1),
  rmsNormCase(67, 1, 1e-5, 1),
  rmsNormCase(256, 1, 1e-5, 1e-4),
  rmsNormCase(256, 1, 1e-5, 1000),
  rmsNormCase(192, 6, 1e-6, 1),
  rmsNormCase(1024, 8, 1e-6, 1),
  rmsNormCase(240, 3, 1e-6, 1),
];

function gluCase(width: number, magnitude: number): OpCase {
  const b = new CaseBuilder("glu", `silu ${width}, values of ${magnitude}`);
  const gate = b.input("gate", width, TOKENS, magnitude);
  const up = b.input("up", width, TOKENS);
  const y = b.append({ op: "glu", inputs: [gate, up], params: { activation: "silu" } }, width);
  return b.finish(y, { runs: RUNS });
}

/** Also gates far beyond where exp overflows in float32. */
export const GLU_CASES: readonly OpCase[] = [gluCase(256, 1), gluCase(172, 3), gluCase(67, 1), gluCase(64, 100)];

export const ADD_CASES: readonly OpCase[] = [256, 172, 67, 1].map((width) => {
  const b = new CaseBuilder("add", `${width}`);
  const inputs = [b.input("a", width, TOKENS), b.input("b", width, TOKENS)] as const;
  return b.finish(b.append({ op: "add", inputs, params: {} }, width), { runs: RUNS });
});

/** All rows, some, one, none. */
export const SELECT_OUTPUTS_CASES: readonly OpCase[] = [256, 67].map((width) => {
  const b = new CaseBuilder("select_outputs", `${width}`);
  const x = b.input("x", width, TOKENS);
  const runs = [[0, 1, 2, 3, 4, 5], [1, 4], [], [5]].map((outputs) => ({ ...tokensAt(0, 6, 3), outputs }));
  return b.finish(x, { runs });
});
