/** Reading and working at once: two cores, one of which would wait for the other. */

/** Asks for the next batch before the present one is worked on: two batches in memory. What reading fails with comes after what it gave before. */
export async function* oneAhead<Batch>(batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  const iterator = batches[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      next = iterator.next();
      next.catch(() => undefined); // Seen when it is awaited.
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
