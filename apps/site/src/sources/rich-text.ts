/** The text of an element in a workbook: `t` alone, or one for each run of letters of one form. */

/** Twice what a cell of Excel holds. */
const TEXT_LENGTH_MAX = 2 ** 16;

export class RichText {
  #text = "";
  #isInText = false;
  #isInReading = false;

  open(name: string): void {
    if (name === "t") this.#isInText = true;
    else if (name === "rPh") this.#isInReading = true;
  }

  close(name: string): void {
    if (name === "t") this.#isInText = false;
    else if (name === "rPh") this.#isInReading = false;
  }

  add(text: string): void {
    if (!this.#isInText || this.#isInReading) return;
    this.#text += text;
    if (this.#text.length > TEXT_LENGTH_MAX) throw new RangeError("a text is too long");
  }

  /** The text so far, decoded; the next one begins. */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return unescapeControls(text);
  }
}

/** Characters that XML does not allow are written `_xHHHH_`: ECMA-376 part 1, 22.9.2.19. */
export const unescapeControls = (text: string): string =>
  text.includes("_x") ? text.replace(/_x([0-9a-f]{4})_/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : text;
