/** What buyers were told is held against the log, and what the auditor finds is told beside it. */
import { describe, expect, it } from 'vitest';
import { createFindings } from '../../../src/rush/check/findings.ts';
import { type Acknowledged, judgeAcknowledged } from '../../../src/rush/check/judge.ts';
import { ANN, auditOf, begun, expired, logged, placed, queued, type Told } from '../../auditor/story.ts';

const STORY: readonly Told[] = [
  ...[begun(), queued(5), placed(5, [0], { queue: { lane: 0, revision: 0 } }), expired(5, [0])],
  ...[placed(1, [1]), expired(1, [1])],
];

function examples(story: readonly Told[], ...acknowledged: readonly Acknowledged[]) {
  const log = auditOf(logged(story));
  const findings = createFindings(log);
  const [audited] = log.programs;
  if (audited === undefined) throw new Error('The story is of one program.');
  judgeAcknowledged(audited, acknowledged, findings);
  const broken = findings.all().filter(({ ok }) => !ok);
  return Object.fromEntries(broken.map(({ name, examples: told }) => [name, told]));
}

const told = (orderNumber: string, as: 'placed' | 'queued', buyer: string = ANN) =>
  examples(STORY, { orderNumber, as, buyer });

describe('An acknowledged order', () => {
  it('keeps its promise by being there', () => {
    expect([told('1', 'placed'), told('5', 'queued'), told('5', 'placed')]).toEqual([{}, {}, {}]);
  });

  it('breaks it by not being in the log, not in the queue, or another buyer’s', () => {
    expect([told('2', 'placed'), told('1', 'queued'), told('1', 'placed', 'ben')]).toEqual([
      { acknowledged: ['order 2 of ann was acknowledged as placed and is not in the log'] },
      { acknowledged: ['order 1 of ann was acknowledged as queued and is not in the log'] },
      { acknowledged: ["order 1 of ben is ann's in the log"] },
    ]);
  });
});

describe('The promises', () => {
  it('are broken by what the auditor finds, with the event that made it so', () => {
    expect(examples([...STORY, placed(2, [3])])).toEqual({
      ended: ['order 2 was to end 1970-01-01T00:32:40.000Z (OrderPlaced at revision 5)'],
    });
  });

  it('keep ten examples and count the rest', () => {
    const findings = createFindings({ programs: [], findings: [] });
    for (let index = 0; index < 25; index += 1) findings.broken('read_models', `seat ${index}`);
    const broken = findings.all().find(({ ok }) => !ok);
    expect(broken).toMatchObject({ name: 'read_models', broken: 25 });
    expect(broken?.examples).toHaveLength(10);
  });
});
