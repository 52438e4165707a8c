/** The lanes that are measured, and the server of one of them in a process of its own. */
import { type Forked, startForked } from '../support/forked.ts';

const PROGRAM = new URL('./lane-process.ts', import.meta.url);

export const laneNames = ['bare', 'lean', 'lean, new tokens', 'express'] as const;
export type LaneName = (typeof laneNames)[number];
/** What a lane's process is told; the key in hexadecimal digits. */
export type LaneStart = { readonly lane: LaneName; readonly key: string };

export const startLane = (start: LaneStart): Promise<Forked> => startForked(PROGRAM, start);
