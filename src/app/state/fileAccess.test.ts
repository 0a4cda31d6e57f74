import { describe, expect, it } from "vitest";
import { checkMagic, checkOneModel, choiceOfFiles, choiceOfHandles, choiceOfUrl, labelOf } from "./fileAccess.ts";

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
