/**
 * Long reads as rows of pages, one in memory at a time. Between two pages no call is open, so a reader may
 * take its time.
 */
import type { StreamName } from './names.ts';
import type { ReadPage, StreamPage } from './read.ts';
import type { StoredEvent } from './stored-event.ts';

type PageReader = (stream: StreamName, page: ReadPage) => Promise<StreamPage>;

export async function* pagesForwards(
  readPage: PageReader,
  stream: StreamName,
  from: bigint,
  maxCount: number,
): AsyncGenerator<readonly StoredEvent[]> {
  let next = from;
  for (;;) {
    const page = await readPage(stream, { from: next, maxCount });
    if (page.kind === 'no-stream' || page.events.length === 0) return;
    yield page.events;
    const last = page.events.at(-1);
    if (last === undefined || page.events.length < maxCount) return;
    next = last.revision + 1n;
  }
}

export async function* pagesBackwards(
  readPage: PageReader,
  stream: StreamName,
  from: bigint | undefined,
  maxCount: number,
): AsyncGenerator<readonly StoredEvent[]> {
  let next: bigint | 'end' = from ?? 'end';
  for (;;) {
    const page = await readPage(stream, { direction: 'backwards', from: next, maxCount });
    if (page.kind === 'no-stream' || page.events.length === 0) return;
    yield page.events;
    const first = page.events.at(-1);
    if (first === undefined || page.events.length < maxCount || first.revision === 0n) return;
    next = first.revision - 1n;
  }
}
