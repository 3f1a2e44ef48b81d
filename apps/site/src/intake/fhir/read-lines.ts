/** Lines of a byte stream, ended by LF, CR or CRLF, without the memory growing with the stream or with one endless line. */

/** A resource with an attachment inside may take megabytes; more than this is no resource. */
export const ITEM_BYTES_MAX = 16 * 2 ** 20;

export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its end; absent where the line is longer than `ITEM_BYTES_MAX`. Valid until the next line is asked for. */
  readonly bytes: Buffer | undefined;
}

const LF = 10;
const CR = 13;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Several lines at a time, as many as one block of the stream ends. Empty lines are counted, and left out. */
export async function* readLines(blocks: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let number = 0;
  let endsWithCr = false;
  let isFirst = true;
  for await (const given of blocks) {
    let block = given;
    if (isFirst && block.subarray(0, 3).equals(BYTE_ORDER_MARK)) block = block.subarray(3);
    isFirst = false;
    if (endsWithCr && block[0] === LF) block = block.subarray(1);
    if (block.length > 0) endsWithCr = block[block.length - 1] === CR;
    const lines: Line[] = [];
    let start = 0;
    for (const end of lineEnds(block)) {
      const bytes = wholeLine(rest, restBytes, block.subarray(start, end));
      number++;
      if (bytes?.length !== 0) lines.push({ number, bytes });
      [rest, restBytes] = [[], 0];
      start = block[end] === CR && block[end + 1] === LF ? end + 2 : end + 1;
    }
    if (lines.length > 0) yield lines;
    if (start >= block.length) continue;
    restBytes += block.length - start;
    if (restBytes > ITEM_BYTES_MAX) rest = [];
    else rest.push(block.subarray(start));
  }
  if (restBytes > 0) yield [{ number: number + 1, bytes: wholeLine(rest, restBytes, Buffer.alloc(0)) }];
}

/** Where each line of the block ends; the LF of a CRLF is no end of its own. */
function* lineEnds(block: Buffer): Iterable<number> {
  let lf = block.indexOf(LF);
  let cr = block.indexOf(CR);
  while (lf >= 0 || cr >= 0) {
    const end = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr;
    yield end;
    const next = block[end] === CR && block[end + 1] === LF ? end + 2 : end + 1;
    if (lf >= 0 && lf < next) lf = block.indexOf(LF, next);
    if (cr >= 0 && cr < next) cr = block.indexOf(CR, next);
  }
}

function wholeLine(rest: readonly Buffer[], restBytes: number, last: Buffer): Buffer | undefined {
  if (restBytes + last.length > ITEM_BYTES_MAX) return undefined;
  return rest.length === 0 ? last : Buffer.concat([...rest, last]);
}
