import { type Problem, WAY_LABELS, type WayOn } from "../state/problems.ts";
import { Icon } from "./Icon.tsx";

interface ProblemCardProps {
  problem: Problem;
  /** Ways that make no sense here are left out. */
  ways: readonly WayOn[];
  onWay: (way: WayOn) => void;
  onDismiss?: () => void;
}

/** What went wrong, what was found, what to do about it, and the buttons to do it. */
export function ProblemCard({ problem, ways, onWay, onDismiss }: ProblemCardProps) {
  return (
    <section className="problem" role="alert">
      <Icon name="alert" size={22} />
      <div className="problem-text">
        <h3>{problem.title}</h3>
        <p className="problem-found">{problem.found}</p>
        <p>{problem.advice}</p>
        <div className="button-row">
          {ways.map((way, i) => (
            <button
              key={way}
              type="button"
              className={i === 0 ? "button primary" : "button"}
              onClick={() => onWay(way)}
            >
              {WAY_LABELS[way]}
            </button>
          ))}
        </div>
      </div>
      {onDismiss && (
        <button type="button" className="icon-button" onClick={onDismiss} aria-label="Dismiss this message">
          <Icon name="close" />
        </button>
      )}
    </section>
  );
}
