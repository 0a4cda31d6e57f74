/**
 * Workers for a worker, made by its page: Firefox 153, when WebDriver BiDi drives it, sometimes does not come back from
 * `new Worker` inside of a worker that makes many. It does in the page, and everywhere when nothing drives it.
 */
interface Wish {
  readonly url: string;
  readonly options: WorkerOptions;
  readonly port: MessagePort;
}

type Order = { readonly post: unknown } | { readonly terminate: true };

/** In the page: makes what `worker` wishes for. */
export function makeWorkersFor(worker: Worker): void {
  worker.addEventListener("message", ({ data }: MessageEvent<Partial<Wish>>) => {
    const { url, options, port } = data;
    if (!url || !port) return;
    const made = new Worker(url, options);
    made.onmessage = ({ data: message }) => port.postMessage(message);
    port.onmessage = ({ data: order }: MessageEvent<Order>) => {
      if ("post" in order) made.postMessage(order.post);
      else made.terminate();
    };
  });
}

/** In the worker, in place of `Worker`. */
export class PageWorker extends EventTarget {
  readonly #port: MessagePort;

  constructor(url: URL, options: WorkerOptions) {
    super();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent("message", { data }));
    postMessage({ url: url.href, options, port: port2 } satisfies Wish, { transfer: [port2] });
  }

  postMessage(message: unknown): void {
    this.#port.postMessage({ post: message } satisfies Order);
  }

  terminate(): void {
    this.#port.postMessage({ terminate: true } satisfies Order);
  }
}
