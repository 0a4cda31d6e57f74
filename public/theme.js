// Applies the remembered colour theme before the first paint; the page's own code takes over afterwards.
try {
  const theme = localStorage.getItem("webgguf.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage can be switched off; the system's theme is used then.
}
