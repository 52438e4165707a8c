/**
 * Tells the chapters that are not in the kept log yet, and adds their lines: `node --import tsx
 * test/kept-log/record.ts`. What is there stays as it is, to the byte.
 */
import { appendFileSync } from 'node:fs';
import { chapters } from './chapters/index.ts';
import { KEPT_LOG, type KeptLine, keptLines } from './kept-log.ts';
import { createTeller } from './teller.ts';

const lines: KeptLine[] = [...keptLines()];
const told = new Set(lines.map(({ chapter }) => chapter));
for (const { name, tell } of chapters.filter((chapter) => !told.has(chapter.name))) {
  const before = lines.length;
  tell(createTeller(name, lines));
  const added = lines.slice(before);
  appendFileSync(KEPT_LOG, added.map((line) => `${JSON.stringify(line)}\n`).join(''));
  console.log(`${name}: ${added.length} events added to ${KEPT_LOG}`);
}
