import { StopMatcher } from "../chat/stop.ts";
import type { FinishReason, GenerateOptions, Piece } from "../core/api.ts";
import { throwIfAborted, WebggufError } from "../core/errors.ts";
import { SamplerChain } from "../sampling/chain.ts";
import { Logprobs } from "../sampling/logprobs.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import { ChainChooser, type Chooser, DeviceChooser } from "./chooser.ts";
import type { Context } from "./context.ts";
import { checkFits, checkTokens, type Prompt } from "./prompt.ts";
import type { RunClock } from "./stats.ts";

export interface Generator {
  readonly tokenizer: Tokenizer;
  readonly context: Context;
  /** Width of the logits. */
  readonly vocabularySize: number;
  readonly clock: RunClock;
  readonly signal: AbortSignal;
}

/**
 * Evaluates what of the prompt is not in the cache, then chooses and evaluates tokens until something ends the answer.
 * A token is yielded before it is evaluated.
 */
export async function* generate(generator: Generator, prompt: Prompt, options: GenerateOptions): AsyncGenerator<Piece> {
  const { tokenizer, context, clock, signal } = generator;
  const { tokens } = prompt;
  const maxTokens = checkOptions(options);
  checkTokens(tokens, generator.vocabularySize);
  checkFits(tokens.length, context.length, "The prompt");
  // A file may hold more rows than its vocabulary has tokens; such rows stand for nothing.
  const choices = Math.min(generator.vocabularySize, tokenizer.vocabularySize);
  const chain = new SamplerChain(options, choices, context.length);
  const logprobs = options.logprobs === undefined ? undefined : new Logprobs(choices, options.logprobs);
  const writer = new Writer(tokenizer, [...prompt.stop, ...(options.stop ?? [])]);

  throwIfAborted(signal);
  context.truncate(Math.min(context.commonPrefix(tokens), tokens.length - 1));
  clock.prompt(tokens.length, context.used);
  const rest = tokens.slice(context.used);
  if (maxTokens === 0) {
    await context.append(rest, signal);
    clock.prefilled();
    clock.finish("length");
    return;
  }
  const onDevice = !logprobs && context.canDecode(chain.options, choices);
  const chooser: Chooser = new (onDevice ? DeviceChooser : ChainChooser)(context, chain, choices, tokens, signal);
  try {
    let choice = await chooser.after(rest, maxTokens);
    clock.prefilled();
    for (let count = 1; count <= maxTokens; count++) {
      const { token, logits } = choice;
      clock.token();
      const piece: Piece = { token, text: writer.write(token) };
      if (logprobs && logits) {
        const { logprob, top } = logprobs.of(logits, token);
        piece.logprob = logprob;
        piece.top = top.map((entry) => ({ ...entry, text: tokenizer.decode([entry.token], { special: true }) }));
      }
      const full = context.used === context.length;
      const shift = full && options.onContextFull === "shift" ? shiftedContext(context, prompt) : undefined;
      const finish = finishReason({
        stopped: writer.stopped || (!options.ignoreEos && tokenizer.endOfGeneration.has(token)),
        last: count === maxTokens,
        full: full && !shift,
      });
      if (finish) {
        piece.text += writer.end();
        piece.finish = finish;
        clock.finish(finish);
      }
      yield piece;
      if (finish) return;
      throwIfAborted(signal);
      clock.step();
      if (shift) {
        await chooser.end();
        context.truncate(shift.keep);
        choice = await chooser.after([...shift.rest, token], maxTokens - count);
      } else {
        choice = await chooser.next(token);
      }
    }
  } finally {
    await chooser.end();
  }
}

/**
 * What stays of a full context: the kept start and the younger half of the rest. Backends do not move cached keys to
 * other positions, so the rest is evaluated again. Undefined when there is nothing to drop.
 */
function shiftedContext(context: Context, prompt: Prompt): { keep: number; rest: readonly number[] } | undefined {
  const keep = Math.min(prompt.keep(), context.length >> 1);
  const dropped = (context.used - keep) >> 1;
  return dropped > 0 ? { keep, rest: context.tokens.slice(keep + dropped) } : undefined;
}

function finishReason(state: { stopped: boolean; last: boolean; full: boolean }): FinishReason | undefined {
  if (state.stopped) return "stop";
  if (state.last) return "length";
  return state.full ? "context-full" : undefined;
}

/** From tokens to the text that is shown: whole characters, nothing of a stop text. */
class Writer {
  readonly #decoder: ReturnType<Tokenizer["stream"]>;
  readonly #matcher: StopMatcher;

  constructor(tokenizer: Tokenizer, stops: readonly string[]) {
    this.#decoder = tokenizer.stream({ cleanSpaces: false, continues: true });
    this.#matcher = new StopMatcher(stops);
  }

  get stopped(): boolean {
    return this.#matcher.found;
  }

  write(token: number): string {
    return this.#matcher.push(this.#decoder.push(token));
  }

  end(): string {
    return this.#matcher.push(this.#decoder.flush()) + this.#matcher.flush();
  }
}

/** Returns the most tokens to write. Throws `invalid-argument`; the sampling options are checked by the chain. */
function checkOptions({ maxTokens, logprobs, stop, onContextFull }: GenerateOptions): number {
  for (const [name, value] of Object.entries({ maxTokens, logprobs })) {
    if (
      value !== undefined &&
      (!Number.isInteger(value) || value < 0) &&
      !(name === "maxTokens" && value === Infinity)
    ) {
      throw invalid(name, "a whole number from 0", value);
    }
  }
  if (stop !== undefined && !(Array.isArray(stop) && stop.every((text) => typeof text === "string"))) {
    throw invalid("stop", "a list of texts", stop);
  }
  if (onContextFull !== undefined && onContextFull !== "stop" && onContextFull !== "shift") {
    throw invalid("onContextFull", '"stop" or "shift"', onContextFull);
  }
  return maxTokens ?? Infinity;
}

function invalid(name: string, expected: string, found: unknown): WebggufError {
  return new WebggufError("invalid-argument", `\`${name}\` must be ${expected}, not ${String(found)}.`);
}
