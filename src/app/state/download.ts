/** Hands a text to the browser as a file to be saved. */
export function download(name: string, type: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken hold of the Blob by the next task.
  setTimeout(() => URL.revokeObjectURL(address));
}
