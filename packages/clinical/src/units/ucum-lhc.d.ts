/** What is used of NLM's UCUM library, whose package has no types. */

declare module "@lhncbc/ucum-lhc" {
  interface UcumLibrary {
    readonly convertUnitTo: (
      from: string,
      value: number,
      to: string,
      options: { readonly molecularWeight?: number; readonly charge?: number },
    ) => { readonly status: string; readonly toVal: number | null; readonly msg?: readonly string[] };
    readonly validateUnitString: (code: string) => { readonly status: string };
  }
  const ucumPackage: { readonly UcumLhcUtils: { readonly getInstance: () => UcumLibrary } };
  export default ucumPackage;
}
