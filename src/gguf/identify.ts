const SIGNATURES: readonly (readonly [string, string])[] = [
  ["PK\x03\x04", "a ZIP archive (PyTorch checkpoints are ZIP archives too)"],
  ["\x1f\x8b", "a gzip archive; unpack it first"],
  ["7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"],
  ["\xfd7zXZ", "an xz archive; unpack it first"],
  ["\x28\xb5\x2f\xfd", "a Zstandard archive; unpack it first"],
  ["lmgg", "a GGML file, a format older than GGUF; convert it again with llama.cpp"],
  ["fmgg", "a GGMF file, a format older than GGUF; convert it again with llama.cpp"],
  ["tjgg", "a GGJT file, a format older than GGUF; convert it again with llama.cpp"],
  ["\x89HDF", "an HDF5 file (Keras weights)"],
  ["\x80\x02", "a Python pickle (an old PyTorch checkpoint)"],
  ["\x93NUMPY", "a NumPy array"],
  ["\x89PNG", "a PNG picture"],
  ["%PDF", "a PDF document"],
  ["version https://git-lfs", "a Git LFS pointer: the real file was not downloaded, run `git lfs pull`"],
  ["<!DOCTYPE", "a web page: the download link led to a page, not to the file"],
  ["<!doctype", "a web page: the download link led to a page, not to the file"],
  ["<html", "a web page: the download link led to a page, not to the file"],
  ["{", "JSON text"],
  ["\0\0\0\0", "nothing but zeros so far: an unfinished download"],
];

/** Says what a file that does not begin with `GGUF` looks like, from its first bytes (32 are enough). */
export function describeForeignFile(head: Uint8Array): string {
  const text = String.fromCharCode(...head.subarray(0, 32));
  if (text.slice(8, 10) === '{"') return "It looks like a safetensors file; convert it to GGUF with llama.cpp.";
  const known = SIGNATURES.find(([signature]) => text.startsWith(signature));
  if (known) return `It looks like ${known[1]}.`;
  const hex = Array.from(head.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `It begins with the bytes ${hex}.`;
}
