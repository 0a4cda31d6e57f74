import { useState } from "react";
import type { Model, Profile } from "../../core/api.ts";
import { byOp, chromeTrace, type ProfileRow, threadUse } from "../../core/profile.ts";
import { download } from "../state/download.ts";
import { formatInteger, formatMicroseconds, formatRate } from "../state/format.ts";
import type { RunStore } from "../state/run.ts";
import { useProfile } from "../state/useProfile.ts";
import { Dialog } from "./Dialog.tsx";
import { Icon } from "./Icon.tsx";
import { ProfileFlame } from "./ProfileFlame.tsx";

interface ProfilePanelProps {
  model: Model;
  store: RunStore;
  writing: boolean;
}

/** Tokens of the prompt that is profiled, where the context is long enough. */
const PROMPT_TOKENS = 128;

/** Where the time of one token or of a prompt goes, when a person asks for it. */
export function ProfilePanel({ model, store, writing }: ProfilePanelProps) {
  const { profile, failure, running, start } = useProfile(model, store);
  const [timeline, setTimeline] = useState(false);
  const promptTokens = Math.min(PROMPT_TOKENS, model.info.contextLength);
  return (
    <section className="profile" aria-label="Profile" aria-busy={running}>
      <div className="button-row">
        <button type="button" className="button" onClick={() => start(1)} disabled={running || writing}>
          {running ? "Profiling …" : "Profile a token"}
        </button>
        <button type="button" className="button" onClick={() => start(promptTokens)} disabled={running || writing}>
          Profile a prompt
        </button>
      </div>
      {failure && (
        <p className="hint" role="alert">
          <Icon name="alert" size={15} />
          {failure}
        </p>
      )}
      {profile && (
        <>
          <ProfileTable profile={profile} />
          <div className="button-row">
            <button type="button" className="button" onClick={() => setTimeline(true)}>
              Timeline
            </button>
            <button type="button" className="button" onClick={() => exportTrace(profile, model.info.name)}>
              Export trace
            </button>
          </div>
          <Dialog
            title={`Timeline: ${subjectOf(profile)}`}
            open={timeline}
            onClose={() => setTimeline(false)}
            shape="wide"
          >
            <ProfileFlame profile={profile} />
          </Dialog>
        </>
      )}
    </section>
  );
}

const subjectOf = ({ tokens, contextDepth }: Profile) =>
  `${tokens === 1 ? "One token" : `A prompt of ${formatInteger(tokens)}`} behind ${formatInteger(contextDepth)}`;

function ProfileTable({ profile }: { profile: Profile }) {
  const rows = byOp(profile);
  return (
    <>
      <table className="profile-table">
        <caption>
          {subjectOf(profile)} took {formatMicroseconds(profile.wallMicroseconds)};{" "}
          {formatMicroseconds(profile.plainMicroseconds)} without timers.
        </caption>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Times</th>
            <th scope="col">Time</th>
            <th scope="col">Share</th>
            <th scope="col">GB/s</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <ProfileLine key={row.op} row={row} />
          ))}
        </tbody>
      </table>
      <Remarks profile={profile} />
    </>
  );
}

function ProfileLine({ row: { op, steps, microseconds, share, gigabytesPerSecond } }: { row: ProfileRow }) {
  return (
    <tr>
      <th scope="row">
        {op}
        <span className="profile-share" aria-hidden="true">
          <i style={{ width: `${share * 100}%` }} />
        </span>
      </th>
      <td>{formatInteger(steps)}</td>
      <td>{formatMicroseconds(microseconds)}</td>
      <td>{(share * 100).toFixed(1)} %</td>
      <td>{formatRate(gigabytesPerSecond)}</td>
    </tr>
  );
}

/** From this on, a clock is too coarse for single steps. */
const COARSE_MICROSECONDS = 20;

function Remarks({ profile }: { profile: Profile }) {
  const use = threadUse(profile);
  const { resolutionMicroseconds: resolution, threads } = profile;
  return (
    <>
      {use !== undefined && (
        <p className="plot-caption">
          {threads === 1 ? "The thread works" : `The ${threads} threads work`} {(use * 100).toFixed(0)} % of the time
          and {threads === 1 ? "waits" : "wait"} for the rest.
        </p>
      )}
      {resolution > COARSE_MICROSECONDS && (
        <p className="hint">
          <Icon name="info" size={15} />
          The browser's clock steps by {formatMicroseconds(resolution)}: short steps are guesses.
        </p>
      )}
    </>
  );
}

function exportTrace(profile: Profile, name: string): void {
  const file = `${name.replace(/[^\w.-]+/g, "-")}-trace.json`;
  download(file, "application/json", JSON.stringify(chromeTrace(profile, name)));
}
