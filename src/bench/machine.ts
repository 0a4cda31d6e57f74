import type { GpuFacts, Machine } from "./types.ts";

/** What the surroundings tell about themselves: a page's `navigator`, or Node. */
export interface MachineFacts {
  /** `navigator.userAgentData.fullVersionList`, or `brands`. */
  readonly brands?: readonly { readonly brand: string; readonly version: string }[];
  readonly userAgent: string;
  /** "Linux x86_64". */
  readonly platform: string;
  readonly cpu?: string;
  readonly logicalProcessors: number;
  readonly memoryGigabytes?: number;
  readonly isolated: boolean;
  readonly gpu?: GpuFacts;
  readonly power?: Machine["power"];
}

export function describeMachine(facts: MachineFacts): Machine {
  const { cpu, logicalProcessors, memoryGigabytes, isolated, gpu, power } = facts;
  return {
    browser: browserOf(facts),
    system: facts.platform,
    ...(cpu && { cpu }),
    logicalProcessors,
    ...(memoryGigabytes !== undefined && { memoryGigabytes }),
    isolated,
    ...(gpu && { gpu }),
    ...(power && { power }),
  };
}

/** One line for people. */
export function machineLine({ cpu, logicalProcessors, system, browser, gpu }: Machine): string {
  return [cpu, `${logicalProcessors} logical processors`, system, browser, gpu?.adapter].filter(Boolean).join(", ");
}

/** Made-up brands, which browsers add so that nobody relies on the list, hold characters that no name has. */
const MADE_UP = /not.?a.?brand|[^\w .]/i;

function browserOf({ brands = [], userAgent }: MachineFacts): string {
  const real = brands.filter(({ brand }) => !MADE_UP.test(brand));
  const named = real.find(({ brand }) => brand !== "Chromium") ?? real[0];
  if (named) return `${named.brand} ${named.version}`;
  const [, name, version] =
    /(Firefox|Edg|OPR|Chrome|Node\.js)\/([\d.]+)/.exec(userAgent) ??
    (/Version\/([\d.]+).*Safari/.exec(userAgent) ? [userAgent, "Safari", RegExp.$1] : []);
  return name ? `${name} ${version}` : userAgent;
}
