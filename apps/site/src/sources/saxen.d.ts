/** What is used of the XML parser saxen, whose package has no types. */

declare module "saxen" {
  export class Parser {
    /** It can give `false` too, but only where a listener to `warn` lets a fault of them pass. */
    on(event: "openTag", listener: (name: string, attributes: () => Readonly<Record<string, string>>) => void): this;
    on(event: "closeTag", listener: (name: string) => void): this;
    on(event: "text" | "cdata" | "attention", listener: (text: string) => void): this;
    on(event: "warn", listener: (warning: Error) => void): this;
    /** Throws where the text is no XML, and what a listener throws. */
    write(xml: string): this;
    /** Throws where the text ended too early. */
    end(): Error | null;
  }
}
