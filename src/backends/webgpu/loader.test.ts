import { expect, it } from "vitest";
import { Uploads } from "./loader.ts";

it("keeps two slices on their way", async () => {
  const done: (() => void)[] = [];
  const queue = { onSubmittedWorkDone: () => new Promise<void>((resolve) => done.push(resolve)) };
  const uploads = new Uploads({ queue } as unknown as GPUDevice);
  await uploads.next();
  let isThirdFree = false;
  const second = uploads.next().then(() => {
    isThirdFree = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(isThirdFree).toBe(false);
  done[0]();
  await second;
  expect([isThirdFree, done.length]).toEqual([true, 2]);
});
