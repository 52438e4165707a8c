/** The questions that the log answers, as whoever asks them sees them: HTTP and the command line alike. */
import type { BuyerAudit } from './answers.ts';
import type { BuyerQuestion } from './buyer.ts';
import type { OrderAnswer, OrderQuestion } from './order.ts';
import type { ProgramAnswer, ProgramQuestion } from './program.ts';
import type { SeatAnswer, SeatQuestion } from './seat.ts';

/** How a question is asked: who waits for it, and who is told why it may take long. */
export type Asking = {
  readonly signal?: AbortSignal | undefined;
  readonly onNote?: (note: string) => void;
};

/** Each rejects with what the stores reject with, and with the reason of the signal. */
export type Audits = {
  readonly order: (question: OrderQuestion, asking: Asking) => Promise<OrderAnswer>;
  readonly seat: (question: SeatQuestion, asking: Asking) => Promise<SeatAnswer>;
  readonly buyer: (question: BuyerQuestion, asking: Asking) => Promise<BuyerAudit>;
  readonly program: (question: ProgramQuestion, asking: Asking) => Promise<ProgramAnswer>;
};
