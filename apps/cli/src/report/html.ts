/**
 * HTML that is safe by construction: every value put into a template is escaped unless it is markup already.
 *
 * A report holds names that hospitals chose, so escaping must not depend on anybody remembering it.
 */

/** Well-formed markup whose text parts have been escaped. Made by `html` and `trustHtml` only. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

export type HtmlValue = string | number | undefined | Html | readonly Html[];

/** Markup as written, values escaped; lists of markup are joined without a separator, undefined leaves nothing. */
export function html(markup: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let out = markup[0] ?? "";
  values.forEach((value, index) => {
    out += insert(value) + (markup[index + 1] ?? "");
  });
  return new Html(out);
}

export const escapeHtml = (value: string): string => value.replace(/[&<>"'`]/g, (character) => `&#${character.codePointAt(0)};`);

/** For markup that another part of this program made, such as a chart; never for anything from outside. */
export const trustHtml = (markup: string): Html => new Html(markup);

function insert(value: HtmlValue): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return escapeHtml(value);
  return value instanceof Html ? value.toString() : value.join("");
}
