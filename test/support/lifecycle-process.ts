/** A process whose only resource closes as its first argument says, so that tests can send it signals. */
import { createReleasers, endOnSignals } from '../../src/lifecycle.ts';

const CLOSING: Readonly<Record<string, () => Promise<void> | void>> = {
  works: () => console.log('closed'),
  hangs: () => new Promise(() => undefined),
  fails: () => Promise.reject(new Error('closing fails')),
};

const [closing = '', graceMs = ''] = process.argv.slice(2);
const releasers = createReleasers();
await releasers.add('the resource', CLOSING[closing] ?? (() => undefined));
endOnSignals({ releasers, graceMs: Number(graceMs), log: (message) => console.log(message) });
// Something to keep the process alive, as a server would.
setInterval(() => undefined, 60_000);
console.log('running');
