/**
 * What may not be written, and what to write instead.
 *
 * The packages are a pure core: time, randomness, disk, network and environment reach them as arguments, so that a run can be replayed and a
 * simulator can drive it. Everywhere, nothing turns text into code, and no number that matters comes from an unseeded, predictable source.
 */

import { type Finding, isTest, type ParsedFile, parseFile, type SourceFile, type SyntaxNode, walk } from "./source-files.ts";

export function checkBannedCode(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) => {
    const parsed = parseFile(file);
    const rules = RULES.filter((rule) => rule.applies(file.path));
    return [...findUses(parsed, rules), ...findUnexplainedCasts(parsed)];
  });
}

interface Rule {
  readonly applies: (path: string) => boolean;
  readonly matches: (use: Use) => boolean;
  readonly instead: string;
}

/** A place in the code that a rule may object to. */
type Use =
  | { readonly kind: "member"; readonly object: string; readonly property: string }
  | { readonly kind: "call" | "new"; readonly name: string; readonly argumentsCount: number }
  | { readonly kind: "import"; readonly module: string };

/** The one package that speaks to the network. */
const IMPURE = ["packages/wire/", "packages/machine/"];
const isPackage = (path: string): boolean => path.startsWith("packages/") && !isTest(path);
const isPure = (path: string): boolean => isPackage(path) && !IMPURE.some((folder) => path.startsWith(folder));
/** An adapter of kernel's `Clock` reads the machine's clock, and is named so. */
const isClock = (path: string): boolean => /clock\.ts$/.test(path);
const isShell = (path: string): boolean => /^(apps|simulator|packages\/machine)\//.test(path) && !isTest(path) && !isClock(path);

const member = (object: string, property?: string) => (use: Use) =>
  use.kind === "member" && use.object === object && (property === undefined || use.property === property);
const call =
  (...names: readonly string[]) =>
  (use: Use) =>
    use.kind === "call" && names.includes(use.name);
const dateNow = (use: Use): boolean =>
  (use.kind === "new" && use.name === "Date" && use.argumentsCount === 0) || member("Date", "now")(use);

const EFFECTFUL_MODULES =
  /^(node:)?(fs|fs\/promises|net|tls|http|http2|https|dgram|dns|dns\/promises|child_process|cluster|worker_threads|os|process|sqlite|readline|timers|timers\/promises)$/;

const RULES: readonly Rule[] = [
  {
    applies: (path) => !isTest(path),
    matches: member("Math", "random"),
    instead: "Math.random is neither secret nor repeatable; take kernel's SecureRandom for keys and noise, SeededRandom for simulation",
  },
  {
    applies: () => true,
    matches: (use) => call("eval")(use) || (use.kind !== "import" && use.kind !== "member" && use.name === "Function"),
    instead: "text must not become code; parse it to a tree and evaluate the tree, as packages/study does with expressions",
  },
  {
    applies: () => true,
    matches: (use) => use.kind === "import" && /^(node:)?vm$/.test(use.module),
    instead: "node:vm runs text as code; parse it to a tree and evaluate the tree",
  },
  {
    applies: (path) => isPure(path) || isShell(path),
    matches: dateNow,
    instead: "the time comes as an argument, or from a kernel Clock; only a file named …clock.ts reads the machine's",
  },
  { applies: isPackage, matches: member("performance", "now"), instead: "packages do not measure themselves; the caller times the call" },
  { applies: isPackage, matches: member("process"), instead: "the environment reaches a package as an argument, parsed once by the app" },
  { applies: isPackage, matches: member("console"), instead: "packages print nothing; return a value, or a Problem" },
  {
    applies: isPure,
    matches: call("setTimeout", "setInterval", "fetch"),
    instead: "waiting goes through kernel's Clock, the network through a port",
  },
  {
    applies: isPure,
    matches: (use) => use.kind === "import" && EFFECTFUL_MODULES.test(use.module),
    instead: "a package is pure: take bytes or a port as an argument, and put the adapter in an app",
  },
];

function findUses({ path, program, lineAt }: ParsedFile, rules: readonly Rule[]): Finding[] {
  const findings: Finding[] = [];
  walk(program, (node) => {
    const use = useOf(node);
    const broken = use === undefined ? undefined : rules.find((rule) => rule.matches(use));
    if (broken !== undefined) findings.push({ path, line: lineAt(node.start), what: broken.instead });
  });
  return findings;
}

function useOf(node: SyntaxNode): Use | undefined {
  switch (node.type) {
    case "MemberExpression":
      return { kind: "member", object: node.object?.name ?? "", property: node.property?.name ?? node.property?.value ?? "" };
    case "CallExpression":
    case "NewExpression":
      return {
        kind: node.type === "NewExpression" ? "new" : "call",
        name: node.callee?.name ?? "",
        argumentsCount: node.arguments?.length ?? 0,
      };
    case "ImportDeclaration":
    case "ImportExpression":
      return { kind: "import", module: String(node.source?.value) };
    default:
      return undefined;
  }
}

/** The compiler believes a cast; a reader wants to know who guarantees it. `as const` claims nothing. */
function findUnexplainedCasts({ path, program, comments, lineAt }: ParsedFile): Finding[] {
  if (isTest(path)) return [];
  const commented = new Set(comments.flatMap(({ start, end }) => [lineAt(start), lineAt(end)]));
  const casts: SyntaxNode[] = [];
  walk(program, (node) => {
    if (node.type === "TSAsExpression" && node.typeAnnotation?.typeName?.name !== "const") casts.push(node);
  });
  const explained = ({ start, end }: SyntaxNode): boolean => {
    for (let line = lineAt(start) - 1; line <= lineAt(end); line++) if (commented.has(line)) return true;
    return false;
  };
  const what = "a cast without a comment: say on its line, or on the one above, who guarantees the type";
  return casts.filter((cast) => !explained(cast)).map(({ start }) => ({ path, line: lineAt(start), what }));
}
