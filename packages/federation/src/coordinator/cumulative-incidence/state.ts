/** The public state of an analysis of cumulative incidence: there is one sum. */

export type CumulativeIncidenceState = { readonly phase: "counts" };
