/** The gate, for the composition root and for the projector that feeds it. */
export { createGate, type Gate, type GateOptions } from './gate.ts';
export { ANY_PREVIOUS_STOCK, ANY_STOCK, nameOf, programOfStock, SWAP_FIELD } from './keys.ts';
export { createOrderGate } from './order-gate.ts';
export type * from './outcomes.ts';
export type { Refill } from './refill.ts';
export type { CategoryPlaces } from './scripts.ts';
export { packSeats, type SeatStatus, seatMapBytes, seatStatus } from './seat-map.ts';
export type { Effect } from './settle.ts';
export {
  createGateVersions,
  type GateCopy,
  type GateVersions,
  type VersionsClient,
} from './versions.ts';
