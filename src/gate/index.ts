/** The gate, for the composition root and for the projector that feeds it. */
export {
  createGate,
  type Effect,
  type Gate,
  type GateOptions,
  type Reservation,
} from './gate.ts';
export type * from './outcomes.ts';
export { MAX_BUCKETS, type Refill } from './refill.ts';
export type { CategoryPlaces } from './scripts.ts';
