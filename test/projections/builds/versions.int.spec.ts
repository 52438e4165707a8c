/** Versions of the code, events that cannot be applied, and ways back. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { engineCodec } from '../../../src/event-catalogue.ts';
import { createStreamLog } from '../../../src/eventstore/stream-log.ts';
import { ensureCheckpoints, readCheckpoints } from '../../../src/projections/checkpoint.ts';
import { createProjections, type EngineEvent } from '../../../src/projections/registry.ts';
import { idOf } from '../../domain/sale/fixtures.ts';
import { printedRandom } from '../../support/random.ts';
import { until } from '../../support/until.ts';
import { contents } from '../read-models.ts';
import { chapter } from './history.ts';
import { quietly, strictly, useHouse } from './house.ts';
import { markedProjections } from './tagged.ts';

const house = useHouse();
const random = printedRandom();

beforeAll(async () => {
  await house.append(chapter(random.seed, 1));
  await house.fill();
});

const live = async (name: string) => (await readCheckpoints(house.db, [name])).get(name);
const raised = () => createProjections().map((projection) => ({ ...projection, version: 2 }));
const away = new Error('Enough of this.');
const brokenOff = () => {
  const controller = new AbortController();
  return quietly({ signal: controller.signal, onProgress: () => controller.abort(away) });
};

describe('a raised version', () => {
  it('stays due until a rebuild, which makes it the version of the rows', async () => {
    await ensureCheckpoints(house.db, raised());
    expect(await live('deadlines')).toMatchObject({ version: 1, build: 1 });
    const { certificate } = await house.rebuildable('deadlines', {}, raised).rebuild(strictly());
    expect(certificate.version).toBe(2);
    expect(await live('deadlines')).toMatchObject({ version: 2, build: 2 });
    // Back to what the others of this file expect.
    await house.rebuildable('deadlines').rebuild(strictly());
    expect(await live('deadlines')).toMatchObject({ version: 1, build: 3 });
  });

  it('is what a read model begins with that has no rows yet', async () => {
    await ensureCheckpoints(house.db, [{ name: 'brand_new', version: 1 }]);
    await ensureCheckpoints(house.db, [{ name: 'brand_new', version: 2 }]);
    expect(await live('brand_new')).toMatchObject({ version: 2, position: -1n });
    await sql`delete from projection where name = 'brand_new'`.execute(house.db);
  });

  it('begins anew what another version has filled by half', async () => {
    const inPages = { pageMaxEvents: 100 };
    await expect(house.rebuildable('orders', inPages).rebuild(brokenOff())).rejects.toBe(away);
    const { certificate } = await house.rebuildable('orders', {}, raised).rebuild(strictly());
    expect(certificate.continuity.resumedAfter).toEqual([]);
    await house.rebuildable('orders').rebuild(strictly());
    expect((await house.schemas()).filter((name) => name.startsWith('orders_'))).toHaveLength(1);
  });

  it('begins anew what was filled by half into other tables, and does not go back to such', async () => {
    await house.rebuildable('deadlines').rebuild(strictly());
    const inPages = { pageMaxEvents: 100 };
    await expect(house.rebuildable('deadlines', inPages).rebuild(brokenOff())).rejects.toBe(away);
    await sql`alter table deadline add column note text`.execute(house.db);
    const rolledBack = house.rebuildable('deadlines').rollback(quietly());
    await expect(rolledBack).rejects.toMatchObject({ code: 'earlier_version_incompatible' });
    const { certificate } = await house.rebuildable('deadlines').rebuild(strictly());
    expect(certificate.continuity.resumedAfter).toEqual([]);
    await sql`alter table deadline drop column note`.execute(house.db);
    await house.rebuildable('deadlines').rebuild(strictly());
  });
});

describe('another release of the same version', () => {
  it('begins anew what the one before has filled by half, and says why', async () => {
    const inPages = { pageMaxEvents: 100 };
    const told: unknown[] = [];
    const onDropped = (dropped: unknown) => told.push(dropped);
    const by = (release: string) => ({ ...inPages, release, onDropped });
    await expect(house.rebuildable('payments', by('one')).rebuild(brokenOff())).rejects.toBe(away);
    await expect(house.rebuildable('payments', by('one')).rebuild(brokenOff())).rejects.toBe(away);
    expect(told).toEqual([]);
    const build = 1 + ((await live('payments'))?.build ?? 0);
    const { certificate } = await house.rebuildable('payments', by('two')).rebuild(strictly());
    expect(certificate.continuity.resumedAfter).toEqual([]);
    expect(told).toEqual([{ projection: 'payments', build, why: 'release', release: 'one' }]);
  });

  it('begins anew where a build does not say which release has filled it', async () => {
    const inPages = { pageMaxEvents: 100 };
    await expect(house.rebuildable('payments', inPages).rebuild(brokenOff())).rejects.toBe(away);
    const [schema = ''] = (await house.schemas()).filter((name) => name.startsWith('payments_')).slice(-1);
    await sql`alter table ${sql.id(schema, 'build')} drop column release`.execute(house.db);
    const told: unknown[] = [];
    const onDropped = (dropped: unknown) => told.push(dropped);
    const { certificate } = await house.rebuildable('payments', { onDropped }).rebuild(strictly());
    expect(certificate.continuity.resumedAfter).toEqual([]);
    expect(told).toMatchObject([{ why: 'release', release: undefined }]);
  });
});

describe('an event that cannot be applied', () => {
  const poisoned = (position: bigint) => () =>
    createProjections().map((projection) => ({
      ...projection,
      apply: async (...[db, events]: Parameters<typeof projection.apply>) => {
        if (events.some((event) => event.position === position)) throw new Error('Not to my taste.');
        await projection.apply(db, events);
      },
    }));
  const somePlaced = async () => {
    const { rows } = await sql<{ position: string }>`
      select position from order_event where type = 19 order by position limit 1
    `.execute(house.db);
    return BigInt(rows[0]?.position ?? 0);
  };

  it('ends the rebuild, unless somebody has said that it may be skipped', async () => {
    const position = await somePlaced();
    const projections = poisoned(position);
    await expect(house.rebuildable('orders', {}, projections).rebuild(strictly())).rejects.toMatchObject({
      code: 'event_cannot_be_applied',
      message: expect.stringContaining(`OrderRefunded at position ${position}`),
    });
    const skip = { position: String(position), type: 'OrderRefunded', reason: 'a test', actor: 'olga' };
    const skipsOf = async () => [skip];
    const told = house.rebuildable('orders', { skipsOf }, projections);
    const { outcome, differences, certificate } = await told.rebuild(quietly());
    expect(outcome).toBe('swapped');
    expect(differences.count).toBeGreaterThan(0);
    expect(differences.first.every(({ positions }) => positions.includes(position))).toBe(true);
    expect(certificate.skips).toEqual([skip]);
    expect(certificate.events.skipped).toEqual({ OrderRefunded: 1 });
    // A skip is for what cannot be applied: now it can.
    const again = await house.rebuildable('orders', { skipsOf }).rebuild(quietly());
    expect(again.certificate.skips).toEqual([]);
    expect((await house.rebuildable('orders').verify(quietly())).differences.count).toBe(0);
  });

  it('has stopped the live read model: a rebuild by code that can apply it lets that go on', async () => {
    const bad = createProjections().map((projection) => ({
      ...projection,
      apply: async (...[db, events]: Parameters<typeof projection.apply>) => {
        if (events.some(({ type }) => type === 'OrderRefunded')) throw new Error('Not to my taste.');
        await projection.apply(db, events);
      },
    }));
    await house.append(chapter(random.seed, 2));
    const stopping = await house.run(bad);
    await until('it has stopped', async () => (await live('orders'))?.stopped !== undefined);
    await stopping.stop();
    await expect(house.rebuildable('orders', {}, () => bad).rebuild(quietly())).rejects.toMatchObject({
      code: 'event_cannot_be_applied',
    });
    await house.rebuildable('orders').rebuild(strictly());
    expect(await live('orders')).toMatchObject({ stopped: undefined });
    for (const { name } of createProjections()) await house.rebuildable(name).rebuild(strictly());
    await house.fill();
    expect((await house.rebuildable('orders').verify(quietly())).differences.count).toBe(0);
  });

  it('is none where it only has the name of one of ours', async () => {
    const log = createStreamLog(house.store, engineCodec);
    const commandId = randomUUID();
    const event: EngineEvent = { type: 'OrderExpired', data: { orderNumber: idOf.order(7), places: [] } };
    const cause = { commandId, correlationId: 'x', actor: 'x' };
    const stream = `Foreign-${randomUUID()}`;
    await log.append(stream, 'no_stream', log.encode(stream, [event], cause, commandId));
    await house.append(chapter(random.seed, 3, 10));
    await house.fill();
    const { differences, certificate } = await house.rebuildable('orders').verify(quietly());
    expect(differences.count).toBe(0);
    expect(certificate.events.ignored).toMatchObject({ 'OrderExpired (in a stream of others)': 1 });
  });
});

describe('a rollback', () => {
  it('brings the build before up to date, and back; and forth again', async () => {
    const marked = () => markedProjections('marked');
    const before = (await live('programs'))?.build ?? 0;
    await house.rebuildable('programs', {}, marked).rebuild(quietly());
    const shown = (await contents(house.db))['program'] ?? [];
    expect(shown.every((row) => JSON.stringify(row).includes('"venue_en":"marked"'))).toBe(true);
    await house.append(chapter(random.seed, 4, 5));
    await house.fill();
    const { build, position, swapMs } = await house.rebuildable('programs').rollback(quietly());
    expect(build).toBe(before);
    expect(swapMs).toBeLessThan(1_000);
    expect(await live('programs')).toMatchObject({ build: before, position });
    expect((await house.rebuildable('programs').verify(quietly())).differences.count).toBe(0);
    await house.rebuildable('programs').rollback(quietly());
    expect((await live('programs'))?.build).toBe(before + 1);
    expect((await house.rebuildable('programs').verify(quietly())).differences.count).toBeGreaterThan(0);
    await house.rebuildable('programs').rebuild(quietly());
  });

  it('needs a build to go back to', async () => {
    const kept = (await house.schemas()).filter((name) => name.startsWith('payments_'));
    for (const name of kept) await sql`drop schema ${sql.id(name)} cascade`.execute(house.db);
    await expect(house.rebuildable('payments').rollback(quietly())).rejects.toMatchObject({
      code: 'no_earlier_version',
    });
  });

  it('has every older build where they are kept, and otherwise one', async () => {
    const schemas = async () => (await house.schemas()).filter((name) => name.startsWith('tickets_'));
    const first = (await live('tickets'))?.build ?? 0;
    for (let turn = 0; turn < 3; turn += 1) {
      await house.rebuildable('tickets').rebuild({ ...strictly(), keepOld: true });
    }
    const kept = [first, first + 1, first + 2].map((build) => `tickets_${build}`);
    expect(await schemas()).toEqual(expect.arrayContaining(kept));
    const { build } = await house.rebuildable('tickets').rollback(quietly());
    expect(build).toBe(first + 2);
    await house.rebuildable('tickets').rebuild(strictly());
    expect(await schemas()).toEqual([`tickets_${first + 2}`]);
  });
});
