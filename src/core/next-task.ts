/** Node's ports keep the process alive unless told otherwise; a browser's have no such methods. */
type Port = MessagePort & { ref?(): void; unref?(): void };

const waiting: (() => void)[] = [];
let port: MessagePort | undefined;
let own: Port | undefined;
let began = 0;

/** One channel for all: to open one costs more than to send a message through it. */
function open(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  own = port1;
  own.onmessage = () => {
    began = performance.now();
    const resolve = waiting.shift();
    if (waiting.length === 0) own?.unref?.();
    resolve?.();
  };
  own.unref?.();
  return port2;
}

/**
 * Resolves in a later task, so that messages (a raised signal among them) are received meanwhile. Unlike setTimeout it
 * does not wait: browsers clamp nested timers to 4 ms.
 */
export function nextTask(): Promise<void> {
  port ??= open();
  return new Promise((resolve) => {
    waiting.push(resolve);
    own?.ref?.();
    port?.postMessage(null);
  });
}

/** When the last task began that `nextTask` led to, by `performance.now`; 0 before there is one. */
export function lastTaskTime(): number {
  return began;
}
