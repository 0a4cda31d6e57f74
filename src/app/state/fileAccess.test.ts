import { afterEach, describe, expect, it, vi } from "vitest";
import {
  checkMagic,
  checkOneModel,
  choiceOfFiles,
  choiceOfHandles,
  choiceOfUrl,
  labelOf,
  pickFiles,
} from "./fileAccess.ts";

const file = (name: string, text = "GGUF") => new File([text], name);

describe("what the person chose", () => {
  it("names split files together", () => {
    expect(labelOf(["a.gguf"])).toBe("a.gguf");
    expect(labelOf(["big-00001-of-00002.gguf", "big-00002-of-00002.gguf"])).toBe("big.gguf (2 files)");
  });

  it("one model at a time", () => {
    checkOneModel(["a.gguf"]);
    checkOneModel(["a-00001-of-00002.gguf", "a-00002-of-00002.gguf"]);
    expect(() => checkOneModel(["a.gguf", "b.gguf"])).toThrow(/one model at a time/);
    expect(() => choiceOfFiles([file("a-00001-of-00002.gguf"), file("b-00002-of-00002.gguf")], [])).toThrow();
  });

  it("addresses", () => {
    expect(choiceOfUrl(" https://host.example/a/my%20model.gguf?download=true ")).toMatchObject({
      label: "my model.gguf",
      parts: ["https://host.example/a/my%20model.gguf?download=true"],
    });
    expect(choiceOfUrl("https://huggingface.co/a/b/blob/main/50%.gguf")).toMatchObject({
      label: "50%.gguf",
      url: "https://huggingface.co/a/b/resolve/main/50%.gguf",
    });
    for (const wrong of ["model.gguf", "javascript:alert(1)", "file:///etc/passwd", ""]) {
      expect(() => choiceOfUrl(wrong)).toThrow(/not an address/);
    }
  });

  it("looks at the first letters", async () => {
    await checkMagic(choiceOfFiles([file("a.gguf", "GGUF....")], []));
    await expect(checkMagic(choiceOfFiles([file("a.gguf", "PK")], []))).rejects.toMatchObject({ code: "not-gguf" });
  });
});

describe("files from handles", () => {
  const handle = (over: object) =>
    ({ kind: "file", name: "a.gguf", getFile: async () => file("a.gguf"), ...over }) as never;

  it("asks for permission only when it is not there", async () => {
    const asked: string[] = [];
    const permission = (state: string) => ({
      queryPermission: async () => state,
      requestPermission: async () => {
        asked.push(state);
        return "granted";
      },
    });
    await choiceOfHandles([handle(permission("granted"))]);
    expect(asked).toEqual([]);
    expect((await choiceOfHandles([handle(permission("prompt"))])).label).toBe("a.gguf");
    expect(asked).toEqual(["prompt"]);
  });

  it("says when permission was not given, and when the file has moved", async () => {
    const denied = handle({ queryPermission: async () => "prompt", requestPermission: async () => "denied" });
    await expect(choiceOfHandles([denied])).rejects.toMatchObject({ code: "file-unreadable" });
    const moved = handle({
      getFile: async () => {
        throw new DOMException("x", "NotFoundError");
      },
    });
    await expect(choiceOfHandles([moved])).rejects.toThrow(/no longer where it was/);
  });
});

describe("the dialog of a browser without handles", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is opened by one input that stays in the document, and may choose the same file again", async () => {
    const input = { value: "", files: [] as File[], click: vi.fn(), onchange() {}, oncancel() {} };
    const append = vi.fn();
    vi.stubGlobal("window", {});
    vi.stubGlobal("document", { createElement: () => input, body: { append } });
    for (let time = 0; time < 2; time++) {
      const picked = pickFiles();
      expect(input.value).toBe("");
      input.value = "C:\\fakepath\\a.gguf";
      input.files = [file("a.gguf")];
      input.onchange();
      expect(await picked).toMatchObject({ label: "a.gguf", parts: input.files, handles: [] });
    }
    const closed = pickFiles();
    input.oncancel();
    expect(await closed).toBeNull();
    const several = pickFiles();
    input.files = [file("a.gguf"), file("b.gguf")];
    input.onchange();
    await expect(several).rejects.toThrow(/one model at a time/);
    expect(input.click).toHaveBeenCalledTimes(4);
    expect(append.mock.calls).toEqual([[input]]);
  });
});
