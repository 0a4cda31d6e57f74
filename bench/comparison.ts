import { availableParallelism, cpus, platform, release } from "node:os";

/** Rotates the order by one each round, so that nobody always runs after the same one. */
export const turns = <T>(all: readonly T[], round: number): T[] =>
  all.map((_, index) => all[(index + round) % all.length]);

/** The machine, as comparisons name it. */
export const machineFacts = () => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown CPU",
  cores: availableParallelism(),
  system: `${platform()} ${release()}`,
});
