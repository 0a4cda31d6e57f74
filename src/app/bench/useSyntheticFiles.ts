import { useCallback, useEffect, useState } from "react";
import { deleteFile, listFiles, roomForFiles, type SyntheticFile } from "../../synthetic/files.ts";

export interface SyntheticFiles {
  readonly files: readonly SyntheticFile[];
  /** Bytes that the browser still gives; undefined where it does not tell. */
  readonly room: number | undefined;
  readonly remove: (name: string) => void;
  /** After something was made. */
  readonly refresh: () => void;
}

/** The synthetic models that this browser keeps. */
export function useSyntheticFiles(): SyntheticFiles {
  const [files, setFiles] = useState<readonly SyntheticFile[]>([]);
  const [room, setRoom] = useState<number>();
  const refresh = useCallback(() => {
    listFiles().then(setFiles, () => {});
    roomForFiles().then(setRoom);
  }, []);
  useEffect(refresh, [refresh]);
  const remove = useCallback((name: string) => void deleteFile(name).then(refresh), [refresh]);
  return { files, room, remove, refresh };
}
