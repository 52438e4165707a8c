/** `seatlog audit verify` as people run it, on a real store that somebody else has written into. */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicKeyText, signingKeyOf } from '../../src/signing.ts';
import { runSeatlog, temporaryFolder } from '../support/engine.ts';
import { useEventstore } from '../support/eventstore.ts';
import { BEN, expired, LANE, PROGRAM, placed, queued, SALE, soundStory, type Told } from './story.ts';

const OPERATOR = 'op-1';
const eventstore = useEventstore();
const seed = Buffer.alloc(32, 5);
const publicKey = publicKeyText(signingKeyOf({ bytes: seed }).publicKey);
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
/** Of the last event of the sound story. */
let soundUpTo: bigint;

const write = async (stream: string, type: string, data: object, schemaVersion = 1): Promise<bigint> => {
  const metadata = { $correlationId: 'c', $causationId: 'c', actor: 'test', schemaVersion };
  const event = jsonEvent({ id: randomUUID(), type, data: { ...data }, metadata });
  const { position } = await eventstore.client.appendToStream(stream, event);
  return position?.commit ?? -1n;
};
const tell = ({ stream, event }: Told): Promise<bigint> => write(stream, event.type, event.data);

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const told of soundStory()) soundUpTo = await tell(told);
});
afterAll(() => folder.remove());

const audit = async (...args: readonly string[]) => {
  const settings = { SEATLOG_DATA_DIR: folder.path, SEATLOG_AUDIT_KEY: seed.toString('base64') };
  const program = runSeatlog(['audit', ...args], settings);
  program.ready().catch(() => undefined);
  const { code } = await program.exited;
  return { code, output: program.output() };
};
const verify = (...args: readonly string[]) =>
  audit('verify', '--eventstore-url', eventstore.url, '--operator', OPERATOR, ...args);
const lastOfLog = async (): Promise<bigint> => {
  let last = -1n;
  for await (const { event } of eventstore.client.readAll()) last = event?.position?.commit ?? last;
  return last;
};
/** What the trail of the operator says, oldest first. */
const trail = async (): Promise<readonly unknown[]> => {
  const said: unknown[] = [];
  for await (const { event } of eventstore.client.readAll()) {
    if (event?.streamId.startsWith(`AuditTrail-${OPERATOR}_`)) said.push(event.data);
  }
  return said;
};
const file = (name: string): string => join(folder.path, name);

describe('A sound log', () => {
  it('keeps every invariant, of one program and of all', async () => {
    const [one, all] = [await verify(PROGRAM), await verify('--all')];
    expect([one.code, all.code]).toEqual([0, 0]);
    expect(one.output).toContain('1000 captured = 500 issued + 500 refunded + 0 awaiting');
    expect(one.output.match(/^ {2}kept {4}/gm)).toHaveLength(7);
    expect(all.output).toContain('seatlog projections verify');
  });

  it('is read by nobody who is not recorded, unless they may only read', async () => {
    const before = await trail();
    expect((await verify('--all', '--unrecorded')).code).toBe(0);
    expect(await trail()).toEqual(before);
    const [one, all] = [await verify(PROGRAM, '--reason', 'the promoter asks'), await verify('--all')];
    expect([one.code, all.code]).toEqual([0, 0]);
    expect((await trail()).slice(before.length)).toMatchObject([
      { question: 'verify', subject: PROGRAM, via: 'cli', reason: 'the promoter asks' },
      { question: 'verify', subject: '*', via: 'cli' },
    ]);
  });

  it('is vouched for by a report that shows whether it was changed', async () => {
    const path = file('audit.json');
    const { code, output } = await verify('--all', '--unrecorded', '--json', '--report', path);
    expect(code).toBe(0);
    const report = await readFile(path, 'utf8');
    expect(JSON.parse(output)).toEqual(JSON.parse(report));
    expect(JSON.parse(report)).toMatchObject({ verdict: 'kept', upTo: String(await lastOfLog()), publicKey });

    const genuine = await audit('check-report', path, '--public-key', publicKey);
    expect(genuine).toMatchObject({ code: 0, output: expect.stringContaining('The report is genuine') });
    const stranger = publicKeyText(signingKeyOf({ bytes: Buffer.alloc(32, 6) }).publicKey);
    expect((await audit('check-report', path, '--public-key', stranger)).code).toBe(1);

    await writeFile(file('changed.json'), report.replace('"orders": 2', '"orders": 3'));
    const changed = await audit('check-report', file('changed.json'), '--public-key', publicKey);
    expect(changed).toMatchObject({ code: 1, output: expect.stringContaining('signature_invalid') });
    await writeFile(file('nonsense.json'), '{}');
    expect((await audit('check-report', file('nonsense.json'))).output).toContain('report_malformed');
  });
});

describe('Wrong use', () => {
  it.each([
    ['neither a program nor all', 2, []],
    ['a program and all', 2, [PROGRAM, '--all']],
    ['a reason that cannot be kept', 2, [PROGRAM, '--reason', 'x'.repeat(201)]],
    ['no position', 2, ['--all', '--at-position', 'here']],
    ['no folder for its report', 2, ['--all', '--report', '/nowhere/audit.json']],
    ['a folder as its report', 2, ['--all', '--report', '/']],
    ['a program that the log does not know', 3, ['nobody']],
  ])('with %s exits %i', async (_, code, args) => {
    expect((await verify(...args)).code).toBe(code);
  });
});

describe('What was forged into the log', () => {
  it('is found, with the events that show it, and is not in the log as it was before', async () => {
    const position = await tell(placed(7, [0], { buyer: BEN }));
    await tell(expired(7, [0]));
    await tell(queued(8));
    await write(SALE, 'OrderCancelled', { orderNumber: '7', places: [[0, 0]] }, 2);
    const broken = await verify(PROGRAM);
    expect(broken.code).toBe(1);
    const lines = broken.output.split('\n').map((line) => line.trim());
    expect(lines).toContain("seat_has_two_owners: seat 0 went to order 7 while it was order 1's");
    expect(broken.output).toContain(`${SALE} revision 7, position ${position}: OrderPlaced`);
    expect(broken.output).toContain(
      'event_unreadable: OrderCancelled cannot be read: its version is 2, not 1',
    );
    expect(broken.output).toContain(`queued_not_decided: order 8 of ann was queued until`);
    expect(broken.output).toContain(`${LANE} revision 0`);
    expect((await verify('--all')).code).toBe(1);
    expect((await verify('--all', '--at-position', String(soundUpTo))).code).toBe(0);
    expect((await verify(PROGRAM, '--at-position', String(soundUpTo))).code).toBe(0);
  });
});
