import type { CDPSession, Page } from "playwright";
import type { Allocated } from "../../src/bench/watch.ts";
import { EVERY_ALLOCATION, type HeapUsage, type SamplingProfile, sampledBytes } from "./heap-profile.ts";

/** Calls a method of the DevTools protocol on one target. */
type Post = (method: string, params?: object) => Promise<unknown>;

/**
 * Counts the bytes that JavaScript allocates in a page's thread and in those of its workers: the heap profiler samples every
 * allocation, whether it is collected later or not. What array buffers hold beside the heap is counted as far as it grows.
 */
export class Allocations {
  readonly #page: Post;
  readonly #workers = new Map<string, Post>();
  #watched: { post: Post; buffers: number; isPage: boolean }[] = [];

  static async of(page: Page): Promise<Allocations> {
    const devtools = await page.context().newCDPSession(page);
    const allocations = new Allocations(devtools);
    await devtools.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    return allocations;
  }

  private constructor(devtools: CDPSession) {
    this.#page = (method, params) => devtools.send(method as "Runtime.enable", params as never);
    const calling = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
    let calls = 0;
    devtools.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
      if (targetInfo.type !== "worker") return;
      this.#workers.set(sessionId, (method, params = {}) => {
        const id = ++calls;
        const message = JSON.stringify({ id, method, params });
        return new Promise((resolve, reject) => {
          calling.set(id, { resolve, reject });
          devtools.send("Target.sendMessageToTarget", { sessionId, message }).catch(reject);
        });
      });
    });
    devtools.on("Target.detachedFromTarget", ({ sessionId }) => this.#workers.delete(sessionId));
    devtools.on("Target.receivedMessageFromTarget", ({ message }) => {
      const { id, result, error } = JSON.parse(message) as {
        id?: number;
        result: unknown;
        error?: { message: string };
      };
      const answer = id === undefined ? undefined : calling.get(id);
      if (id !== undefined) calling.delete(id);
      if (error) answer?.reject(new Error(error.message));
      else answer?.resolve(result);
    });
  }

  async start(): Promise<void> {
    this.#watched = [{ post: this.#page, buffers: 0, isPage: true }];
    for (const [sessionId, post] of this.#workers) {
      // A worker that has ended is not always told of.
      if (await answers(post)) this.#watched.push({ post, buffers: 0, isPage: false });
      else this.#workers.delete(sessionId);
    }
    for (const one of this.#watched) {
      await one.post("HeapProfiler.collectGarbage");
      one.buffers = await buffersOf(one.post);
      await one.post("HeapProfiler.startSampling", EVERY_ALLOCATION);
    }
  }

  /** Bytes since `start`, in threads that were there then. */
  async stop(): Promise<Allocated> {
    const bytes = { model: 0, page: 0 };
    for (const { post, buffers, isPage } of this.#watched) {
      const { profile } = (await post("HeapProfiler.stopSampling")) as { profile: SamplingProfile };
      const grown = Math.max(0, (await buffersOf(post)) - buffers);
      bytes[isPage ? "page" : "model"] += sampledBytes(profile) + grown;
    }
    return bytes;
  }
}

/** How long a worker has for its first answer. */
const ANSWER_MILLISECONDS = 1000;

const answers = (post: Post): Promise<boolean> =>
  Promise.race([
    post("Runtime.getHeapUsage").then(
      () => true,
      () => false,
    ),
    new Promise<boolean>((resolve) => setTimeout(resolve, ANSWER_MILLISECONDS, false)),
  ]);

async function buffersOf(post: Post): Promise<number> {
  const { backingStorageSize = 0 } = (await post("Runtime.getHeapUsage")) as HeapUsage;
  return backingStorageSize;
}
