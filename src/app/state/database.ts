import * as idb from "idb-keyval";

/**
 * Values in IndexedDB. A browser may refuse it in several ways: `indexedDB` throws when it is named, or is not there, or opens
 * nothing. All of them are rejections here.
 */
export const get = async <T>(key: string): Promise<T | undefined> => idb.get<T>(key);

/** Replaces a value by what `edit` makes of it, with nobody in between. */
export const update = async <T>(key: string, edit: (stored: T | undefined) => T): Promise<void> =>
  idb.update<T>(key, edit);
