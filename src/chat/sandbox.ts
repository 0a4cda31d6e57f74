import { Environment, Interpreter, Template } from "@huggingface/jinja";
import { isWebggufError, WebggufError } from "../core/errors.ts";
import { strftime } from "./strftime.ts";

/**
 * What a template may use. A template comes with the model file and is untrusted: it can loop and grow values at will.
 * The limits hold between two evaluated expressions; a single built-in operation is not interrupted, but its operands
 * are within the limits, which bounds it. Jinja has no endless loop, only loops over lists. Parsing is not interrupted
 * either; what bounds it are the lengths of the template and of its runs of white space, to which the parser's time is
 * proportional.
 */
export interface TemplateLimits {
  /** Characters of the template itself. */
  readonly templateLength: number;
  /** Characters of white space in a row in the template. */
  readonly blankLength: number;
  /** Characters of any text it makes, the result included. */
  readonly textLength: number;
  /** Items of any list it makes. */
  readonly listLength: number;
  /** Expressions and statements evaluated. */
  readonly steps: number;
  readonly milliseconds: number;
}

export const TEMPLATE_LIMITS: TemplateLimits = {
  templateLength: 1 << 18,
  blankLength: 500,
  textLength: 1 << 23,
  listLength: 1 << 18,
  steps: 10_000_000,
  milliseconds: 5_000,
};

/** Runs a Jinja template over `variables`. Throws `template` when it is wrong, refuses its input or exceeds a limit. */
export function runTemplate(source: string, variables: Record<string, unknown>, limits = TEMPLATE_LIMITS): string {
  if (source.length > limits.templateLength) {
    throw tooMuch(`it is ${source.length} characters long, ${limits.templateLength} are allowed`);
  }
  const blanks = longestBlank(source);
  if (blanks > limits.blankLength) {
    throw tooMuch(`it has ${blanks} characters of white space in a row, ${limits.blankLength} are allowed`);
  }
  try {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...globals(limits), ...variables })) environment.set(name, value);
    const result = new LimitedInterpreter(environment, limits).run(new Template(source).parsed);
    return String(result.value);
  } catch (error) {
    if (isWebggufError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new WebggufError("template", `The chat template failed: ${reason}`, { cause: error });
  }
}

function longestBlank(source: string): number {
  let longest = 0;
  for (const [blank] of source.matchAll(/\s+/g)) longest = Math.max(longest, blank.length);
  return longest;
}

/** The names that chat templates expect beside Jinja's own. */
function globals(limits: TemplateLimits): Record<string, unknown> {
  return {
    true: true,
    True: true,
    false: false,
    False: false,
    none: null,
    None: null,
    raise_exception: (message: unknown) => {
      throw new Error(String(message));
    },
    strftime_now: (format: unknown) => strftime(new Date(), String(format)),
    range: (first: number, second?: number, third?: number) => {
      const [start, stop] = typeof second === "number" ? [first, second] : [0, first];
      const step = typeof third === "number" ? third : 1;
      const count = Math.max(0, Math.ceil((stop - start) / step));
      // Also false for NaN: a step of 0, an operand that is no number.
      if (!(count <= limits.listLength)) {
        throw tooMuch(`it asks for a range of ${count} numbers, ${limits.listLength} are allowed`);
      }
      return Array.from({ length: count }, (_, i) => start + i * step);
    },
  };
}

type Evaluate = Interpreter["evaluate"];

class LimitedInterpreter extends Interpreter {
  readonly #limits: TemplateLimits;
  readonly #deadline: number;
  #steps = 0;

  constructor(environment: Environment, limits: TemplateLimits) {
    super(environment);
    this.#limits = limits;
    this.#deadline = Date.now() + limits.milliseconds;
  }

  override evaluate(...[statement, environment]: Parameters<Evaluate>): ReturnType<Evaluate> {
    const { steps, milliseconds, textLength, listLength } = this.#limits;
    if (++this.#steps > steps) throw tooMuch(`it takes more than ${steps} steps`);
    if (Date.now() > this.#deadline) throw tooMuch(`it takes longer than ${milliseconds} ms`);
    const result = super.evaluate(statement, environment);
    const { value } = result;
    if (typeof value === "string" && value.length > textLength) {
      throw tooMuch(`it makes a text of ${value.length} characters, ${textLength} are allowed`);
    }
    if (Array.isArray(value) && value.length > listLength) {
      throw tooMuch(`it makes a list of ${value.length} items, ${listLength} are allowed`);
    }
    return result;
  }
}

function tooMuch(what: string): WebggufError {
  return new WebggufError(
    "template",
    `The chat template was stopped: ${what}. The file may be damaged or hostile; use \`generate\` with a prompt of your own.`,
  );
}
