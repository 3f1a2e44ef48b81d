/**
 * OHDSI says to which rows of its threshold files a check applies by a condition in R, such as `isForeignKey=='Yes' & fkDomain!= ''`.
 * Read here as what it is: comparisons of columns with texts, joined by `&` and `|`, with brackets. Nothing is ever executed.
 */

export type FilterRow = Readonly<Record<string, string>>;

/** @throws SyntaxError where the text is anything else. */
export function parseEvaluationFilter(source: string): (row: FilterRow) => boolean {
  const tokens = tokensOf(source);
  let at = 0;
  const next = (): string | undefined => tokens[at];
  const take = (what: string): void => {
    if (tokens[at++] !== what) throw new SyntaxError(`${what} is expected`);
  };
  const either = (): Condition => {
    let left = both();
    while (next() === "|") {
      at++;
      const [a, b] = [left, both()];
      left = (row) => a(row) || b(row);
    }
    return left;
  };
  const both = (): Condition => {
    let left = comparison();
    while (next() === "&") {
      at++;
      const [a, b] = [left, comparison()];
      left = (row) => a(row) && b(row);
    }
    return left;
  };
  const comparison = (): Condition => {
    if (next() === "(") {
      at++;
      const inner = either();
      take(")");
      return inner;
    }
    const [column = "", operator, literal = ""] = tokens.slice(at, at + 3);
    at += 3;
    const isComparison = /^[A-Za-z]\w*$/.test(column) && (operator === "==" || operator === "!=") && /^(['"]).*\1$/.test(literal);
    if (!isComparison) throw new SyntaxError("a comparison of a column with a text is expected");
    const value = literal.slice(1, -1);
    return operator === "==" ? (row) => (row[column] ?? "") === value : (row) => (row[column] ?? "") !== value;
  };
  const condition = either();
  if (at !== tokens.length) throw new SyntaxError("the condition goes on where it should end");
  return condition;
}

type Condition = (row: FilterRow) => boolean;

function tokensOf(source: string): readonly string[] {
  const tokens = source.match(/'[^']*'|"[^"]*"|==|!=|[&|()]|\w+|\S/g) ?? [];
  return tokens;
}
