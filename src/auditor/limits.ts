/** Counts what each buyer and each id document has, event by event, against the limits of the program. */
import type { EventRef } from './event-ref.ts';
import type { Findings } from './findings.ts';
import type { Terms } from './stored-format.ts';

export type Limits = {
  readonly ordered: (what: string, tickets: number, by: EventRef) => void;
  /** Negative when places come back. */
  readonly buyer: (buyer: string, more: number, by: EventRef) => void;
  readonly document: (document: string, more: 1 | -1, by: EventRef) => void;
};

export function createLimits({ limits, oneTicketPerIdDocument }: Terms, findings: Findings): Limits {
  const buyers = new Map<string, number>();
  const documents = new Map<string, number>();
  const has = (count: number): string => (count === 1 ? 'has 1 ticket' : `has ${count} tickets`);
  return {
    ordered: (what, tickets, by) => {
      if (tickets <= limits.perOrder) return;
      findings.broken('order_too_large', `${what} ${has(tickets)}, ${limits.perOrder} are allowed`, by);
    },
    buyer: (buyer, more, by) => {
      const count = add(buyers, buyer, more);
      if (more <= 0 || count <= limits.perBuyer) return;
      const text = `buyer ${buyer} ${has(count)}, ${limits.perBuyer} are allowed`;
      findings.broken('buyer_over_limit', text, by);
    },
    document: (document, more, by) => {
      if (!oneTicketPerIdDocument) return;
      const count = add(documents, document, more);
      if (more <= 0 || count <= 1) return;
      findings.broken('id_document_twice', `id document ${document} ${has(count)}`, by);
    },
  };
}

function add(counts: Map<string, number>, key: string, more: number): number {
  const count = (counts.get(key) ?? 0) + more;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
  return count;
}
