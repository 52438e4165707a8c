/** How a projector does, read by somebody who does not run it. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { saleStream } from '../../src/domain/sale/index.ts';
import { readGateReport, writeGateReport } from '../../src/live/gate-reports.ts';
import { started } from '../domain/sale/fixtures.ts';
import { newProgram } from '../gate/support.ts';
import { useRedisServer } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { createMemoryLog } from './log.ts';
import { patientGate, startProjector } from './support.ts';

const redis = useRedisServer();

describe('the report of the gate’s projector', () => {
  it('is not there before one has run', async () => {
    expect(await readGateReport(redis.client)).toBeUndefined();
  });

  it('says how far it is, and goes on saying so after Redis was emptied', async () => {
    const log = createMemoryLog();
    const programId = newProgram();
    log.append(saleStream(programId), [started({ programId })]);
    const projector = await startProjector(redis, log, {
      gate: patientGate(redis).gate,
      report: (report) => writeGateReport(redis.client, report),
    });
    onTestFinished(() => projector.stop());
    const isTold = async () => (await readGateReport(redis.client))?.position === 0n;
    await until('it has told', isTold);
    expect(await readGateReport(redis.client)).toMatchObject({
      ...{ refills: 1, lagEvents: 0, lagMs: 0, liveSales: 1, brokenSales: [] },
      atMs: expect.any(Number),
    });
    await redis.client.flushall();
    await until('it has told again', isTold);
  });

  it('has the last thing that went wrong', async () => {
    const report = {
      ...{ position: undefined, applied: 0, refills: 0, lagEvents: 3, lagMs: 12.5, liveSales: 0 },
      ...{ brokenSales: [newProgram()], lastError: { message: 'The log is away.', atMs: 7 }, atMs: 8 },
    };
    await writeGateReport(redis.client, report);
    expect(await readGateReport(redis.client)).toEqual(report);
  });

  it('counts as none where another release wrote it', async () => {
    await redis.client.set('seatlog:gate:projector', '{"position":1}');
    expect(await readGateReport(redis.client)).toBeUndefined();
  });
});
