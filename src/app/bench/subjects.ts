import type { BenchSubject } from "../../bench/session.ts";
import type { Model } from "../../core/api.ts";
import type { SyntheticModel } from "../../synthetic/files.ts";
import { SHAPES } from "../../synthetic/shapes.ts";
import type { ModelChoice } from "../state/fileAccess.ts";

/** The model that is open on the page. */
export interface OpenModel {
  readonly model: Model;
  readonly choice: ModelChoice;
}

/** Without knowledge of the machine: what a browser tells at most, or a small one. */
const USUAL_GIGABYTES = 8;

/** Whether a model of this many bytes beside the open one might be too much: both together take half of the memory. */
export function isTight(open: OpenModel, bytes: number, memoryGigabytes = USUAL_GIGABYTES): boolean {
  const { weights, kv, scratch } = open.model.info.memoryBytes;
  return weights + kv + scratch + bytes > (memoryGigabytes * 1e9) / 2;
}

interface Chosen {
  readonly open: boolean;
  readonly afresh: boolean;
  readonly synthetic: readonly SyntheticModel[];
}

/**
 * In the order of measuring: the open model goes first, because it may have to be closed for the others. `beforeOpening` is
 * awaited before each of them is opened.
 */
export function subjectsOf(
  { open, afresh, synthetic }: Chosen,
  loaded: OpenModel | undefined,
  fileOf: (model: SyntheticModel) => File,
  beforeOpening: () => Promise<void>,
): BenchSubject[] {
  const { name = "", quantization } = loaded?.model.info ?? {};
  return [
    ...(open && loaded ? [{ name, type: quantization, source: loaded.model }] : []),
    ...(afresh && loaded
      ? [
          {
            name: `${name}, opened afresh`,
            type: quantization,
            source: () => beforeOpening().then(() => loaded.choice.parts),
          },
        ]
      : []),
    ...synthetic.map((model) => ({
      name: SHAPES[model.shape].name,
      type: model.mix,
      synthetic: true,
      source: () => beforeOpening().then(() => fileOf(model)),
    })),
  ];
}
